import type { Actor } from '../auth/actor.ts';
import { AppError } from '../errors.ts';
import type { Leg } from './leg.ts';
import type { CallListRow } from './queries.ts';

/**
 * An operator acts on the own call only, and no longer after leaving it; who manages seats, on any. Gives the operator's own leg:
 * the call, once locked, looks at it again, for one may have left since.
 */
export function requireOwnCall(call: CallListRow & { readonly legs: readonly Leg[] }, actor: Actor): string | undefined {
  const isOwn = actor.kind === 'user' && call.operatorId === actor.userId;
  const own = isOwn ? call.legs.find((leg) => leg.operatorId === actor.userId && leg.state !== 'ended') : undefined;
  if (!own && !(isOwn && call.state === 'ended') && !actor.permissions.has('seat.manage')) throw new AppError('forbidden', { permission: 'seat.manage' });
  return own?.id;
}

import type { FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.ts';
import { audit } from '../auth/audit.ts';
import { requireUser } from '../auth/authenticate.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { Leg } from './leg.ts';
import { findCall, type CallListRow } from './queries.ts';

/**
 * An operator acts on the own call only, and no longer after leaving it; who manages seats, on any. Gives the operator's own leg:
 * the call, once locked, looks at it again, for one may have left since.
 */
function requireOwnCall(call: CallListRow & { readonly legs: readonly Leg[] }, actor: Actor): string | undefined {
  const isOwn = actor.kind === 'user' && call.operatorId === actor.userId;
  const own = isOwn ? call.legs.find((leg) => leg.operatorId === actor.userId && leg.state !== 'ended') : undefined;
  if (!own && !(isOwn && call.state === 'ended') && !actor.permissions.has('seat.manage')) throw new AppError('forbidden', { permission: 'seat.manage' });
  return own?.id;
}

export type OwnCall = { readonly callId: string; readonly userId: string; /** None for who acts on another's call. */ readonly deskId: string | undefined };

export async function requireCall(deps: Pick<Deps, 'pool'>, callId: string) {
  const call = await findCall(deps.pool, callId);
  if (!call) throw new AppError('not_found', { entity: 'call', id: callId });
  return call;
}

/** The call of the request's address, when whoever is behind the request may act on it. */
export async function findOwnCall(deps: Pick<Deps, 'pool'>, request: FastifyRequest<{ Params: { callId: string } }>): Promise<OwnCall> {
  const user = requireUser(request);
  const call = await requireCall(deps, request.params.callId);
  return { callId: call.id, userId: user.userId, deskId: requireOwnCall(call, user) };
}

/** What somebody did to another's call is written down. */
export async function noteActForOther(deps: Pick<Deps, 'pool'>, request: FastifyRequest, { callId, deskId }: OwnCall, entry: { readonly action: string; readonly details?: object }): Promise<void> {
  if (deskId === undefined) await audit(deps.pool, request.actor, request, { ...entry, entity: 'call', entityId: callId });
}

import type { Deps } from '../deps.ts';
import type { Decision } from './decision.ts';
import { findCallOfLeg } from './queries.ts';

/** What never changes any more about a leg: whose it is, and that it is over. */
type Known = { readonly callId: string; isOver: boolean; /** By this process. */ isDialled: boolean };

/** Legs remembered at most; the oldest is forgotten first. A busy hotline has some thousands live. */
const most = 20_000;
const known = new WeakMap<Deps['pool'], Map<string, Known>>();

/**
 * The call of a channel whose leg is not known to be over; undefined for channels that are none of ours. Asterisk tells an end up to three times
 * and each channel's life in half a dozen events: only the first asks the database.
 */
export async function findCallOfLiveLeg({ pool }: Pick<Deps, 'pool'>, legId: string): Promise<string | undefined> {
  const legs = legsOf(pool);
  const leg = legs.get(legId);
  if (leg) return leg.isOver ? undefined : leg.callId;
  const callId = await findCallOfLeg(pool, legId);
  if (callId !== undefined) remember(legs, legId, { callId, isOver: false, isDialled: false }); // else its row may be on the way
  return callId;
}

/** What a decision that is committed made of its legs. */
export function noteLegs({ pool }: Pick<Deps, 'pool'>, { call, legs }: Pick<Decision, 'call' | 'legs'>): void {
  const known = legsOf(pool);
  for (const leg of legs) remember(known, leg.id, { callId: call.id, isOver: leg.state === 'ended', isDialled: known.get(leg.id)?.isDialled ?? false });
}

/** The leg's end is committed: nothing that Asterisk still says of it matters. */
export function noteLegOver({ pool }: Pick<Deps, 'pool'>, legId: string): void {
  const leg = legsOf(pool).get(legId);
  if (leg) leg.isOver = true;
}

/** A leg is about to be dialled. */
export function noteDialled({ pool }: Pick<Deps, 'pool'>, callId: string, legId: string): void {
  remember(legsOf(pool), legId, { callId, isOver: false, isDialled: true });
}

/** False for a leg that another process wrote down, and perhaps did not come to dial. */
export function wasDialledHere({ pool }: Pick<Deps, 'pool'>, legId: string): boolean {
  return legsOf(pool).get(legId)?.isDialled ?? false;
}

/** False for a leg that another process wrote down and of which nothing was heard here. */
export function isKnownHere({ pool }: Pick<Deps, 'pool'>, legId: string): boolean {
  return legsOf(pool).has(legId);
}

function remember(legs: Map<string, Known>, legId: string, leg: Known): void {
  legs.set(legId, leg);
  const [oldest] = legs.keys();
  if (legs.size > most && oldest !== undefined) legs.delete(oldest);
}

function legsOf(pool: Deps['pool']): Map<string, Known> {
  const legs = known.get(pool) ?? new Map<string, Known>();
  known.set(pool, legs);
  return legs;
}

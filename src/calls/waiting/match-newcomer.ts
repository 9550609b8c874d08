import type { Deps } from '../../deps.ts';
import type { Tx } from '../../db/query.ts';
import { lockFreeSeat } from '../../seats/queries.ts';
import type { Call } from '../call.ts';
import type { Decision } from '../decision.ts';
import { makePlan } from './make-plan.ts';
import { reservePair } from './reserve-pair.ts';

/**
 * Whoever comes while nobody else waits gets a seat in the transaction that opens the call: on a quiet day a call rings in one commit instead of
 * two. Null when others wait, or the seat is not to be had at once; then the call is matched like any other. A seat that somebody holds is not
 * waited for, because the caller holds the counter of cases, which comes last in the order of locks.
 */
export async function matchNewcomer(deps: Deps, tx: Tx, newcomer: Call): Promise<Decision | null> {
  if (!deps.telephony.isConnected()) return null;
  const { calls, matches: [match] } = await makePlan(deps, tx);
  if (calls.size !== 1 || match?.callId !== newcomer.id) return null;
  return reservePair(deps, tx, match, newcomer.queueId, { lock: lockFreeSeat, known: newcomer });
}

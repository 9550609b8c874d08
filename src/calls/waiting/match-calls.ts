import type { Deps } from '../../deps.ts';
import { transaction } from '../../db/transaction.ts';
import { lockSeat } from '../../seats/queries.ts';
import { carryOut } from '../apply-call-event.ts';
import { inOrder } from '../in-order.ts';
import { makePlan } from './make-plan.ts';
import type { Match, WaitingCall } from './match-rules.ts';
import { reservePair } from './reserve-pair.ts';

/** Plans that may be overtaken one after the other before this is left to the next sweep: more means that something is wrong. */
const mostPlans = 50;

/**
 * Gives waiting callers of all queues to ready seats. Any number of processes may do so at once: a plan is a hint made without
 * locks, each pair is looked at again under its locks, and whoever finds a pair lost plans anew. So a caller is passed over only
 * by a plan made before that caller waited. Without a telephone system nothing is matched: every seat would count as unreachable.
 */
export async function matchCalls(deps: Deps): Promise<void> {
  // Within a process one run at a time: whoever asks meanwhile shares the next one, which sees all that was there when they asked.
  const next = asked.get(deps) ?? inOrder('matching', () => {
    asked.delete(deps);
    return match(deps);
  });
  asked.set(deps, next);
  return next;
}

/** Runs that have not begun yet. */
const asked = new WeakMap<Deps, Promise<void>>();

async function match(deps: Deps): Promise<void> {
  for (let plans = 0; plans < mostPlans && deps.telephony.isConnected(); plans += 1) {
    const { calls, matches } = await makePlan(deps, deps.pool);
    if (await carryOutPlan(deps, calls, matches)) return;
  }
  if (deps.telephony.isConnected()) deps.log.warn('Matching was overtaken again and again; the next sweep goes on');
}

/** False as soon as a pair was lost; the rest would stand on what is no longer so. */
async function carryOutPlan(deps: Deps, calls: ReadonlyMap<string, WaitingCall>, matches: readonly Match[]): Promise<boolean> {
  for (const match of matches) {
    const queueId = calls.get(match.callId)?.queueId ?? null;
    const decision = await transaction(deps.pool, (tx) => reservePair(deps, tx, match, queueId, { lock: lockSeat }));
    if (!decision) return false;
    // The effects take their turn behind those of the event that led here; this loop does not wait for them.
    void inOrder(decision.call.id, () => carryOut(deps, decision))
      .catch((error: unknown) => deps.log.error({ err: error, callId: decision.call.id }, 'A matched seat could not be rung'));
  }
  return true;
}

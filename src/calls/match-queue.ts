import { v7 as uuid } from 'uuid';
import type { Deps } from '../deps.ts';
import type { Tx } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import { lockQueue } from '../routing/queries.ts';
import { lockLongestIdleSeat } from '../seats/queries.ts';
import { carryOut } from './apply-call-event.ts';
import type { Call } from './call.ts';
import type { Decision } from './decision.ts';
import { inOrder } from './in-order.ts';
import { findFirstWaiting, findQueuesWithWaiting, lockCall } from './queries.ts';
import { decideAndSave } from './save-decision.ts';

/**
 * Gives waiting callers to ready seats until one of the two runs out. Any number may run at once; the queue's lock makes them
 * take turns, so that nobody overtakes. Without a telephone system nothing is matched: every seat would count as unreachable.
 */
export async function matchQueue(deps: Deps, queueId: string): Promise<void> {
  while (deps.telephony.isConnected()) {
    const decision = await matchOne(deps, queueId);
    if (!decision) return;
    // The effects take their turn behind those of the event that led here; this loop does not wait for them.
    void inOrder(decision.call.id, () => carryOut(deps, decision))
      .catch((error: unknown) => deps.log.error({ err: error, callId: decision.call.id }, 'A matched seat could not be rung'));
  }
}

/** One caller and one seat, reserved for each other in one transaction. Locked in the order queue, call, seat. */
async function matchOne(deps: Deps, queueId: string): Promise<Decision | null> {
  return transaction(deps.pool, async (tx) => {
    const queue = await lockQueue(tx, queueId);
    if (!queue) return null;
    const call = await lockFirstWaiting(tx, queueId);
    if (!call) return null;
    const seat = await lockLongestIdleSeat(tx, queueId);
    if (!seat?.operatorId) return null;
    const { ringTimeoutSec } = queue;
    return decideAndSave(deps, tx, call, { type: 'matched', legId: uuid(), seatId: seat.id, operatorId: seat.operatorId, ringTimeoutSec });
  });
}

/** A caller whose row is held by an event just now is waited for, not passed over. */
async function lockFirstWaiting(tx: Tx, queueId: string): Promise<Call | undefined> {
  for (;;) {
    const callId = await findFirstWaiting(tx, queueId);
    const call = callId === undefined ? undefined : await lockCall(tx, callId);
    if (!call || call.state === 'waiting') return call;
  }
}

export async function matchAllQueues(deps: Deps): Promise<void> {
  for (const queueId of await findQueuesWithWaiting(deps.pool)) await matchQueue(deps, queueId);
}

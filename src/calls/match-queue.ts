import { v7 as uuid } from 'uuid';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import { findQueue } from '../routing/queries.ts';
import { lockLongestIdleSeat } from '../seats/queries.ts';
import { decideAndSave } from './apply-call-event.ts';
import type { Decision } from './call-machine.ts';
import { inOrder } from './in-order.ts';
import { findQueuesWithWaiting, lockFirstWaiting } from './queries.ts';
import { runEffects } from './run-effects.ts';

/** Gives waiting callers to ready seats until one of the two runs out. Any number may run at once. */
export async function matchQueue(deps: Deps, queueId: string): Promise<void> {
  for (;;) {
    const decision = await matchOne(deps, queueId);
    if (!decision) return;
    // The effects take their turn behind those of the event that led here; this loop does not wait for them.
    void inOrder(decision.call.id, () => runEffects(deps, decision))
      .catch((error: unknown) => deps.log.error({ err: error, callId: decision.call.id }, 'A matched seat could not be rung'));
  }
}

/** One caller and one seat, reserved for each other in one transaction: the seat is locked after the call, always in this order. */
async function matchOne(deps: Deps, queueId: string): Promise<Decision | null> {
  return transaction(deps.pool, async (tx) => {
    const call = await lockFirstWaiting(tx, queueId);
    if (!call) return null;
    const seat = await lockLongestIdleSeat(tx, queueId);
    const queue = await findQueue(tx, queueId);
    if (!seat?.operatorId || !queue) return null;
    return decideAndSave(deps, tx, call, { type: 'matched', legId: uuid(), seatId: seat.id, operatorId: seat.operatorId, ringTimeoutSec: queue.ringTimeoutSec });
  });
}

export async function matchAllQueues(deps: Deps): Promise<void> {
  for (const queueId of await findQueuesWithWaiting(deps.pool)) await matchQueue(deps, queueId);
}

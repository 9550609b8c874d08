import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import { applySeatEvent } from './apply-seat-event.ts';
import { findDueWrapUps, lockSeat } from './queries.ts';

/** Ends the seat's wrap-up when its time is over; otherwise there is nothing to do. */
export async function endWrapUp(deps: Deps, seatId: string): Promise<void> {
  await transaction(deps.pool, async (tx) => {
    const seat = await lockSeat(tx, seatId);
    if (seat?.state !== 'wrap_up' || !seat.wrapUpUntil || seat.wrapUpUntil > deps.now()) return;
    await applySeatEvent(deps, tx, seatId, { type: 'wrap_up_over' }, deps.now());
  });
}

/** The sweep behind the jobs: whatever alarm was lost, it ends here. */
export async function endDueWrapUps(deps: Deps): Promise<void> {
  for (const seatId of await findDueWrapUps(deps.pool, deps.now())) await endWrapUp(deps, seatId);
}

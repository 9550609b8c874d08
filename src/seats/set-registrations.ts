import type { Deps } from '../deps.ts';
import { notify, transaction } from '../db/transaction.ts';
import { publish } from '../events/publish.ts';
import { matchChannel } from './apply-seat-event.ts';
import { saveRegistrations } from './queries.ts';

/** Notes which softphones are registered; a seat without one is offered no calls. */
export async function setRegistrations(deps: Deps, seatIds: readonly string[], isRegistered: boolean): Promise<void> {
  await transaction(deps.pool, async (tx) => {
    for (const seatId of await saveRegistrations(tx, seatIds, isRegistered, deps.now())) {
      deps.log.info({ seatId, isRegistered }, isRegistered ? 'A seat’s phone registered' : 'A seat’s phone is gone');
      await publish(tx, { type: 'seat.changed', seatId });
      if (isRegistered) await notify(tx, matchChannel, seatId);
    }
  });
}

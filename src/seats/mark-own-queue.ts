import type { Deps } from '../deps.ts';
import { notify, transaction } from '../db/transaction.ts';
import { publish } from '../events/publish.ts';
import { matchChannel } from './apply-seat-event.ts';
import { saveOwnQueueChannels } from './queries.ts';

/**
 * Notes which seats talk in the telephone system's own queue now, each with the citizen's channel, and that all others do not: a
 * seat that is done there is what it was before, and may be offered a call.
 */
export async function markOwnQueue(deps: Deps, talking: ReadonlyMap<string, string>): Promise<void> {
  await transaction(deps.pool, async (tx) => {
    const changed = await saveOwnQueueChannels(tx, talking);
    for (const seatId of changed) {
      await publish(tx, { type: 'seat.changed', seatId });
      deps.log.info({ seatId, isTalking: talking.has(seatId) }, 'A seat talks in Asterisk’s own queue, or is done there');
    }
    if (changed.some((seatId) => !talking.has(seatId))) await notify(tx, matchChannel, '');
  });
}

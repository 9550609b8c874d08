import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import { findQueue } from '../routing/queries.ts';
import { carryOut } from './apply-call-event.ts';
import { inOrder } from './in-order.ts';
import { findDueAnnouncements, findPosition, lockCall } from './queries.ts';
import { decideAndSave } from './save-decision.ts';

/** Tells a waiting caller the place in the queue when that is due. */
async function announcePosition(deps: Deps, callId: string): Promise<void> {
  await inOrder(callId, async () => {
    const decision = await transaction(deps.pool, async (tx) => {
      const call = await lockCall(tx, callId);
      const queue = call?.queueId ? await findQueue(tx, call.queueId) : undefined;
      if (!call || !queue || queue.announceEverySec === 0) return null;
      const playbackId = `${callId}-position-${call.version}`;
      const position = await findPosition(tx, call);
      return decideAndSave(deps, tx, call, { type: 'announcement_due', playbackId, position, everySec: queue.announceEverySec });
    });
    if (decision) await carryOut(deps, decision);
  });
}

/** Looked for once a second by the sweep: a place told a second late hurts nobody, so it needs no alarm of its own. */
export async function announceDuePositions(deps: Deps): Promise<void> {
  for (const callId of await findDueAnnouncements(deps.pool, deps.now())) await announcePosition(deps, callId);
}

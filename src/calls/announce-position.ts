import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import { findQueue } from '../routing/queries.ts';
import { decideAndSave } from './apply-call-event.ts';
import { inOrder } from './in-order.ts';
import { findDueAnnouncements, findPosition, lockCall } from './queries.ts';
import { runEffects } from './run-effects.ts';

/** Tells a waiting caller the place in the queue when that is due. */
export async function announcePosition(deps: Deps, callId: string): Promise<void> {
  await inOrder(callId, async () => {
    const decision = await transaction(deps.pool, async (tx) => {
      const call = await lockCall(tx, callId);
      const queue = call?.queueId ? await findQueue(tx, call.queueId) : undefined;
      if (!call || !queue || queue.announceEverySec === 0) return null;
      const playbackId = `${callId}-position-${call.version}`;
      return decideAndSave(deps, tx, call, { type: 'announcement_due', playbackId, position: await findPosition(tx, call), everySec: queue.announceEverySec });
    });
    if (decision) await runEffects(deps, decision);
  });
}

export async function announceDuePositions(deps: Deps): Promise<void> {
  for (const callId of await findDueAnnouncements(deps.pool, deps.now())) await announcePosition(deps, callId);
}

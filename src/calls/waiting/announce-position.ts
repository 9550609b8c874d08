import type { Deps } from '../../deps.ts';
import { findQueue, type Queue } from '../../routing/queries.ts';
import type { Tx } from '../../db/query.ts';
import { actInTurn } from '../act-in-turn.ts';
import { findDueAnnouncements, findPosition } from '../queries.ts';
import { decideAndSave } from '../save-decision.ts';
import { callsLookedAt, estimateWaitSec, handlingSec, type ToldWait } from './wait-rules.ts';
import { countWorking, findHandling } from './wait-queries.ts';

/** Handling times by queue, read once for all who are told in one go. */
type Handlings = Map<string, number>;

/** Tells a waiting caller the place in the queue, and how long it will take, when that is due. */
async function announcePosition(deps: Deps, callId: string, handlings: Handlings): Promise<void> {
  await actInTurn(deps, callId, async (tx, call) => {
    const queue = call.queueId ? await findQueue(tx, call.queueId) : undefined;
    if (!queue || queue.announceEverySec === 0) return { decision: null, answer: undefined };
    const playbackId = `${callId}-position-${call.version}`;
    const position = await findPosition(tx, call, deps.now());
    const wait = await findWait(tx, { callId, queue, position }, handlings);
    return { decision: await decideAndSave(deps, tx, call, { type: 'announcement_due', playbackId, everySec: queue.announceEverySec, position, wait }), answer: undefined };
  });
}

async function findWait(tx: Tx, { callId, queue, position }: { callId: string; queue: Queue; position: number }, handlings: Handlings): Promise<ToldWait | null> {
  const seats = await countWorking(tx, callId);
  const perCallSec = handlings.get(queue.id) ?? handlingSec(await findHandling(tx, queue.id, callsLookedAt), queue.wrapUpSec);
  handlings.set(queue.id, perCallSec);
  const waitSec = estimateWaitSec({ position, seats, handlingSec: perCallSec });
  return waitSec === null ? null : { position, seats, waitSec };
}

/** Looked for once a second by the sweep: a place told a second late hurts nobody, so it needs no alarm of its own. */
export async function announceDuePositions(deps: Deps): Promise<void> {
  const handlings: Handlings = new Map();
  for (const callId of await findDueAnnouncements(deps.pool, deps.now())) await announcePosition(deps, callId, handlings);
}

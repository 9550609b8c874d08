import { isOpen } from '../../calendar/is-open.ts';
import type { Deps } from '../../deps.ts';
import type { Tx } from '../../db/query.ts';
import { atOnce } from '../../db/transaction.ts';
import { findRoute, type QueueCondition, type Route, type Start } from '../../routing/entrance-rules.ts';
import { entryPriority } from '../../routing/priority-rules.ts';
import { findNumberPriority, findQueue, findTreatment, type NumberRoute, type Queue } from '../../routing/queries.ts';
import { demandOf } from '../../routing/skill-rules.ts';
import { isServed } from '../../seats/queries.ts';
import type { Call } from '../call.ts';
import { ratingScript } from '../surveying/rating-script.ts';
import type { QueueFacts } from '../call-event.ts';
import { countWaiting } from '../queries.ts';
import { hasCalledInVain } from './wait-queries.ts';

/** Where the number that is called leads, and how the caller's own is treated. */
export type Known = { readonly route: NumberRoute; readonly treatment: 'blocked' | 'urgent' | undefined };

/**
 * Where a call that stands in `call.queueId` goes: into that queue, on to another, or away; with the facts of the queue it ends up in.
 * For whoever enters, or waits and should leave (`leaving`). `known`: what the caller has read already.
 */
export async function findEntrance(deps: Deps, tx: Tx, call: Call, { leaving = null, known }: { leaving?: Start['leaving']; known?: Known } = {}): Promise<QueueFacts> {
  const at = deps.now();
  const start: Start = { queueId: call.queueId ?? '', path: call.queuePath, leaving };
  const first = known?.route ?? await requireQueue(tx, start.queueId);
  const [route, priority] = await atOnce(findWay(deps, tx, call, { start, first }), leaving ? call.priority : findPriority(tx, call, { queue: first, at, known }));
  const { hops, refusal, queue } = route;
  const path = [...call.queuePath, ...hops.map((hop) => hop.from)];
  return { ...factsOf(queue, path), entrance: { start: start.queueId, queueId: queue.id, path, hops, refusal, priority: refusal ? call.priority : priority } };
}

/** Asks for the condition of one queue after the other, as long as the way depends on it. */
async function findWay(deps: Deps, tx: Tx, call: Call, { start, first }: { start: Start; first: Queue }): Promise<Route & { readonly queue: Queue }> {
  const queues = new Map<string, Queue>();
  const known = new Map<string, QueueCondition>();
  let route = findRoute(start, known);
  while ('needs' in route) {
    const queue = route.needs === first.id ? first : await requireQueue(tx, route.needs);
    queues.set(queue.id, queue);
    known.set(queue.id, await findCondition(deps, tx, call, queue));
    route = findRoute(start, known);
  }
  return { ...route, queue: queues.get(route.queueId) ?? first };
}

/** What decisions need to know of the queue a call stands in. */
export function factsOf(queue: Queue, path: readonly string[]): QueueFacts {
  const { wrapUpSec, announceEverySec, musicClass, overflowQueueId } = queue;
  const hasNext = overflowQueueId !== null && !path.includes(overflowQueueId);
  return { wrapUpSec, announceEverySec, musicClass, rating: queue.asksRating ? ratingScript : null, overflowAfterSec: hasNext ? queue.overflowAfterSec : null, entrance: null };
}

async function requireQueue(tx: Tx, queueId: string): Promise<Queue> {
  const queue = await findQueue(tx, queueId);
  if (!queue) throw new Error('a call in a queue that does not exist');
  return queue;
}

async function findCondition({ log, now }: Deps, tx: Tx, call: Call, queue: Queue): Promise<QueueCondition> {
  const { maxWaiting, overflowWaiting, overflowQueueId, nightQueueId } = queue;
  const [isQueueServed, isQueueOpen, waiting] = await atOnce(isServed(tx, queue.id, demandOf(queue.skills, call.skillCodes)), isOpen({ log }, tx, queue.hoursCode, now()), countWaiting(tx, queue.id, now()));
  return { isOpen: isQueueOpen, isServed: isQueueServed, waiting, maxWaiting, overflowWaiting, overflowQueueId, nightQueueId };
}

async function findPriority(tx: Tx, call: Call, { queue, at, known }: { queue: Queue; at: Date; known: Known | undefined }): Promise<number> {
  const number = call.callerNumber;
  const [numberPriority, treatment, isRepeat] = await atOnce(
    known?.route.priority ?? findNumberPriority(tx, call.calledNumber), known || number === null ? known?.treatment : findTreatment(tx, number, at),
    number !== null && queue.repeatWithinMin > 0 && hasCalledInVain(tx, number, new Date(at.getTime() - queue.repeatWithinMin * 60_000)),
  );
  return entryPriority({ numberPriority: Math.max(call.priority, numberPriority), isUrgent: treatment === 'urgent', isRepeat });
}

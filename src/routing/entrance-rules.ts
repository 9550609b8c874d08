/*
 * Which queue takes a caller. From the queue where the caller stands: closed leads to night duty; nobody who can serve, or too many
 * waiting, leads to the overflow queue; each queue is tried once. Where the way ends, the first queue on it that takes callers
 * at all does, for a longer wait is better than none; when none does, the caller is told why, by the queue that is on duty.
 */
export type RefusalReason = 'closed' | 'queue_full' | 'nobody_signed_in';
export type HopReason = RefusalReason | 'many_waiting' | 'waited_long';

/** What a queue is like now. */
export type QueueCondition = {
  readonly isOpen: boolean;
  /** Whether an operator is signed in who can serve this caller. */
  readonly isServed: boolean;
  readonly waiting: number;
  readonly maxWaiting: number;
  readonly overflowWaiting: number | null;
  readonly overflowQueueId: string | null;
  readonly nightQueueId: string | null;
};

export type Hop = { readonly from: string; readonly to: string; readonly reason: HopReason };
export type Route = { readonly queueId: string; readonly hops: readonly Hop[]; readonly refusal: RefusalReason | null };
export type Start = {
  readonly queueId: string;
  /** Queues that had the caller before. */
  readonly path: readonly string[];
  /** Why the caller, who waits in `queueId`, should leave it; null for one who comes. */
  readonly leaving: 'waited_long' | 'nobody_signed_in' | null;
};

/** The way of a caller, or the id of a queue whose condition must be known first: most ways need only one. */
export function findRoute(start: Start, known: ReadonlyMap<string, QueueCondition>): Route | { readonly needs: string } {
  const hops: Hop[] = [];
  const tried = new Set([...start.path, start.queueId]);
  for (let queueId = start.queueId; ;) {
    const here = known.get(queueId);
    if (!here) return { needs: queueId };
    const reason = queueId === start.queueId && start.leaving ? start.leaving : reasonToPass(here);
    if (!reason) return { queueId, hops, refusal: null };
    const next = here.isOpen ? here.overflowQueueId : here.nightQueueId ?? (start.leaving && queueId === start.queueId ? here.overflowQueueId : null);
    if (next === null || tried.has(next)) return settle(start, hops, known);
    hops.push({ from: queueId, to: next, reason });
    tried.add(next);
    queueId = next;
  }
}

function refusalOf(queue: QueueCondition): RefusalReason | null {
  if (!queue.isOpen) return 'closed';
  if (!queue.isServed) return 'nobody_signed_in';
  return queue.waiting >= queue.maxWaiting ? 'queue_full' : null;
}

function reasonToPass(queue: QueueCondition): HopReason | null {
  return refusalOf(queue) ?? (queue.overflowWaiting !== null && queue.waiting >= queue.overflowWaiting ? 'many_waiting' : null);
}

function settle(start: Start, hops: readonly Hop[], known: ReadonlyMap<string, QueueCondition>): Route {
  // Whoever has waited long in a queue is in it already, full or closed as it may be by now.
  const takes = (queueId: string): boolean => (queueId === start.queueId && start.leaving !== null
    ? start.leaving === 'waited_long' : whyNot(known, queueId) === null);
  const way = [start.queueId, ...hops.map((hop) => hop.to)];
  const end = way.findIndex(takes);
  if (end >= 0) return { queueId: way[end] ?? start.queueId, hops: hops.slice(0, end), refusal: null };
  if (start.leaving) return { queueId: start.queueId, hops: [], refusal: 'nobody_signed_in' };
  const nights = hops.findIndex((hop) => hop.reason !== 'closed');
  const duty = nights < 0 ? way.length - 1 : nights;
  const queueId = way[duty] ?? start.queueId;
  return { queueId, hops: hops.slice(0, duty), refusal: whyNot(known, queueId) ?? 'queue_full' };
}

function whyNot(known: ReadonlyMap<string, QueueCondition>, queueId: string): RefusalReason | null {
  const queue = known.get(queueId);
  return queue ? refusalOf(queue) : null;
}

import { query, queryOne, type Db } from '../db/query.ts';
import type { Demand } from './skill-rules.ts';

export type Queue = {
  readonly id: string;
  readonly name: string;
  /** Callers that may wait; one more hears that the lines are full. */
  readonly maxWaiting: number;
  readonly ringTimeoutSec: number;
  readonly wrapUpSec: number;
  /** Seconds between position announcements; 0 for none. */
  readonly announceEverySec: number;
  readonly musicClass: string;
  /** What every operator must have who is offered its calls. */
  readonly skills: readonly Demand[];
  /** Where callers go who have waited `overflowAfterSec`, or find `overflowWaiting` callers waiting, or nobody who can serve them. */
  readonly overflowQueueId: string | null;
  readonly overflowAfterSec: number | null;
  readonly overflowWaiting: number | null;
  /** When it is open; null for always. */
  readonly hoursCode: string | null;
  /** Night duty: where callers go while it is closed. */
  readonly nightQueueId: string | null;
  /** Whoever was not answered within so many minutes goes first when calling again; 0 for never. */
  readonly repeatWithinMin: number;
  /** Whether the citizen is asked for a mark when the operator leaves first. */
  readonly asksRating: boolean;
  /** Who hung up in it is called back by itself after so long; null: by hand. */
  readonly missedCallbackAfterSec: number | null;
  readonly version: number;
};

export const queueColumns = 'id, name, max_waiting, ring_timeout_sec, wrap_up_sec, announce_every_sec, music_class, '
  + 'skills, overflow_queue_id, overflow_after_sec, overflow_waiting, hours_code, night_queue_id, repeat_within_min, asks_rating, missed_callback_after_sec, version';

export async function findQueue(db: Db, queueId: string): Promise<Queue | undefined> {
  return queryOne<Queue>(db, `select ${queueColumns} from queues where id = $1`, [queueId]);
}

/** The longest wrap-up among the seat's queues, seconds; 0 for a seat without a queue. */
export async function findSeatWrapUpSec(db: Db, seatId: string): Promise<number> {
  const row = await queryOne<{ wrapUpSec: number | null }>(db, `select max(q.wrap_up_sec) as wrap_up_sec from queues q
    join queue_seats s on s.queue_id = q.id where s.seat_id = $1`, [seatId]);
  return row?.wrapUpSec ?? 0;
}

export async function servesQueue(db: Db, seatId: string, queueId: string): Promise<boolean> {
  return (await queryOne(db, 'select 1 from queue_seats where seat_id = $1 and queue_id = $2', [seatId, queueId])) !== undefined;
}

export async function listQueues(db: Db): Promise<Queue[]> {
  return query<Queue>(db, `select ${queueColumns} from queues order by id`);
}

/** Where a called number leads: its queue, after a greeting and by a menu where it has them; calls to it have `priority` at least. */
export type NumberRoute = Queue & { readonly greetingPrompts: string[]; readonly menuId: string | null; readonly priority: number };

export async function findRoute(db: Db, calledNumber: string): Promise<NumberRoute | undefined> {
  return queryOne<NumberRoute>(db, `select ${queueColumns.split(', ').map((name) => `q.${name}`).join(', ')}, n.greeting_prompts, n.menu_id, n.priority
    from numbers n join queues q on q.id = n.queue_id where n.number = $1`, [calledNumber]);
}

export async function listNumbers(db: Db): Promise<{ number: string; queueId: string; greetingPrompts: string[] }[]> {
  return query(db, 'select number, queue_id, greeting_prompts from numbers order by number');
}

/** The menu a called number leads into after its greeting; null for straight into its queue. */
export async function findMenuOfNumber(db: Db, calledNumber: string): Promise<string | null> {
  return (await queryOne<{ menuId: string | null }>(db, 'select menu_id from numbers where number = $1', [calledNumber]))?.menuId ?? null;
}

/** How the hotline treats a caller's number now; undefined for nothing particular. */
export async function findTreatment(db: Db, callerNumber: string, at: Date): Promise<'blocked' | 'urgent' | undefined> {
  const row = await queryOne<{ treatment: 'blocked' | 'urgent' }>(db, 'select treatment from caller_rules where number = $1 and (ends_at is null or ends_at > $2)',
    [callerNumber, at]);
  return row?.treatment;
}

/** The priority of a number that is called; 0 for one that is none of ours. */
export async function findNumberPriority(db: Db, calledNumber: string): Promise<number> {
  const row = await queryOne<{ priority: number }>(db, 'select priority from numbers where number = $1', [calledNumber]);
  return row?.priority ?? 0;
}

import { query, queryOne, type Db, type Tx } from '../db/query.ts';

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
  readonly version: number;
};

const columns = 'id, name, max_waiting, ring_timeout_sec, wrap_up_sec, announce_every_sec, music_class, version';

export async function findQueue(db: Db, queueId: string): Promise<Queue | undefined> {
  return queryOne<Queue>(db, `select ${columns} from queues where id = $1`, [queueId]);
}

/** Held while callers and seats of the queue are matched; rows that only refer to the queue are not kept waiting. */
export async function lockQueue(tx: Tx, queueId: string): Promise<Queue | undefined> {
  return queryOne<Queue>(tx, `select ${columns} from queues where id = $1 for no key update`, [queueId]);
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
  return query<Queue>(db, `select ${columns} from queues order by id`);
}

/** Where a called number leads. */
export type NumberRoute = Queue & { readonly greetingPrompts: string[] };

export async function findRoute(db: Db, calledNumber: string): Promise<NumberRoute | undefined> {
  return queryOne<NumberRoute>(db, `select ${columns.split(', ').map((name) => `q.${name}`).join(', ')}, n.greeting_prompts
    from numbers n join queues q on q.id = n.queue_id where n.number = $1`, [calledNumber]);
}

export async function listNumbers(db: Db): Promise<{ number: string; queueId: string; greetingPrompts: string[] }[]> {
  return query(db, 'select number, queue_id, greeting_prompts from numbers order by number');
}

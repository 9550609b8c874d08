import { query, queryOne, type Db, type Tx } from '../../db/query.ts';
import type { CallState } from '../call.ts';

/*
 * Callbacks that have not reached their citizen yet; one a number (index calls_callback_number). Their `called_number` is the citizen's.
 */
const isOnItsWay = `callback_of is not null and connected_at is null and state <> 'ended'`;

/** Held until the end of the transaction: of two callers with one number only one may ask at a time. */
export async function lockNumber(tx: Tx, number: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 12345))', [number]);
}

export async function hasCallback(db: Db, number: string): Promise<boolean> {
  return (await queryOne(db, `select id from calls where called_number = $1 and ${isOnItsWay}`, [number])) !== undefined;
}

/** Whether the number is on the line in another call just now. */
export async function isOnTheLine(db: Db, number: string, exceptCallId: string): Promise<boolean> {
  return (await queryOne(db, `select id from calls where caller_number = $1 and direction = 'inbound' and state <> 'ended' and id <> $2 limit 1`, [number, exceptCallId])) !== undefined;
}

/** The callback of this number, its row locked. */
export async function lockCallback(tx: Tx, number: string): Promise<string | undefined> {
  return (await queryOne<{ id: string }>(tx, `select id from calls where called_number = $1 and ${isOnItsWay} for no key update`, [number]))?.id;
}

/** A callback of this number on its way, with the case it belongs to, as long as something can be written into that. */
export async function findCallback(db: Db, number: string): Promise<{ readonly caseId: string | null } | undefined> {
  return queryOne(db, `select k.id as case_id from calls c left join cases k on k.id = c.case_id and k.state in ('draft', 'needs_info', 'callback')
    where c.called_number = $1 and c.callback_of is not null and c.connected_at is null and c.state <> 'ended'`, [number]);
}

/** Whether somebody else still cares for the call's case: its callback, whatever became of it, or that of another call about the same matter. */
export async function isCalledBack(db: Db, call: { id: string; caseId: string }): Promise<boolean> {
  return (await queryOne(db, `select id from calls where callback_of = $1
    or (case_id = $2 and id <> $1 and callback_of is not null and state <> 'ended') limit 1`, [call.id, call.caseId])) !== undefined;
}

/** Waiting callers who have not been told of the callback, and have waited as long as their queue says. One announcement at a time. */
export async function findDueOffers(db: Db, now: Date): Promise<string[]> {
  const rows = await query<{ id: string }>(db, `select c.id from calls c join queues q on q.id = c.queue_id
    where c.state = 'waiting' and c.direction = 'inbound' and c.callback_offered_at is null and c.playback_id is null
      and c.caller_kind in ('mobile', 'landline') and c.queued_at + make_interval(secs => q.callback_offer_after_sec) <= $1
      and not exists (select from calls b where b.called_number = c.caller_number
        and b.callback_of is not null and b.connected_at is null and b.state <> 'ended')`, [now]);
  return rows.map((row) => row.id);
}

export type CallbackRow = {
  readonly id: string; readonly callbackOf: string; readonly queueId: string; readonly caseId: string; readonly caseNumber: string;
  readonly calledNumber: string; readonly isConfidential: boolean; readonly state: CallState; readonly seatId: string | null; readonly priority: number;
  readonly queuedAt: Date; readonly offeredAt: Date; readonly attempts: number; readonly retryAt: Date | null;
};

/** In the order in which seats are offered them; those that wait for their next try at the end. */
export async function listCallbacks(db: Db, now: Date): Promise<CallbackRow[]> {
  return query<CallbackRow>(db, `select c.id, c.callback_of, c.queue_id, c.case_id, k.number as case_number, c.called_number, k.is_confidential, c.state, c.seat_id,
      c.priority, c.queued_at, c.offered_at, c.attempts, c.retry_at
    from calls c join cases k on k.id = c.case_id
    where c.callback_of is not null and c.connected_at is null and c.state <> 'ended'
    order by coalesce(c.retry_at > $1, false), c.priority desc, c.queued_at, c.id limit 1000`, [now]);
}

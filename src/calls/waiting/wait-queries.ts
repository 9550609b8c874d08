import { vault } from '../../cases/identity/vault.ts';
import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';
import { queueColumns, type Queue } from '../../routing/queries.ts';
import { inVainOutcomes } from '../call.ts';
import { isWaitingAt, selectCallList, type CallListRow } from '../queries.ts';

/** The queue where a call stands, sent along with what locks the call. */
export async function findQueueOfCall(tx: Tx, callId: string): Promise<Queue | undefined> {
  return queryOne<Queue>(tx, `select ${queueColumns} from queues where id = (select queue_id from calls where id = $1)`, [callId]);
}

/**
 * Whether a number called since then, came as far as the queue, and was answered by nobody. Who hung up in the greeting has not
 * waited and is owed nothing; who was told that it is closed, or asked to be called back, has an answer.
 */
export async function hasCalledInVain(db: Db, callerNumber: string, since: Date): Promise<boolean> {
  const isInVain = `direction = 'inbound' and ended_at >= $2 and connected_at is null and outcome = any($4)`;
  return (await queryOne(db, `(select 1 from calls where caller_number = $1 and ${isInVain} limit 1)
    union all (select 1 from sealed_callers s join calls c on c.id = s.call_id where s.caller_index = any($3) and ${isInVain} limit 1)`, [callerNumber, since, vault().indexesOf(callerNumber), inVainOutcomes])) !== undefined;
}

/** Whoever has waited as long as the queue allows before it passes callers on. */
export async function findOverflowDue(db: Db, now: Date): Promise<string[]> {
  const rows = await query<{ id: string }>(db, `select id from calls where state = 'waiting' and overflow_at <= $1 order by overflow_at`, [now]);
  return rows.map((row) => row.id);
}

/** Notes who waits while nobody signed in can serve them, and since when. A row that an event holds just now is looked at next time. */
export async function markUnserved(db: Db, now: Date): Promise<void> {
  await execute(db, `with served as (
      select c.id, c.unserved_since, exists (select 1 from seats s join queue_seats m on m.seat_id = s.id left join operator_skills k on k.operator_id = s.operator_id
        where m.queue_id = c.queue_id and s.state <> 'signed_out' and s.disabled_at is null and meets_demand(k.skills, call_demand(q.skills, c.skill_codes))) as is_served
      from calls c join queues q on q.id = c.queue_id where c.state = 'waiting'
    ), changed as (
      select c.id, served.is_served from calls c join served on served.id = c.id
      where served.is_served = (served.unserved_since is not null) for no key update of c skip locked
    )
    update calls set unserved_since = case when changed.is_served then null else $1::timestamptz end from changed where calls.id = changed.id`, [now]);
}

/** Whoever has waited since then without anybody there for them; a callback, whom nobody keeps on the line, for the first seconds only. */
export async function findUnserved(db: Db, since: Date): Promise<string[]> {
  const rows = await query<{ id: string }>(db, `select id from calls where state = 'waiting' and unserved_since <= $1
    and (callback_of is null or connected_at is not null or unserved_since > $1::timestamptz - interval '10 seconds') order by queued_at`, [since]);
  return rows.map((row) => row.id);
}

/**
 * Mean of what a seat spent on each of the last `most` calls that the queue had answered, seconds: talk and wrap-up. `count` tells
 * how many there were.
 */
export async function findHandling(db: Db, queueId: string, most: number): Promise<{ readonly count: number; readonly meanSec: number | null }> {
  const row = await queryOne<{ count: number; meanSec: number | null }>(db, `with last as (
      select id, connected_at, ended_at from calls where queue_id = $1 and connected_at is not null and ended_at is not null order by ended_at desc limit $2)
    select count(*), avg(extract(epoch from l.ended_at - l.connected_at) + coalesce(w.sec, 0))::float8 as mean_sec from last l
    left join lateral (select extract(epoch from o.at - r.at) as sec from seat_events r
      join lateral (select at from seat_events e where e.seat_id = r.seat_id and e.id > r.id and e.from_state = 'wrap_up' and e.to_state <> 'wrap_up' order by e.id limit 1) o on true
      where r.call_id = l.id and r.event = 'release' and r.to_state = 'wrap_up' order by r.id limit 1) w on true`, [queueId, most]);
  return row ?? { count: 0, meanSec: null };
}

/** Operators in the queue who take a call with these demands, now or after the one they are on. */
export async function countWorking(db: Db, callId: string): Promise<number> {
  const row = await queryOne<{ count: number }>(db, `select count(*) from calls c join queues q on q.id = c.queue_id join queue_seats m on m.queue_id = q.id
    join seats s on s.id = m.seat_id left join operator_skills k on k.operator_id = s.operator_id
    where c.id = $1 and s.state not in ('signed_out', 'not_ready') and s.disabled_at is null and meets_demand(k.skills, call_demand(q.skills, c.skill_codes))`, [callId]);
  return row?.count ?? 0;
}

export type QueueStatus = { readonly queueId: string; readonly waiting: number; readonly oldestAt: Date | null; readonly signedIn: number;
  readonly ready: number; readonly working: number };

/** Who waits in each queue, and who is there for it; operators count who have the skills that the queue asks. */
export async function listQueueStatus(db: Db, now: Date): Promise<QueueStatus[]> {
  return query<QueueStatus>(db, `select q.id as queue_id, w.waiting, w.oldest_at, s.signed_in, s.ready, s.working from queues q
    cross join lateral (select count(*) as waiting, min(queued_at) as oldest_at from calls where queue_id = q.id and ${isWaitingAt('$1')}) w
    cross join lateral (select count(*) filter (where s.state <> 'signed_out') as signed_in, count(*) filter (where s.state = 'ready' and s.is_registered) as ready,
        count(*) filter (where s.state not in ('signed_out', 'not_ready')) as working
      from seats s join queue_seats m on m.seat_id = s.id left join operator_skills k on k.operator_id = s.operator_id
      where m.queue_id = q.id and s.disabled_at is null and meets_demand(k.skills, q.skills)) s`, [now]);
}

/** The callers of a queue in the order in which they are served. */
export async function listWaitingCalls(db: Db, queueId: string, now: Date): Promise<CallListRow[]> {
  return query<CallListRow>(db, `${selectCallList}
    where c.id in (select id from calls where queue_id = $1 and ${isWaitingAt('$2')}) order by c.priority desc, c.queued_at, c.id`, [queueId, now]);
}

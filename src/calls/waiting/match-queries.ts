import { vault } from '../../cases/identity/vault.ts';
import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';
import { onDutySql } from '../../leaders/queries.ts';
import type { Demand, HeldSkill } from '../../routing/skill-rules.ts';
import type { FreeSeat, Strategy } from './match-rules.ts';
import { isWaitingAt } from '../queries.ts';

export type WaitingRow = { readonly id: string; readonly queueId: string; readonly strategy: Strategy; readonly queueSkills: Demand[];
  readonly skillCodes: string[]; readonly lastOperatorId: string | null };

/** Everybody who waits, in the order in which they are served. */
export async function listWaiting(db: Db, now: Date): Promise<WaitingRow[]> {
  const rows = await query<Omit<WaitingRow, 'lastOperatorId'> & { readonly asksFor: string | null }>(db, `select c.id, c.queue_id, q.strategy, q.skills as queue_skills, c.skill_codes,
      case when q.strategy = 'last_operator_first' then c.caller_number end as asks_for
    from calls c join queues q on q.id = c.queue_id where ${isWaitingAt('$1')} order by c.priority desc, c.queued_at, c.id`, [now]);
  const spoke = await findLastOperators(db, [...new Set(rows.flatMap((row) => row.asksFor ?? []))]);
  return rows.map(({ asksFor, ...row }) => ({ ...row, lastOperatorId: spoke.get(asksFor ?? '') ?? null }));
}

/** Who spoke last with each of these callers; one whom nobody spoke with is missing. */
async function findLastOperators(db: Db, numbers: readonly string[]): Promise<Map<string, string | null>> {
  if (numbers.length === 0) return new Map();
  const keyed = numbers.flatMap((number) => vault().indexesOf(number).map((index) => ({ number, index })));
  const rows = await query<{ number: string; operatorId: string | null }>(db, `select distinct on (n.number) n.number, l.operator_id from unnest($1::text[], $2::bytea[]) as n (number, caller_index)
    cross join lateral (select id from calls where caller_number = n.number union all select call_id from sealed_callers where caller_index = n.caller_index) e
    join call_legs l on l.call_id = e.id and l.role = 'operator' and l.answered_at is not null order by n.number, l.answered_at desc`,
  [keyed.map((one) => one.number), keyed.map((one) => one.index)]);
  return new Map(rows.map((row) => [row.number, row.operatorId]));
}

/** What is asked of the seats of a queue: how many of the longest idle are enough (null: all), and whether calls of the day are counted. */
export type SeatWish = { readonly queueId: string; readonly limit: number | null; readonly countsCalls: boolean };
type SeatRow = Omit<FreeSeat, 'queueIds' | 'leadsQueueIds'> & { readonly leads: boolean };

/**
 * Ready seats of a queue with registered phones: those of its leaders now, and the longest idle (which may be among them). In two parts, so that
 * the second reads as many rows of its index as are wanted. What decides about the plan stands in the text, not in a value: PostgreSQL then keeps
 * the plan of a lone caller, and to make it anew takes longer than all that the call writes.
 */
export async function listFreeSeats(db: Db, { queueId, limit, countsCalls }: SeatWish, dayStart: Date, now: Date): Promise<SeatRow[]> {
  const values: unknown[] = [queueId, now];
  const add = (value: unknown): string => `$${values.push(value)}`;
  const most = limit === 1 ? '1' : add(limit);
  const answered = countsCalls ? `(select count(*) from call_legs l join calls c on c.id = l.call_id and (c.direction = 'inbound' or c.callback_of is not null)
    where l.operator_id = s.operator_id and l.role = 'operator' and l.answered_at >= ${add(dayStart)})` : '0';
  const freeSeat = `s.id, s.operator_id, s.idle_since, coalesce(k.skills, '[]') as skills, ${answered} as answered_today`;
  return query<SeatRow>(db, `with duty as materialized (${onDutySql({ queue: '$1', at: '$2' })})
    (select ${freeSeat}, true as leads ${fromFree} join duty d on d.user_id = s.operator_id and (d.seat_id is null or d.seat_id = s.id) where ${isFree})
    union all
    (select ${freeSeat}, false ${fromFree} where ${isFree} order by s.idle_since, s.id limit ${most})`, values);
}

/** Ready, with a phone that is registered and not in a call of Asterisk's own queue. */
const isFree = `s.state = 'ready' and s.is_registered and s.own_queue_channel is null`;
const fromFree = `from seats s join queue_seats m on m.seat_id = s.id and m.queue_id = $1
  join users u on u.id = s.operator_id and u.disabled_at is null and (u.ends_at is null or u.ends_at > $2)
  left join operator_skills k on k.operator_id = s.operator_id`;

/** The seat that each queue offered a call to last. */
export async function findTurns(db: Db, queueIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await query<{ queueId: string; seatId: string }>(db, 'select queue_id, seat_id from queue_turns where queue_id = any($1)', [queueIds]);
  return new Map(rows.map((row) => [row.queueId, row.seatId]));
}

export async function saveTurn(tx: Tx, queueId: string, seatId: string): Promise<void> {
  await execute(tx, `insert into queue_turns (queue_id, seat_id) values ($1, $2) on conflict (queue_id) do update set seat_id = excluded.seat_id`, [queueId, seatId]);
}

export type Service = { readonly strategy: Strategy; readonly ringTimeoutSec: number; readonly queueSkills: Demand[]; readonly skills: HeldSkill[] };

/** How a seat serves a queue now, with the skills of whoever sits there; undefined when it does not. */
export async function findService(tx: Tx, seatId: string, queueId: string | null): Promise<Service | undefined> {
  return queryOne<Service>(tx, `select q.strategy, q.ring_timeout_sec, q.skills as queue_skills, coalesce(k.skills, '[]') as skills
    from queue_seats m join queues q on q.id = m.queue_id join seats s on s.id = m.seat_id left join operator_skills k on k.operator_id = s.operator_id
    where m.seat_id = $1 and m.queue_id = $2`, [seatId, queueId]);
}

import { execute, query, queryOne, type Db, type Statement, type Tx } from '../db/query.ts';
import type { Demand } from '../routing/skill-rules.ts';
import type { Seat, SeatState } from './seat.ts';

export const seatColumns = `id, state, state_since, idle_since, operator_id, not_ready_reason, call_id,
  wrap_up_until, wrap_up_extended, pending_state, pending_reason, pending_by, own_queue_channel, is_registered, version`;

export async function lockSeat(tx: Tx, seatId: string): Promise<Seat | undefined> {
  return queryOne<Seat>(tx, `select ${seatColumns} from seats where id = $1 and removed_at is null for no key update`, [seatId]);
}

/** The same, without waiting: undefined when somebody else holds it. */
export async function lockFreeSeat(tx: Tx, seatId: string): Promise<Seat | undefined> {
  return queryOne<Seat>(tx, `select ${seatColumns} from seats where id = $1 and removed_at is null for no key update skip locked`, [seatId]);
}

export async function findSeat(db: Db, seatId: string): Promise<Seat | undefined> {
  return queryOne<Seat>(db, `select ${seatColumns} from seats where id = $1 and removed_at is null`, [seatId]);
}

export async function findSeatOfOperator(db: Db, operatorId: string): Promise<Seat | undefined> {
  return queryOne<Seat>(db, `select ${seatColumns} from seats where operator_id = $1`, [operatorId]);
}

export type SeatListRow = Seat & { readonly operatorName: string | null };

export async function listSeats(db: Db, after: string, limit: number): Promise<SeatListRow[]> {
  return query<SeatListRow>(db, `select ${seatColumns.replaceAll(/\b(id|version)\b/g, 's.$1')}, u.display_name as operator_name
    from seats s left join users u on u.id = s.operator_id where s.id > $1 and s.removed_at is null order by s.id limit $2`, [after, limit]);
}

/** Whether an operator who meets a demand is signed in at a seat of the queue, whatever they do now. */
export async function isServed(db: Db, queueId: string, demand: readonly Demand[]): Promise<boolean> {
  return (await queryOne(db, `select 1 from seats s join queue_seats q on q.seat_id = s.id left join operator_skills k on k.operator_id = s.operator_id
    where q.queue_id = $1 and s.state <> 'signed_out' and s.disabled_at is null and meets_demand(k.skills, $2) limit 1`, [queueId, JSON.stringify(demand)])) !== undefined;
}

/** Seats whose operator takes calls, now or after the one they are on, with each queue they serve. */
export async function listWorkingSeats(db: Db): Promise<{ seatId: string; queueId: string }[]> {
  return query(db, `select s.id as seat_id, q.queue_id from seats s join queue_seats q on q.seat_id = s.id
    where s.state not in ('signed_out', 'not_ready') and s.disabled_at is null and (s.pending_state is null or s.pending_state = 'ready')`);
}

/** How many seats are in each state; a state without any is missing. */
export async function countSeats(db: Db): Promise<{ readonly state: SeatState; readonly count: number }[]> {
  return query(db, 'select state, count(*) from seats where removed_at is null group by state');
}

export function saveSeat(seat: Seat): Statement {
  return { text: `update seats set state = $2, state_since = $3, idle_since = $4, operator_id = $5, not_ready_reason = $6,
    call_id = $7, wrap_up_until = $8, wrap_up_extended = $9, version = $10,
    pending_state = $11, pending_reason = $12, pending_by = $13 where id = $1`, values: [seat.id, seat.state, seat.stateSince, seat.idleSince, seat.operatorId, seat.notReadyReason, seat.callId,
      seat.wrapUpUntil, seat.wrapUpExtended, seat.version, seat.pendingState, seat.pendingReason, seat.pendingBy] };
}

export function insertSeatEvent(before: Seat, after: Seat, event: { readonly type: string; readonly forcedBy?: string | undefined }, at: Date): Statement {
  // What was said for after the call counts as forced when it comes true.
  const forcedBy = event.forcedBy ?? (before.pendingState && !after.pendingState ? before.pendingBy : null);
  return { text: `insert into seat_events (seat_id, at, event, from_state, to_state, operator_id, reason, call_id, forced_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, values: [after.id, at, event.type, before.state, after.state,
    after.operatorId ?? before.operatorId, after.notReadyReason, after.callId ?? before.callId, forcedBy] };
}

/** Marks seats registered or not; returns those that changed. */
export async function saveRegistrations(tx: Tx, seatIds: readonly string[], isRegistered: boolean, at: Date): Promise<string[]> {
  const rows = await query<{ id: string }>(tx, `update seats set is_registered = $2, registered_changed_at = $3
    where id = any($1) and is_registered <> $2 returning id`, [seatIds, isRegistered, at]);
  return rows.map((row) => row.id);
}

/** `talking`: the channel by seat. Returns the seats that changed. */
export async function saveOwnQueueChannels(tx: Tx, talking: ReadonlyMap<string, string>): Promise<string[]> {
  const rows = await query<{ id: string }>(tx, `update seats s set own_queue_channel = now.channel from seats before
    left join unnest($1::text[], $2::text[]) as now (seat_id, channel) on now.seat_id = before.id
    where s.id = before.id and s.own_queue_channel is distinct from now.channel returning s.id`, [[...talking.keys()], [...talking.values()]]);
  return rows.map((row) => row.id);
}

export async function findDueWrapUps(db: Db, now: Date): Promise<string[]> {
  const rows = await query<{ id: string }>(db, `select id from seats where state = 'wrap_up' and wrap_up_until <= $1`, [now]);
  return rows.map((row) => row.id);
}

/** A seat that is not enabled has no phone. */
export async function listSeatAccounts(db: Db): Promise<{ id: string; sipDigest: string; isEnabled: boolean }[]> {
  return query(db, 'select id, sip_digest, disabled_at is null as is_enabled from seats where removed_at is null order by id');
}

export async function insertSeat(tx: Tx, seat: { id: string; sipDigest: string; queueIds: readonly string[] }, at: Date): Promise<void> {
  await execute(tx, 'insert into seats (id, sip_digest, state_since) values ($1, $2, $3)', [seat.id, seat.sipDigest, at]);
  await execute(tx, 'insert into queue_seats (queue_id, seat_id) select unnest($1::text[]), $2', [seat.queueIds, seat.id]);
}

/** A new seat's digest, or another one for a seat; what is new stays hidden until it is configured. */
export async function saveSeatDigest(tx: Tx, { id, sipDigest, at }: { id: string; sipDigest: string; at: Date }): Promise<void> {
  await execute(tx, `insert into seats (id, sip_digest, state_since, password_set_at, removed_at) values ($1, $2, $3, $3, $3)
    on conflict (id) do update set sip_digest = excluded.sip_digest, password_set_at = excluded.password_set_at`, [id, sipDigest, at]);
}

export async function configureSeat(tx: Tx, seat: { id: string; queueIds: readonly string[]; isEnabled: boolean; version: number; at: Date }): Promise<void> {
  await execute(tx, `update seats set removed_at = null, disabled_at = case when $2 then null else coalesce(disabled_at, $3) end, configuration_version = $4
    where id = $1`, [seat.id, seat.isEnabled, seat.at, seat.version]);
  await execute(tx, 'delete from queue_seats where seat_id = $1 and queue_id <> all($2)', [seat.id, seat.queueIds]);
  await execute(tx, 'insert into queue_seats (queue_id, seat_id) select unnest($1::text[]), $2 on conflict do nothing', [seat.queueIds, seat.id]);
}

/** Its row stays, for calls and events name it. */
export async function removeSeat(tx: Tx, seatId: string, at: Date): Promise<void> {
  await execute(tx, 'update seats set removed_at = $2, is_registered = false where id = $1', [seatId, at]);
  await execute(tx, 'delete from queue_seats where seat_id = $1', [seatId]);
}

/** Whether its phone may register. */
export async function isSeatEnabled(db: Db, seatId: string): Promise<boolean> {
  return (await queryOne(db, 'select id from seats where id = $1 and disabled_at is null and removed_at is null', [seatId])) !== undefined;
}

export type NotReadyReason = { readonly code: string; readonly nameZh: string; readonly nameEn: string; readonly isSelectable: boolean };

export async function listNotReadyReasons(db: Db): Promise<NotReadyReason[]> {
  return query(db, 'select code, name_zh, name_en, is_selectable from not_ready_reasons order by position');
}

export async function countSeatsByReason(db: Db, reason: string): Promise<number> {
  const row = await queryOne<{ count: number }>(db, 'select count(*) from seats where not_ready_reason = $1', [reason]);
  return row?.count ?? 0;
}

export type SeatEventRow = { readonly id: number; readonly at: Date; readonly event: string; readonly fromState: string;
  readonly toState: string; readonly operatorId: string | null; readonly reason: string | null; readonly callId: string | null; readonly forcedBy: string | null };

export async function listSeatEvents(db: Db, seatId: string, before: number, limit: number): Promise<SeatEventRow[]> {
  return query(db, `select id, at, event, from_state, to_state, operator_id, reason, call_id, forced_by from seat_events
    where seat_id = $1 and id < $2 order by id desc limit $3`, [seatId, before, limit]);
}

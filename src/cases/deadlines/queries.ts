import { execute, query, queryOne, type Db, type Statement, type Tx } from '../../db/query.ts';
import type { Count, DeadlineRule } from './deadline-rules.ts';

export async function listRules(db: Db): Promise<DeadlineRule[]> {
  return query(db, 'select code, type, urgency, flag, category_code, unit, amount, sign_amount, contact_amount from deadline_rules order by position, code');
}

/** A category with those above it. */
export async function listCategoriesAbove(db: Db, code: string): Promise<string[]> {
  const rows = await query<{ code: string }>(db, `with recursive above as (select code, parent_code from case_categories where code = $1
    union select c.code, c.parent_code from case_categories c join above a on a.parent_code = c.code) select code from above`, [code]);
  return rows.map((row) => row.code);
}

export type AlarmKind = 'yellow' | 'red' | 'sign' | 'contact' | 'decision' | 'review' | 'supervision' | 'callback' | 'instruction';
export type Alarm = { readonly id: string; readonly caseId: string; readonly partId: string | null; readonly kind: AlarmKind; readonly at: Date; readonly rungAt: Date | null };
const alarmColumns = 'id, case_id, case_unit_id as part_id, kind, at, rung_at';

export async function listAlarms(db: Db, caseId: string): Promise<Alarm[]> {
  return query(db, `select ${alarmColumns} from case_alarms where case_id = $1`, [caseId]);
}

export function insertAlarms(alarms: readonly Omit<Alarm, 'rungAt'>[]): Statement {
  return { text: 'insert into case_alarms (id, case_id, case_unit_id, kind, at) select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[])',
    values: [alarms.map((one) => one.id), alarms.map((one) => one.caseId), alarms.map((one) => one.partId), alarms.map((one) => one.kind), alarms.map((one) => one.at)] };
}

export function deleteAlarms(ids: readonly string[]): Statement {
  return { text: 'delete from case_alarms where id = any($1) and rung_at is null', values: [ids] };
}

export async function findAlarm(db: Db, alarmId: string): Promise<Pick<Alarm, 'caseId' | 'kind'> | undefined> {
  return queryOne(db, 'select case_id, kind from case_alarms where id = $1 and rung_at is null', [alarmId]);
}

/** The alarm, if it is due and has not rung; the case is locked already. */
export async function takeAlarm(tx: Tx, alarmId: string, at: Date): Promise<Alarm | undefined> {
  return (await query<Alarm>(tx, `update case_alarms set rung_at = $2 where id = $1 and rung_at is null and at <= $2 returning ${alarmColumns}`, [alarmId, at]))[0];
}

export async function findDueAlarms(db: Db, at: Date, limit: number): Promise<string[]> {
  const rows = await query<{ id: string }>(db, 'select id from case_alarms where rung_at is null and not is_off and at <= $1 order by at limit $2', [at, limit]);
  return rows.map((row) => row.id);
}

export type CountedRow = Count & { readonly caseId: string; readonly dueAt: Date; readonly stoppedAt: Date | null };

/** Every deadline of an open case that counts working days and is not over; requests are decided on in `decideWorkdays`. */
export async function listCounted(db: Db, at: Date, decideWorkdays: number): Promise<CountedRow[]> {
  return query(db, `with open as (select id, due_at, counted_from, counted_workdays, stopped_at from cases where closed_at is null and due_at is not null),
      parts as (select p.*, k.stopped_at from open k join case_units p on p.case_id = k.id and p.ended_at is null)
    select id as case_id, due_at, counted_from, counted_workdays, stopped_at from open where counted_from is not null and due_at > coalesce(stopped_at, $1)
    union all select case_id, sign_due_at, counted_from, sign_workdays, null from parts where signed_at is null and sign_workdays is not null and sign_due_at > $1
    union all select case_id, due_at, counted_from, due_workdays, stopped_at from parts where due_workdays is not null and due_at > coalesce(stopped_at, $1)
    union all select case_id, contact_due_at, signed_at, contact_workdays, null from parts where contacted_at is null and contact_workdays is not null and contact_due_at > $1
    union all select o.case_id, o.due_at, o.counted_from, o.counted_workdays, null from open k join case_orders o on o.case_id = k.id and o.closed_at is null and o.answered_at is null where o.counted_from is not null and o.due_at > $1
    union all select r.case_id, r.decide_by, r.asked_at, $2, null from open k join case_requests r on r.case_id = k.id and r.decided_at is null where r.decide_by > $1`, [at, decideWorkdays]);
}

export async function saveDecideBy(tx: Tx, requestId: string, at: Date): Promise<void> {
  await execute(tx, 'update case_requests set decide_by = $2 where id = $1', [requestId, at]);
}

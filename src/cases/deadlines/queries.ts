import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';
import type { DeadlineRule } from './deadline-rules.ts';

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

export async function insertAlarm(tx: Tx, alarm: Omit<Alarm, 'rungAt'>): Promise<void> {
  await execute(tx, 'insert into case_alarms (id, case_id, case_unit_id, kind, at) values ($1, $2, $3, $4, $5)', [alarm.id, alarm.caseId, alarm.partId, alarm.kind, alarm.at]);
}

export async function deleteAlarms(tx: Tx, ids: readonly string[]): Promise<void> {
  await execute(tx, 'delete from case_alarms where id = any($1) and rung_at is null', [ids]);
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

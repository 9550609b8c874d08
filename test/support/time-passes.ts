import type pg from 'pg';
import { query } from '../../src/db/query.ts';
import { until } from './until.ts';

const shifted = {
  cases: ['dispatched_at', 'warn_at', 'due_at', 'stopped_at', 'review_at'], case_units: ['arrived_at', 'sign_due_at', 'signed_at', 'contact_due_at', 'contacted_at', 'due_at'],
  case_orders: ['opened_at', 'due_at'], case_instructions: ['at', 'due_at'], case_alarms: ['at'],
} as const;
const live: Readonly<Record<keyof typeof shifted, string>> = {
  cases: 'true', case_units: 'ended_at is null', case_orders: 'closed_at is null', case_instructions: 'reported_at is null', case_alarms: 'rung_at is null and not is_off',
};

/** So much of a case's time passes: every moment in its rows is that much earlier. The alarms that are due by then ring by the service's own sweep. */
export async function timePasses(pool: pg.Pool, caseId: string, interval: string): Promise<void> {
  for (const table of Object.keys(shifted) as (keyof typeof shifted)[]) {
    const key = table === 'cases' ? 'id' : 'case_id';
    await pool.query(`update ${table} set ${shifted[table].map((column) => `${column} = ${column} - $2::interval`).join(', ')} where ${key} = $1 and ${live[table]}`, [caseId, interval]);
  }
  await until(async () => (await query(pool, 'select id from case_alarms where case_id = $1 and rung_at is null and not is_off and at <= now()', [caseId])).length === 0, 'the alarms that are due have rung');
}

import { query, type Db } from '../db/query.ts';
import { dayKind, type OfficialDay } from './opening-rules.ts';
import type { Calendar } from './workday-rules.ts';

/** The official days as they are entered now, all of them: some forty a year. A day that is none follows the week. */
export async function readCalendar(db: Db): Promise<Calendar> {
  const rows = await query<{ day: string; kind: NonNullable<OfficialDay['kind']> }>(db, `select to_char(day, 'YYYY-MM-DD') as day, kind from calendar_days`);
  const official = new Map(rows.map(({ day, kind }) => [day, kind]));
  return (day) => dayKind(day, official.get(day) ?? null);
}

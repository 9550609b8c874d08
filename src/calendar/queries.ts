import { query, queryOne, type Db } from '../db/query.ts';
import type { OfficialDay, OpeningHours } from './opening-rules.ts';

export async function findOpeningHours(db: Db, code: string): Promise<OpeningHours | undefined> {
  return queryOne<OpeningHours>(db, 'select workday, restday from opening_hours where code = $1', [code]);
}

export async function findOfficialDay(db: Db, day: string): Promise<OfficialDay> {
  const year = day.slice(0, 4);
  const row = await queryOne<OfficialDay>(db, `select (select kind from calendar_days where day = $1) as kind,
    exists (select 1 from calendar_days where day between $2 and $3) as is_published`, [day, `${year}-01-01`, `${year}-12-31`]);
  return row ?? { kind: null, isPublished: false };
}

/** Years in China of which at least one official day is known. */
export async function listPublishedYears(db: Db): Promise<ReadonlySet<number>> {
  const rows = await query<{ year: number }>(db, 'select distinct extract(year from day)::int as year from calendar_days');
  return new Set(rows.map((row) => row.year));
}

/** Another one whenever any official day is. */
export async function readCalendarDigest(db: Db): Promise<string> {
  return (await queryOne<{ digest: string | null }>(db, `select md5(string_agg(day || kind, ',' order by day)) as digest from calendar_days`))?.digest ?? '';
}

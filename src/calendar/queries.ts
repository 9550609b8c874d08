import { queryOne, type Db } from '../db/query.ts';
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

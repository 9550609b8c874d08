import { query, queryOne, type Db } from '../db/query.ts';
import type { OfficialDay, OpeningHours } from './opening-rules.ts';

export async function findOpeningHours(db: Db, code: string): Promise<OpeningHours | undefined> {
  return queryOne<OpeningHours>(db, 'select workday, restday from opening_hours where code = $1', [code]);
}

/** What is published of these days, in their order. */
export async function findOfficialDays(db: Db, days: readonly string[]): Promise<OfficialDay[]> {
  return query<OfficialDay>(db, `select c.kind, exists (select 1 from calendar_days y where y.day between date_trunc('year', d.day)::date
      and (date_trunc('year', d.day) + interval '1 year - 1 day')::date) as is_published
    from unnest($1::date[]) with ordinality as d (day, place) left join calendar_days c on c.day = d.day order by d.place`, [days]);
}

import { query, type Db } from '../db/query.ts';
import type { Rate } from './rate.ts';

/**
 * What became of the returns (退单) a unit asked for; the four add up to all it asked. `refused`: the dispatcher said that the case is theirs all the
 * same; `lapsed`: the unit's part ended before anybody decided; `pending`: nobody has decided yet.
 */
export type ReturnCounts = Readonly<Record<'granted' | 'refused' | 'lapsed' | 'pending', number>>;
export type UnitReturns = ReturnCounts & { readonly unitId: string; readonly code: string; readonly nameZh: string };

/** By when they were asked for, from `from` until before `to`; a unit that closed with a request is asked for by its successor. Most refused first. */
export async function countReturns(db: Db, { from, to }: { readonly from: Date; readonly to: Date }): Promise<UnitReturns[]> {
  return query(db, `select u.id as unit_id, u.code, u.name_zh, count(*) filter (where r.is_granted)::int as granted, count(*) filter (where not r.is_granted and r.decided_by is not null)::int as refused,
      count(*) filter (where not r.is_granted and r.decided_by is null)::int as lapsed, count(*) filter (where r.decided_at is null)::int as pending
    from case_requests r join case_units p on p.id = r.case_unit_id join units u on u.id = p.unit_id
    where r.kind = 'return' and r.asked_at >= $1 and r.asked_at < $2 group by u.id, u.code, u.name_zh order by refused desc, u.code`, [from, to]);
}

/** Rule 7: each with what it is part of. */
export function returnRates({ granted, refused, lapsed, pending }: ReturnCounts): Readonly<Record<keyof ReturnCounts, Rate>> {
  const of = granted + refused + lapsed + pending;
  return { granted: { count: granted, of }, refused: { count: refused, of }, lapsed: { count: lapsed, of }, pending: { count: pending, of } };
}

export function sumReturns(rows: readonly ReturnCounts[]): ReturnCounts {
  const sum = (name: keyof ReturnCounts): number => rows.reduce((total, row) => total + row[name], 0);
  return { granted: sum('granted'), refused: sum('refused'), lapsed: sum('lapsed'), pending: sum('pending') };
}

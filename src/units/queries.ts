import { query, queryOne, type Db } from '../db/query.ts';

/** Whether one unit stands below the other, or is it. */
export async function isWithin(db: Db, unitId: string, ancestorId: string): Promise<boolean> {
  return (await queryOne(db, 'select 1 from unit_ancestors where unit_id = $1 and ancestor_id = $2', [unitId, ancestorId])) !== undefined;
}

/** Of these units those that are open, with how many steps each is below the other unit, if it is. */
export async function findOpenUnits(db: Db, unitIds: readonly string[], below: string | null): Promise<{ readonly id: string; readonly depth: number | null }[]> {
  return query(db, `select u.id, a.depth from units u left join unit_ancestors a on a.unit_id = u.id and a.ancestor_id = $2 where u.id = any($1) and u.closed_at is null`, [unitIds, below]);
}

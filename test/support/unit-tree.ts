import type pg from 'pg';
import { v7 as uuid } from 'uuid';

/** A unit below another, open from now on. */
export async function growUnit(pool: pg.Pool, nameZh: string, parentId: string | null = null): Promise<string> {
  const id = uuid();
  await pool.query(`insert into units (id, code, name_zh, kind, parent_id, opened_at) values ($1, $2, $3, 'department', $4, now())`, [id, `T-${id.slice(-12)}`, nameZh, parentId]);
  await pool.query(`insert into unit_ancestors (unit_id, ancestor_id, depth) select $1, $1::uuid, 0 union all select $1, ancestor_id, depth + 1 from unit_ancestors where unit_id = $2`, [id, parentId]);
  return id;
}

import type { Actor } from '../../auth/actor.ts';
import { queryOne, type Db } from '../../db/query.ts';
import type { Values } from './sql-parts.ts';

/** For whom a list is made. `unitId`: who works for a unit; null for the hotline's own people, who see all cases. */
export type Reader = { readonly actor: Actor; readonly userId: string | null; readonly unitId: string | null };

export async function readerOf(db: Db, actor: Actor): Promise<Reader> {
  const userId = actor.kind === 'user' ? actor.userId : null;
  if (actor.permissions.has('case.read') || userId === null) return { actor, userId, unitId: null };
  const user = await queryOne<{ unitId: string | null }>(db, 'select unit_id from users where id = $1', [userId]);
  // Nobody's unit: an id that stands for none.
  return { actor, userId, unitId: user?.unitId ?? '00000000-0000-0000-0000-000000000000' };
}

/** Cases (`k`) in which the unit or one below it has or had a part. Not flattened into a join: it is asked row by row of a list in order. */
export function hasPartIn(unit: string, live: boolean): string {
  return `(select true from case_units p join unit_ancestors a on a.unit_id = p.unit_id
    where p.case_id = k.id and a.ancestor_id = ${unit}${live ? ' and p.ended_at is null' : ''} limit 1)`;
}

/** A case about the reader's unit, or one above it, is not the reader's to see (rule 3). */
export function notAboutOwn(values: Values, reader: Reader): string | null {
  if (reader.unitId === null) return null;
  return `(k.about_unit_id is null or not exists (select from unit_ancestors o where o.unit_id = ${values.add(reader.unitId)} and o.ancestor_id = k.about_unit_id))`;
}

/** How many units stand at and below one. */
export async function subtreeSize(db: Db, unitId: string): Promise<number> {
  return (await queryOne<{ count: number }>(db, 'select count(*) as count from unit_ancestors where ancestor_id = $1', [unitId]))?.count ?? 0;
}

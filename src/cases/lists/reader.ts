import type { Actor } from '../../auth/actor.ts';
import { queryAnew, type Db } from '../../db/query.ts';
import type { Values } from './sql-parts.ts';

/** For whom a list is made. `unitId`: who works for a unit; null for the hotline's own people, who see all cases. */
export type Reader = { readonly actor: Actor; readonly userId: string | null; readonly unitId: string | null };

/** Who works for a unit and belongs to none sees nothing: no unit has this id. */
const noUnit = '00000000-0000-0000-0000-000000000000';

export function readerOf(actor: Actor): Reader {
  if (actor.kind === 'token') return { actor, userId: null, unitId: null };
  return { actor, userId: actor.userId, unitId: actor.permissions.has('case.read') ? null : actor.unitId ?? noUnit };
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

/** How large a subtree is: its units, and up to `mostParts` of the parts they have or had in cases. */
export type SubtreeSize = { readonly units: number; readonly parts: number };
export const mostParts = 2_000;

export async function sizeOfSubtree(db: Db, unitId: string): Promise<SubtreeSize> {
  const [size] = await queryAnew<SubtreeSize>(db, `select (select count(*) from unit_ancestors where ancestor_id = $1) as units,
    (select count(*) from (select from unit_ancestors a join case_units p on p.unit_id = a.unit_id where a.ancestor_id = $1 limit $2) p) as parts`, [unitId, mostParts]);
  return size ?? { units: 0, parts: 0 };
}

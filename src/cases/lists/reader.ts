import type { Actor } from '../../auth/actor.ts';
import { queryAnew, type Db } from '../../db/query.ts';

/** For whom a list is made. `unitId`: who works for a unit; null for the hotline's own people, who see all cases. */
export type Reader = { readonly actor: Actor; readonly userId: string | null; readonly unitId: string | null };

/** Who works for a unit and belongs to none sees nothing: no unit has this id. */
const noUnit = '00000000-0000-0000-0000-000000000000';

export function readerOf(actor: Actor): Reader {
  if (actor.kind === 'token') return { actor, userId: null, unitId: null };
  return { actor, userId: actor.userId, unitId: actor.permissions.has('case.read') ? null : actor.unitId ?? noUnit };
}

/** So few units are told from all others one by one. */
export const fewUnits = 60;

/** How large a subtree is: its units, and up to `mostParts` of the parts they have or had in cases. */
export type SubtreeSize = { readonly units: number; readonly parts: number };
export const mostParts = 2_000;

export async function sizeOfSubtree(db: Db, unitId: string): Promise<SubtreeSize> {
  const [size] = await queryAnew<SubtreeSize>(db, `select (select count(*) from unit_ancestors where ancestor_id = $1) as units,
    (select count(*) from (select from unit_ancestors a join case_units p on p.unit_id = a.unit_id where a.ancestor_id = $1 limit $2) p) as parts`, [unitId, mostParts]);
  return size ?? { units: 0, parts: 0 };
}

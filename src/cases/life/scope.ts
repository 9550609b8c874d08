import type { Actor } from '../../auth/actor.ts';
import type { OwnPart } from '../case-machine.ts';
import { AppError } from '../../errors.ts';
import { queryOne, type Db } from '../../db/query.ts';

/** All cases, or those in which a unit, or one below it, has a part. */
export type Scope = { readonly unitId: string | null };

/** Whoever works for a unit that nobody named sees no case. */
const noUnit = '00000000-0000-0000-0000-000000000000';

export function scopeOf(actor: Actor): Scope {
  if (actor.permissions.has('case.read')) return { unitId: null };
  return { unitId: (actor.kind === 'user' ? actor.unitId : null) ?? noUnit };
}

/** Cases (`k`) in which the unit, a parameter's name, or one below it has or had a part; `live`: has. A look at one row, never a join: lists ask it in their order until a page is full. */
export function hasPart(unit: string, live = false): string {
  return `(select true from case_units p join unit_ancestors a on a.unit_id = p.unit_id and a.ancestor_id = ${unit} where p.case_id = k.id${live ? ' and p.ended_at is null' : ''} limit 1)`;
}

/** Never a case in which the citizen complains about that unit or one above it (rule 3). */
export function notAbout(unit: string): string {
  return `(k.about_unit_id is null or not exists (select from unit_ancestors b where b.unit_id = ${unit} and b.ancestor_id = k.about_unit_id))`;
}

/** What limits the rows of `cases k` to a scope, with the unit as parameter `unit`. */
export function withinScope(unit: string): string {
  return `(${unit}::uuid is null or (${hasPart(unit)} and ${notAbout(unit)}))`;
}

/** The part that the reader's unit has in the case now. */
export async function findOwnPart(db: Db, actor: Actor, caseId: string): Promise<OwnPart> {
  const { unitId } = scopeOf(actor);
  if (unitId === null) return undefined;
  return (await queryOne<{ role: 'lead' | 'helper' }>(db, 'select role from case_units where case_id = $1 and unit_id = $2 and ended_at is null', [caseId, unitId]))?.role ?? null;
}

/** `isHidden`: who the citizen is, is not this reader's to know, in whatever was written down. */
type Sight = Scope & { readonly isHidden: boolean };

/** @throws AppError, the same for a case that is not there and for one that is not the reader's to know of. */
export async function requireVisible(db: Db, actor: Actor, caseId: string): Promise<Sight> {
  const { unitId } = scopeOf(actor);
  const row = await queryOne<{ isConfidential: boolean }>(db, `select is_confidential from cases k where k.id = $1 and ${withinScope('$2')}`, [caseId, unitId]);
  if (!row) throw new AppError('not_found', { entity: 'case', id: caseId });
  return { unitId, isHidden: unitId !== null || (row.isConfidential && !actor.permissions.has('identity.read')) };
}

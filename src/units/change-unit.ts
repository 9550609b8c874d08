import { v7 as uuid } from 'uuid';
import { AppError } from '../errors.ts';
import type { Tx } from '../db/query.ts';
import { queryOne } from '../db/query.ts';
import { keepFromOwnComplaints } from './own-complaints.ts';
import { closeUnit, countOpenChildren, findUnit, insertUnit, isWithin, listOpenCases, lockTree, lockUnit, saveParent, saveUnit } from './queries.ts';
import type { Unit, UnitFields } from './unit.ts';

/** Puts a unit below another one, or at the top. @throws AppError for a code that is taken, a parent that is closed, a district that does not exist. */
export async function createUnit(tx: Tx, fields: UnitFields, parentId: string | null, at: Date): Promise<Unit> {
  await lockTree(tx);
  if (parentId !== null) await requireOpen(tx, parentId, 'parentId');
  await requireDistrict(tx, fields.districtCode);
  const unit: Unit = { ...fields, id: uuid(), parentId, openedAt: at, closedAt: null, version: 1 };
  if (!(await insertUnit(tx, unit))) throw new AppError('already_exists', { field: 'code' });
  return unit;
}

export async function editUnit(tx: Tx, unitId: string, version: number, fields: UnitFields): Promise<Unit> {
  await lockTree(tx);
  const unit = await requireVersion(tx, unitId, version);
  await requireDistrict(tx, fields.districtCode);
  const holder = await queryOne<{ id: string }>(tx, 'select id from units where code = $1', [fields.code]);
  if (holder && holder.id !== unitId) throw new AppError('already_exists', { field: 'code' });
  await saveUnit(tx, unitId, fields);
  return { ...unit, ...fields, version: unit.version + 1 };
}

/** Moves a unit with all below it. @throws AppError for a place below itself, and for one below a unit that citizens complain about in cases of the moved ones. */
export async function moveUnit(tx: Tx, unitId: string, version: number, parentId: string | null): Promise<Unit> {
  await lockTree(tx);
  const unit = await requireVersion(tx, unitId, version);
  if (parentId !== null) {
    await requireOpen(tx, parentId, 'parentId');
    if (await isWithin(tx, parentId, unitId)) throw new AppError('unit_below_itself', { field: 'parentId' });
  }
  await keepFromOwnComplaints(tx, () => saveParent(tx, unitId, parentId));
  return { ...unit, parentId, version: unit.version + 1 };
}

/** How a case goes from one unit to the one that takes its place. */
export type HandOver = (tx: Tx, caseId: string, units: { readonly fromUnitId: string; readonly toUnitId: string }) => Promise<void>;

/**
 * Closes a unit that has none below it any more. Cases under way go to `casesTo` in the same transaction.
 * @throws AppError with their number when nobody is named, and for a case that may not go there (rule 3).
 */
export async function closeUnitDown(tx: Tx, unitId: string, version: number, { casesTo, at, handOver }: { readonly casesTo: string | null; readonly at: Date; readonly handOver: HandOver }): Promise<{ readonly movedCases: number }> {
  await lockTree(tx);
  await requireVersion(tx, unitId, version);
  const children = await countOpenChildren(tx, unitId);
  if (children > 0) throw new AppError('in_use', { usedBy: [`${children} 个下级单位`] });
  const cases = await listOpenCases(tx, unitId);
  if (cases.length > 0 && casesTo === null) throw new AppError('unit_has_cases', { openCases: cases.length });
  if (casesTo === unitId) throw new AppError('reference_unknown', { field: 'casesTo' });
  if (casesTo !== null) await requireOpen(tx, casesTo, 'casesTo');
  if (casesTo !== null) for (const caseId of cases) await handOver(tx, caseId, { fromUnitId: unitId, toUnitId: casesTo });
  await closeUnit(tx, unitId, at);
  return { movedCases: cases.length };
}

async function requireVersion(tx: Tx, unitId: string, version: number): Promise<Unit> {
  const unit = await lockUnit(tx, unitId);
  if (!unit) throw new AppError('not_found', { entity: 'unit', id: unitId });
  if (unit.version !== version) throw new AppError('stale_version', { version: unit.version });
  if (unit.closedAt) throw new AppError('unit_closed');
  return unit;
}

async function requireOpen(tx: Tx, unitId: string, field: string): Promise<void> {
  const unit = await findUnit(tx, unitId);
  if (!unit || unit.closedAt) throw new AppError('reference_unknown', { field });
}

async function requireDistrict(tx: Tx, code: string | null): Promise<void> {
  if (code !== null && !(await queryOne(tx, 'select code from districts where code = $1', [code]))) throw new AppError('reference_unknown', { field: 'districtCode' });
}

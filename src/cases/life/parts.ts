import { v7 as uuid } from 'uuid';
import { AppError } from '../../errors.ts';
import { atOnce, sendAlong } from '../../db/transaction.ts';
import { publish } from '../../events/publish.ts';
import { findOpenUnits } from '../../units/queries.ts';
import { clockOfPart } from '../deadlines/keep-deadlines.ts';
import type { Scene } from './act.ts';
import type { CaseRecord, Part } from './case-record.ts';
import { dropRequests, insertPart, savePart } from './queries.ts';

type Given = { readonly leadUnitId?: string | null; readonly helperUnitIds?: readonly string[]; readonly parentId?: string };

/**
 * Units get their part. A unit that has one keeps it; it may become the lead one.
 * @throws AppError for a unit that does not exist or is closed, and for the one complained about and those below it (rule 3).
 */
export async function giveParts(scene: Scene, next: CaseRecord, { leadUnitId = null, helperUnitIds = [], parentId }: Given): Promise<void> {
  const { tx, current, at, parts, reckoning } = scene;
  const wanted = [...(leadUnitId ? [{ unitId: leadUnitId, role: 'lead' as const }] : []), ...helperUnitIds.filter((id) => id !== leadUnitId).map((unitId) => ({ unitId, role: 'helper' as const }))];
  const [, known] = await atOnce(requireUnits(scene, wanted.map((one) => one.unitId)), reckoning());
  if (next.urgency !== 'normal') await publish(tx, { type: 'case.pushed', caseId: current.id });
  for (const part of parts.filter((one) => one.role === 'lead' && leadUnitId && one.unitId !== leadUnitId)) endPart(scene, part, 'replaced');
  for (const { unitId, role } of wanted) {
    const held = parts.find((one) => one.unitId === unitId);
    if (held && held.role !== role) sendAlong(tx, savePart(tx, { ...held, role }));
    if (held) continue;
    sendAlong(tx, insertPart(tx, { id: uuid(), caseId: current.id, unitId, role, parentId: parentId ?? null, arrivedAt: at, signedAt: null, signedBy: null, contactDueAt: null, contactedAt: null, contactWorkdays: null,
      endedAt: null, endedWhy: null, ...clockOfPart(known, next, at) }));
  }
}

export async function requireUnits({ tx, current }: Pick<Scene, 'tx' | 'current'>, unitIds: readonly string[]): Promise<void> {
  const found = await findOpenUnits(tx, unitIds, current.aboutUnitId);
  const unknown = unitIds.find((id) => !found.some((one) => one.id === id));
  if (unknown) throw new AppError('reference_unknown', { field: 'unitId', unitId: unknown });
  const about = found.find((one) => one.depth !== null);
  if (about) throw new AppError('unit_is_complained_about', { unitId: about.id });
}

export function endPart({ tx, at }: Pick<Scene, 'tx' | 'at'>, part: Part, why: NonNullable<Part['endedWhy']>): void {
  sendAlong(tx, savePart(tx, { ...part, endedAt: at, endedWhy: why }), dropRequests(tx, part.id, at));
}

export function endParts(scene: Scene, why: NonNullable<Part['endedWhy']>): void {
  for (const part of scene.parts) endPart(scene, part, why);
}

/** The acting unit's part. @throws AppError for a unit that has none. */
export function ownPart({ own }: Scene): Part {
  if (!own) throw new AppError('not_your_case');
  return own;
}

/** The lead unit answers for the case. */
export function leadPart(scene: Scene): Part {
  const part = ownPart(scene);
  if (part.role !== 'lead') throw new AppError('not_your_case');
  return part;
}

/** In which the case is once more: a rework stays one. */
export function atWork({ current }: Pick<Scene, 'current'>): 'rework' | 'in_progress' {
  return current.reworkCount > 0 ? 'rework' : 'in_progress';
}

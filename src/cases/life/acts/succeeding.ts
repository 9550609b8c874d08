import { Type } from 'typebox';
import { v7 as uuid } from 'uuid';
import { Id } from '../../../http/paging.ts';
import { AppError } from '../../../errors.ts';
import { defineAct, strict } from '../act.ts';
import { endPart, requireUnits } from '../parts.ts';
import { insertPart, moveRequests, savePart } from '../queries.ts';

/** One unit takes another's place (承接): its part goes on as it stands, with its clocks and what was asked for. One that has a part already keeps the more important one. */
export const succeed = defineAct('Another unit takes a unit’s place (承接)', Type.Object({ fromUnitId: Id, toUnitId: Id }, strict), async (scene, { fromUnitId, toUnitId }) => {
  const { tx, at, current, parts } = scene;
  const part = parts.find((one) => one.unitId === fromUnitId);
  if (!part) throw new AppError('reference_unknown', { field: 'fromUnitId' });
  await requireUnits(scene, [toUnitId]);
  const held = parts.find((one) => one.unitId === toUnitId);
  const next = held ?? { ...part, id: uuid(), unitId: toUnitId, arrivedAt: at };
  if (!held) await insertPart(tx, next);
  await moveRequests(tx, part.id, next.id);
  endPart(scene, part, 'replaced');
  await savePart(tx, held ? { ...held, role: part.role === 'lead' ? 'lead' : held.role } : next);
  return { set: current.leadUnitId === fromUnitId ? { leadUnitId: toUnitId } : {}, data: { fromUnitId, toUnitId } };
});

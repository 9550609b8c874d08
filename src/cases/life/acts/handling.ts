import { Type } from 'typebox';
import { v7 as uuid } from 'uuid';
import { AppError } from '../../../errors.ts';
import { sendAlong } from '../../../db/transaction.ts';
import { Id } from '../../../http/paging.ts';
import { isWithin } from '../../../units/queries.ts';
import { contactClock } from '../../deadlines/keep-deadlines.ts';
import { defineAct, OptionalReason, strict, Words } from '../act.ts';
import { outcomes } from '../case-record.ts';
import { endPart, giveParts, leadPart, ownPart } from '../parts.ts';
import { dropRequests, insertFeedback, savePart } from '../queries.ts';

const nothing = Type.Object({}, strict);

export const sign = defineAct('The unit takes the case (签收)', nothing, async (scene) => {
  const { tx, current, at, who, reckoning } = scene;
  const part = ownPart(scene);
  if (part.signedAt) throw new AppError('action_not_allowed', { action: 'sign', allowed: [] });
  sendAlong(tx, savePart(tx, { ...part, signedAt: at, signedBy: who.userId, ...contactClock(await reckoning(), current, at) }));
  // A helping unit signs for itself; whose case it is, is the lead unit's to say.
  return { to: part.role === 'lead' ? 'in_progress' : current.state, data: { unitId: part.unitId, role: part.role } };
});

export const sub_dispatch = defineAct('Pass a part on to units below', Type.Object({ unitIds: Type.Array(Id, { minItems: 1, maxItems: 50, uniqueItems: true }) }, strict), async (scene, { unitIds }) => {
  const part = ownPart(scene);
  for (const id of unitIds) if (id === part.unitId || !(await isWithin(scene.tx, id, part.unitId))) throw new AppError('not_below', { unitId: id });
  await giveParts(scene, scene.current, { helperUnitIds: unitIds, parentId: part.id });
  return { data: { unitId: part.unitId, toUnitIds: unitIds } };
});

export const note_contact = defineAct('The unit spoke with the citizen', Type.Object({ note: Type.Optional(Words) }, strict), async (scene, { note }) => {
  const part = ownPart(scene);
  if (!part.contactedAt) await savePart(scene.tx, { ...part, contactedAt: scene.at });
  return { data: { unitId: part.unitId, note } };
});

export const note_progress = defineAct('Tell how far it is', Type.Object({ note: Words }, strict), (scene, { note }) => ({ data: { unitId: ownPart(scene).unitId, note } }));

export const finish_part = defineAct('A helping unit, or one below, has done its part', Type.Object({ note: Words }, strict), async (scene, { note }) => {
  const part = ownPart(scene);
  if (part.role === 'lead') throw new AppError('not_your_case');
  endPart(scene, part, 'handed_in');
  return { data: { unitId: part.unitId, note } };
});

/** Rule 2 begins here: without a public reply nothing is handed in. `explained`: it cannot be done, and why was said. */
export const hand_in = defineAct('Hand in the result (反馈)', Type.Object({ outcome: Type.Enum([...outcomes]), publicReply: Words, internalNote: OptionalReason }, strict), async (scene, given) => {
  const { tx, current, at, who } = scene;
  const part = leadPart(scene);
  if (!who.userId || !current.dueAt) throw new AppError('not_your_case');
  await dropRequests(tx, part.id, at);
  await insertFeedback(tx, current.id, { id: uuid(), partId: part.id, at, userId: who.userId, outcome: given.outcome, publicReply: given.publicReply, internalNote: given.internalNote ?? null, dueAt: current.dueAt });
  return { set: { outcome: given.outcome, publicReply: given.publicReply }, data: { unitId: part.unitId, outcome: given.outcome, isLate: at > current.dueAt } };
});

import { Type } from 'typebox';
import { AppError } from '../../../errors.ts';
import { defineAct, OptionalReason, Reason, strict, Words, type Scene } from '../act.ts';
import { ask, decide } from '../decide.ts';
import { atWork, endParts } from '../parts.ts';
import { findOpenOrder, saveOrder } from '../../supervision/queries.ts';
import { uncounted } from '../../deadlines/deadline-rules.ts';
import { reviewFeedback } from '../queries.ts';
import { requireStranger } from '../require-stranger.ts';

export const accept_feedback = defineAct('The result is good: call the citizen back', Type.Object({ note: OptionalReason }, strict), async (scene, { note }) => {
  await review(scene, true, note);
  return { set: { callbackReason: 'feedback', surveyRound: scene.current.surveyRound + 1 } };
});

export const send_back = defineAct('Not good enough: back for more', Type.Object({ note: Reason }, strict), async (scene, { note }) => {
  await review(scene, false, note);
  return { to: atWork(scene) };
});

export const close = defineAct('The citizen is content: done (办结)', Type.Object({ note: OptionalReason }, strict), async (scene) => {
  await requireStranger(scene.tx, scene.who.unitId, scene.handledBy);
  endParts(scene, 'closed');
  await endOrder(scene);
  return { set: { callbackReason: null, closedAt: scene.at, repliedAt: scene.current.repliedAt ?? scene.at } };
});

/** What cannot be done, explained and accepted by a reviewer; the explanation is what the citizen is told. */
export const close_explained = defineAct('Close with an explanation', Type.Object({ explanation: Words }, strict), async (scene, { explanation }) => {
  await requireStranger(scene.tx, scene.who.unitId, scene.handledBy);
  if (scene.current.state === 'feedback') await review(scene, true, undefined);
  endParts(scene, 'closed');
  await endOrder(scene);
  return { set: { callbackReason: null, explanation, closedAt: scene.at, repliedAt: scene.current.repliedAt ?? scene.at } };
});

/** Once; a citizen who is not content again brings supervision. */
export const rework = defineAct('The citizen is not content: once more (重办)', Type.Object({ reason: Reason }, strict), async (scene, { reason }) => {
  await requireStranger(scene.tx, scene.who.unitId, scene.handledBy);
  const { current } = scene;
  return { set: { callbackReason: null, reworkCount: current.reworkCount + 1, isSupervised: current.isSupervised || current.reworkCount > 0 }, data: { reason } };
});

export const request_review = defineAct('The rating is unfair (甄别)', Type.Object({ reason: Reason }, strict), async (scene, { reason }) => {
  if (!scene.who.unitId || scene.who.unitId !== scene.current.leadUnitId) throw new AppError('not_your_case');
  await ask(scene, { kind: 'review', reason });
  return { data: { unitId: scene.who.unitId } };
});

export const decide_review = defineAct('Whether the rating counts against the unit', Type.Object({ isGranted: Type.Boolean(), note: Reason }, strict), async (scene, { isGranted, note }) => {
  await decide(scene, 'review', isGranted, note);
  return { data: { isGranted } };
});

export const archive = defineAct('Archive (归档): read-only from now on', Type.Object({}, strict), (scene) => ({ set: { archivedAt: scene.at } }));

export const reopen = defineAct('Open a closed case again', Type.Object({ reason: Reason }, strict), (_scene, { reason }) => ({
  // A new matter for the clocks: they begin with the next dispatch.
  set: { closedAt: null, archivedAt: null, leadUnitId: null, returnCount: 0, reworkCount: 0, deadlineCode: null, dispatchedAt: null, warnAt: null, dueAt: null, ...uncounted }, data: { reason },
}));

/** What was under an order is done: so is the order. */
async function endOrder({ tx, current, who, at }: Scene): Promise<void> {
  const order = await findOpenOrder(tx, current.id);
  if (order) await saveOrder(tx, { ...order, closedAt: at, closedBy: who.userId, closingNote: '随工单办结' });
}

async function review(scene: Scene, isAccepted: boolean, note: string | undefined): Promise<void> {
  await requireStranger(scene.tx, scene.who.unitId, scene.handledBy);
  await reviewFeedback(scene.tx, scene.current.id, { at: scene.at, by: scene.who.userId, isAccepted, note: note ?? null });
}

import { Type } from 'typebox';
import { v7 as uuid } from 'uuid';
import { AppError } from '../../../errors.ts';
import { Id, Instant } from '../../../http/paging.ts';
import { findParent } from '../../../units/queries.ts';
import { write } from '../../../db/query.ts';
import { orderClock } from '../../deadlines/keep-deadlines.ts';
import { uncounted } from '../../deadlines/deadline-rules.ts';
import { findOpenOrder, insertInstruction, insertOrder, insertUrge, insertVisit, insertWarning, isOfHotline, listInstructions, saveOrder, saveReport, type Order } from '../../supervision/queries.ts';
import { defineAct, Reason, strict, Words, type Outcome, type Scene } from '../act.ts';
import { giveParts, ownPart } from '../parts.ts';

/** The clock has no account: what it does is nobody's act. */
export const urge = defineAct('Urge the units (催办)', Type.Object({ note: Reason, isCitizensWish: Type.Boolean({ default: false }) }, strict), async ({ tx, current, who, at }, { note, isCitizensWish }) => {
  const askedBy = who.userId === null ? 'clock' : isCitizensWish ? 'citizen' : 'hotline';
  await write(tx, insertUrge(current.id, { id: uuid(), at, askedBy, userId: who.userId, note }));
  return { data: { askedBy, note } };
});

/** A case that is supervised stays so: what was promised under an order holds after it. */
export const open_order = defineAct('Open a supervision order (督办)', Type.Object({ reason: Reason, dueAt: Type.Optional(Instant) }, strict), async (scene, given) => {
  const { tx, current, who, at } = scene;
  if (await findOpenOrder(tx, current.id)) throw new AppError('order_open');
  const clock = await clockOfOrder(scene, given.dueAt);
  const { dueAt } = clock;
  if (dueAt <= at) throw new AppError('reference_unknown', { field: 'dueAt' });
  await write(tx, insertOrder(current.id, { id: uuid(), openedAt: at, openedBy: who.userId, reason: given.reason, ...clock }));
  return { set: { isSupervised: true }, data: { dueAt, note: given.reason } };
});

export const answer_order = defineAct('The unit answers the supervision order', Type.Object({ answer: Words }, strict), async (scene, { answer }) => {
  const { unitId } = ownPart(scene);
  const order = await openOrder(scene);
  await saveOrder(scene.tx, { ...order, answeredAt: scene.at, answeredBy: scene.who.userId, answer });
  return { data: { unitId, note: answer } };
});

export const close_order = defineAct('The supervision order is fulfilled', Type.Object({ note: Reason }, strict), async (scene, { note }) => {
  const order = await openOrder(scene);
  await saveOrder(scene.tx, { ...order, closedAt: scene.at, closedBy: scene.who.userId, closingNote: note });
  return { data: { note } };
});

export const return_order = defineAct('The answer to the supervision order is not enough', Type.Object({ note: Reason, dueAt: Type.Optional(Instant) }, strict), async (scene, { note, dueAt }) => {
  const order = await openOrder(scene);
  if (!order.answeredAt) throw new AppError('nothing_to_decide', { kind: 'supervision' });
  const clock = await clockOfOrder(scene, dueAt);
  await saveOrder(scene.tx, { ...order, ...clock, answeredAt: null, answeredBy: null, answer: null });
  return { data: { note, dueAt: clock.dueAt } };
});

export const record_visit = defineAct('What was found on site (现场督办)', Type.Object({ visitedAt: Instant, place: Reason, found: Words }, strict), async ({ tx, current, who, at }, given) => {
  const visitedAt = new Date(given.visitedAt);
  if (!who.userId || visitedAt > at) throw new AppError('reference_unknown', { field: 'visitedAt' });
  await insertVisit(tx, current.id, { id: uuid(), userId: who.userId, visitedAt, place: given.place, found: given.found, writtenAt: at });
  return { data: { visitedAt, note: given.found } };
});

export const instruct = defineAct('A leader’s instruction (批示), and who follows it up', Type.Object({ words: Words, followerId: Id, dueAt: Instant }, strict), async ({ tx, current, who, at }, { words, followerId, dueAt }) => {
  const due = new Date(dueAt);
  if (!who.userId || due <= at) throw new AppError('reference_unknown', { field: 'dueAt' });
  if (!(await isOfHotline(tx, followerId, at))) throw new AppError('reference_unknown', { field: 'followerId' });
  await insertInstruction(tx, current.id, { id: uuid(), leaderId: who.userId, at, words, followerId, dueAt: due });
  return { data: { followerId, dueAt: due, note: words } };
});

export const report_instruction = defineAct('What became of a leader’s instruction', Type.Object({ instructionId: Id, report: Words }, strict), async ({ tx, current, who, at }, { instructionId, report }) => {
  const one = (await listInstructions(tx, current.id)).find((each) => each.id === instructionId);
  if (!one) throw new AppError('not_found', { entity: 'instruction', id: instructionId });
  if (one.reportedAt) throw new AppError('nothing_to_decide', { kind: 'instruction' });
  if (one.followerId !== who.userId) throw new AppError('not_your_case');
  await saveReport(tx, one.id, { at, report });
  return { data: { instructionId, note: report } };
});

/** The unit above the lead unit gets a part, and with it sees the case; nobody above, or one who must not know of it, changes nothing. */
export const escalate = defineAct('Bring in the unit above (升级)', Type.Object({ reason: Reason }, strict), async (scene, { reason }): Promise<Outcome> => {
  const { tx, current, at, parts } = scene;
  const order = await findOpenOrder(tx, current.id);
  if (order && !order.escalatedAt) await saveOrder(tx, { ...order, escalatedAt: at });
  const parent = current.leadUnitId ? await findParent(tx, current.leadUnitId, current.aboutUnitId) : undefined;
  const isThere = parent !== undefined && parts.some((part) => part.unitId === parent);
  if (parent !== undefined && !isThere) await giveParts(scene, current, { helperUnitIds: [parent] });
  return { data: { toUnitId: parent ?? null, note: reason } };
});

export const warn_unit = defineAct('A warning slip to the lead unit (预警单)', Type.Object({ reason: Reason }, strict), async ({ tx, current, who, at }, { reason }) => {
  if (!current.leadUnitId) throw new AppError('reference_unknown', { field: 'leadUnitId' });
  await insertWarning(tx, current.id, { id: uuid(), unitId: current.leadUnitId, at, userId: who.userId, reason });
  return { data: { unitId: current.leadUnitId, note: reason } };
});

async function clockOfOrder({ reckoning, at }: Scene, dueAt: string | undefined): Promise<ReturnType<typeof orderClock>> {
  return dueAt === undefined ? orderClock(await reckoning(), at) : { dueAt: new Date(dueAt), ...uncounted };
}

async function openOrder({ tx, current }: Pick<Scene, 'tx' | 'current'>): Promise<Order> {
  const order = await findOpenOrder(tx, current.id);
  if (!order) throw new AppError('nothing_to_decide', { kind: 'supervision' });
  return order;
}

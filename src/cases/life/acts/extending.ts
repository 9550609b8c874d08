import { Type } from 'typebox';
import { AppError } from '../../../errors.ts';
import { Instant } from '../../../http/paging.ts';
import { defineAct, OptionalReason, Reason, strict } from '../act.ts';
import { ask, decide } from '../decide.ts';
import { atWork, leadPart } from '../parts.ts';

/** An extension is of so many working days at most, and asked for before the deadline. */
const mostWorkdays = 10;

export const request_extension = defineAct('Ask for more time (延期)', Type.Object({ reason: Reason }, strict), async (scene, { reason }) => {
  const part = leadPart(scene);
  if (scene.current.dueAt && scene.at >= scene.current.dueAt) throw new AppError('too_late', { dueAt: scene.current.dueAt.toISOString() });
  await ask(scene, { kind: 'extension', reason });
  return { data: { unitId: part.unitId } };
});

export const grant_extension = defineAct('Give more time', Type.Object({ workdays: Type.Integer({ minimum: 1, maximum: mostWorkdays }), note: OptionalReason }, strict), async (scene, { workdays, note }) => {
  await decide(scene, 'extension', true, note);
  return { to: atWork(scene), extendBy: workdays, data: { workdays } };
});

export const refuse_extension = defineAct('The deadline stays', Type.Object({ note: Reason }, strict), async (scene, { note }) => {
  await decide(scene, 'extension', false, note);
  return { to: atWork(scene) };
});

export const request_suspension = defineAct('Ask that the clock stands (挂起)', Type.Object({ reason: Reason, reviewAt: Instant }, strict), async (scene, { reason, reviewAt }) => {
  const part = leadPart(scene);
  await ask(scene, { kind: 'suspension', reason, wantedUntil: inFuture(new Date(reviewAt), scene.at) });
  return { data: { unitId: part.unitId } };
});

export const suspend = defineAct('The clock stands until the matter is looked at again', Type.Object({ reviewAt: Type.Optional(Instant), note: OptionalReason }, strict), async (scene, { reviewAt, note }) => {
  const request = await decide(scene, 'suspension', true, note);
  const until = reviewAt === undefined ? request.wantedUntil : new Date(reviewAt);
  return { set: { stoppedAt: scene.at, reviewAt: until && inFuture(until, scene.at) } };
});

export const refuse_suspension = defineAct('The clock runs on', Type.Object({ note: Reason }, strict), async (scene, { note }) => {
  await decide(scene, 'suspension', false, note);
  return {};
});

export const resume = defineAct('The clock runs again', Type.Object({ note: OptionalReason }, strict), (scene) => {
  // Who works for a unit may do so for a case of theirs; the manager for every one.
  if (scene.who.unitId) leadPart(scene);
  return { set: { stoppedAt: null, reviewAt: null } };
});

function inFuture(at: Date, now: Date): Date {
  if (at <= now) throw new AppError('bad_request', { errors: [{ path: 'body/reviewAt', message: 'must lie in the future' }] });
  return at;
}

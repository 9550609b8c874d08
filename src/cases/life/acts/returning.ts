import { Type } from 'typebox';
import { AppError } from '../../../errors.ts';
import { defineAct, OptionalReason, Reason, strict } from '../act.ts';
import { ask, decide } from '../decide.ts';
import { endParts, leadPart, requireUnits } from '../parts.ts';

/** So often a case comes back before the manager decides. */
export const mostReturns = 2;

export const request_return = defineAct('It is not ours (退单)', Type.Object({ reason: Reason, legalBasis: Reason }, strict), async (scene, { reason, legalBasis }) => {
  const part = leadPart(scene);
  if (scene.current.returnCount >= mostReturns) throw new AppError('returned_twice');
  await ask(scene, { kind: 'return', reason, legalBasis });
  return { data: { unitId: part.unitId } };
});

/** Back to the dispatcher, or, the second time, to the manager. The total clock runs on. */
export const accept_return = defineAct('It is not theirs', Type.Object({ note: OptionalReason }, strict), async (scene, { note }) => {
  await decide(scene, 'return', true, note);
  endParts(scene, 'returned');
  const returnCount = scene.current.returnCount + 1;
  return { to: returnCount >= mostReturns ? 'disputed' : 'pending_dispatch', set: { returnCount, leadUnitId: null } };
});

export const refuse_return = defineAct('It is theirs all the same', Type.Object({ note: Reason }, strict), async (scene, { note }) => {
  const request = await decide(scene, 'return', false, note);
  const part = scene.parts.find((one) => one.id === request.partId);
  // Whom the citizen complains about may have come out meanwhile.
  if (part) await requireUnits(scene, [part.unitId]);
  return { to: part?.signedAt ? 'in_progress' : 'dispatched' };
});

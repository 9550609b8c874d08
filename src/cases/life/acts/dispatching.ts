import { Type } from 'typebox';
import { AppError } from '../../../errors.ts';
import { atOnce } from '../../../db/transaction.ts';
import { findRuleBehind } from '../../../units/responsibility/propose-unit.ts';
import { Id, Instant } from '../../../http/paging.ts';
import { defineAct, OptionalReason, Reason, strict, Words, type Outcome, type Scene } from '../act.ts';
import type { CaseRecord } from '../case-record.ts';
import { ask, decide } from '../decide.ts';
import { endParts, giveParts } from '../parts.ts';
import { mostReturns } from './returning.ts';

const units = { leadUnitId: Id, helperUnitIds: Type.Optional(Type.Array(Id, { maxItems: 50, uniqueItems: true })) };
const Note = Type.Optional(Words);

export const propose = defineAct('Write what the unit should do (拟办意见)', Type.Object({ proposal: Words }, strict), (_scene, { proposal }) => ({ set: { proposal } }));

export const submit = defineAct('Submit the case to a leader (呈批)', Type.Object({ reason: Reason }, strict), async (scene, { reason }) => {
  await ask(scene, { kind: 'submission', reason });
  return {};
});

export const answer_submission = defineAct('A leader answers what was submitted', Type.Object({ isGranted: Type.Boolean(), note: Words }, strict), async (scene, { isGranted, note }) => {
  await decide(scene, 'submission', isGranted, note);
  return { data: { isGranted } };
});

export const dispatch = defineAct('Give the case to a lead unit and helping ones',
  Type.Object({ ...units, proposal: Note, isComplex: Type.Optional(Type.Boolean({ description: 'Fifteen working days instead of five' })) }, strict), async (scene, given) => {
    if (scene.requests.some((one) => one.kind === 'submission')) throw new AppError('request_pending', { kind: 'submission' });
    return give(scene, { proposal: given.proposal ?? scene.current.proposal, isComplex: given.isComplex ?? scene.current.isComplex }, given);
  });

export const recall = defineAct('Take the case back before it was signed', Type.Object({ reason: Reason }, strict), (scene, { reason }) => {
  endParts(scene, 'recalled');
  return { set: { leadUnitId: null }, data: { reason } };
});

export const dispute = defineAct('It is nobody’s: the manager decides', Type.Object({ reason: Reason }, strict), (_scene, { reason }) => ({ data: { reason } }));

/** The manager fixes whose it is; nobody returns it any more. A joint conference does so with a deadline of its own. */
export const assign = defineAct('Fix the lead unit of a disputed case', Type.Object({ ...units, reason: OptionalReason, dueAt: Type.Optional(Instant) }, strict), async (scene, given) => {
  const outcome = await give(scene, { returnCount: mostReturns }, given);
  return given.dueAt === undefined ? outcome : { ...outcome, dueAt: new Date(given.dueAt) };
});

type Units = { readonly leadUnitId: string; readonly helperUnitIds?: readonly string[] };

/** Rule 6: an urgent case is supervised from birth. */
async function give(scene: Scene, more: Partial<CaseRecord>, { leadUnitId, helperUnitIds = [] }: Units): Promise<Outcome> {
  const { current, at } = scene;
  const set = { ...more, leadUnitId, dispatchedAt: current.dispatchedAt ?? at, isSupervised: current.isSupervised || current.urgency !== 'normal' };
  const [rule] = await atOnce(findRuleBehind(scene.tx, current, leadUnitId), giveParts(scene, { ...current, ...set }, { leadUnitId, helperUnitIds }));
  return { set, data: { leadUnitId, helperUnitIds, rule } };
}

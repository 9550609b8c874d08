import { Type } from 'typebox';
import { AppError } from '../../../errors.ts';
import { Id } from '../../../http/paging.ts';
import { write } from '../../../db/query.ts';
import { insertLink, lockMain, moveMerged } from '../../duplicates/queries.ts';
import { noteOnCase } from '../../queries.ts';
import { defineAct, OptionalReason, strict } from '../act.ts';

const Other = Type.Object({ otherId: Id, note: OptionalReason }, strict);
/** Into what is over nothing is merged: its citizen would wait for a reply that was given. */
const isOver = new Set(['draft', 'needs_info', 'declined', 'answered', 'handed_over', 'closed', 'archived', 'merged']);

export const link = defineAct('Note that another case is about the same', Other, async ({ tx, current, who, at }, { otherId, note }) => {
  const other = otherId === current.id ? undefined : await lockMain(tx, otherId);
  if (!other) throw new AppError('reference_unknown', { field: 'otherId' });
  if (other.isConfidential !== current.isConfidential) throw new AppError('confidentiality_differs');
  if (await insertLink(tx, current.id, otherId, { at, userId: who.userId })) {
    await write(tx, noteOnCase({ caseId: otherId, at, type: 'link', userId: who.userId, data: { otherId: current.id, otherNumber: current.number } }));
  }
  return { data: { otherId, otherNumber: other.number, note } };
});

/**
 * Several callers, one matter: the case waits for the other one and ends with it, and its citizen gets the same reply. Whoever complains about a
 * unit is never put together with those who do not, nor a confidential case with an open one.
 */
export const merge = defineAct('Merge the case into another (重复件并入)', Type.Object({ intoId: Id, note: OptionalReason }, strict), async ({ tx, current, who, at }, { intoId, note }) => {
  const main = intoId === current.id ? undefined : await lockMain(tx, intoId);
  if (!main) throw new AppError('reference_unknown', { field: 'intoId' });
  if (main.mergedIntoId !== null || isOver.has(main.state)) throw new AppError('not_mergeable', { state: main.state, mergedIntoId: main.mergedIntoId });
  if (main.isConfidential !== current.isConfidential) throw new AppError('confidentiality_differs');
  if (main.aboutUnitId !== current.aboutUnitId) throw new AppError('complaints_differ');
  await moveMerged(tx, current.id, intoId);
  await write(tx, noteOnCase({ caseId: intoId, at, type: 'merged_here', userId: who.userId, data: { otherId: current.id, otherNumber: current.number } }));
  return { set: { mergedIntoId: intoId, callbackReason: null }, data: { intoId, intoNumber: main.number, note } };
});

export const unmerge = defineAct('Take a merged case out again: it is another matter', Type.Object({ note: OptionalReason }, strict), async ({ tx, current, who, at }, { note }) => {
  const intoId = current.mergedIntoId;
  if (intoId) await write(tx, noteOnCase({ caseId: intoId, at, type: 'unmerged', userId: who.userId, data: { otherId: current.id, otherNumber: current.number } }));
  // One that was merged while it was typed has still to be filled in.
  const isWhole = [current.type, current.categoryCode, current.districtCode, current.cause].every((field) => field !== null);
  return { to: isWhole ? 'pending_dispatch' : 'needs_info', set: { mergedIntoId: null }, data: { intoId, note } };
});

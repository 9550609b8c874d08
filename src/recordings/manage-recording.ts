import type { UserActor } from '../auth/actor.ts';
import { audit, type RequestTrace } from '../auth/audit.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { Tx } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import { deleteRecording } from './delete-recording.ts';
import type { Recording } from './recording.ts';
import { lockRecording, saveClass, saveHold } from './queries.ts';

/** Under legal hold nobody deletes a recording, nor does time; `classify` without a class gives it back to the rule. */
export const recordingActions = ['hold', 'release', 'classify', 'delete'] as const;
export type RecordingAction = (typeof recordingActions)[number];
type Who = { readonly actor: UserActor; readonly trace: RequestTrace };
type Act = { readonly action: RecordingAction; readonly reason: string; readonly classCode?: string | null | undefined };

/** Holds, releases, classifies or deletes; each with a reason that is written down with who did it. */
export async function manageRecording(deps: Deps, callId: string, who: Who, act: Act): Promise<void> {
  const { action, reason, classCode } = act;
  const note = (tx: Tx): Promise<void> => audit(tx, who.actor, who.trace, { action: `recording.${action}`, entity: 'call', entityId: callId, reason,
    ...(action === 'classify' ? { details: { classCode: classCode ?? null } } : {}) });
  if (action === 'delete') {
    if (!(await deleteRecording(deps, callId, { userId: who.actor.userId, reason }, note))) await refuseMissing(deps, callId);
    return;
  }
  await transaction(deps.pool, async (tx) => {
    const row = await lockRecording(tx, callId);
    if (!row) throw new AppError('not_found', { entity: 'recording', id: callId });
    if (row.deletedAt) throw new AppError('recording_not_there', { callId, reason: 'deleted' });
    await change(deps, tx, row, who, act);
    await note(tx);
  });
  deps.log.info({ callId, userId: who.actor.userId, action }, 'A recording was put under other rules');
}

async function change(deps: Deps, tx: Tx, row: Recording, who: Who, act: Act): Promise<void> {
  const { callId, heldAt } = row;
  const refuse = (): never => { throw new AppError('action_not_allowed', { action: act.action, allowed: [heldAt ? 'release' : 'hold', 'classify', ...(heldAt ? [] : ['delete'])] }); };
  if (act.action === 'hold') {
    if (heldAt) refuse();
    await saveHold(tx, callId, { at: deps.now(), by: who.actor.userId, reason: act.reason });
  } else if (act.action === 'release') {
    if (!heldAt) refuse();
    await saveHold(tx, callId, null);
  } else if (!(await saveClass(tx, callId, act.classCode ?? null))) throw new AppError('reference_unknown', { field: 'classCode' });
}

async function refuseMissing(deps: Deps, callId: string): Promise<never> {
  const row = await transaction(deps.pool, (tx) => lockRecording(tx, callId));
  if (!row) throw new AppError('not_found', { entity: 'recording', id: callId });
  throw new AppError('recording_not_there', { callId, reason: 'deleted' });
}

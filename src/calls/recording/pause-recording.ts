import { AppError } from '../../errors.ts';
import type { Deps } from '../../deps.ts';
import { findOverduePauses, findRecordingState } from '../../recordings/queries.ts';
import { applyCallEvent } from '../apply-call-event.ts';
import type { CallEvent } from '../call-event.ts';

type PauseEvent = Extract<CallEvent, { type: 'pause_recording' | 'resume_recording' }>;

/** @throws AppError when the call is not in a talk, or its recording is paused, or resumed, already, or cannot be paused. */
export async function changePause(deps: Deps, callId: string, event: PauseEvent): Promise<void> {
  if (!(await applyCallEvent(deps, callId, event))) throw new AppError('action_not_allowed', { action: event.type, allowed: [] });
  if (event.type === 'pause_recording' && !(await findRecordingState(deps.pool, callId)).isRecordingPaused) throw new AppError('telephony_unavailable');
}

/** Pauses that somebody forgot. One whose operator resumed it meanwhile is none. */
export async function endOverduePauses(deps: Deps): Promise<void> {
  for (const callId of await findOverduePauses(deps.pool, deps.now())) {
    await changePause(deps, callId, { type: 'resume_recording', why: 'time' }).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
    });
  }
}

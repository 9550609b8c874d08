import { AppError } from '../../errors.ts';
import type { Tx } from '../../db/query.ts';
import { endPause, insertPause } from '../../recordings/queries.ts';
import { pauseLimitSec } from '../../recordings/recording.ts';
import { deskLeg, legOf, type Call } from '../call.ts';
import type { Effect, SideChange } from '../effect.ts';

type PauseChange = Extract<SideChange, { type: 'recording_paused' | 'recording_resumed' }>;

/** @throws AppError when the recording is not there, or is as it should become already. */
export async function savePause(tx: Tx, callId: string, change: PauseChange, at: Date): Promise<void> {
  const { type } = change;
  const isDone = type === 'recording_paused'
    ? await insertPause(tx, { callId, at, endsAt: new Date(at.getTime() + pauseLimitSec * 1_000), userId: change.userId, reason: change.reason })
    : await endPause(tx, callId, at, change.why);
  if (!isDone) throw new AppError('action_not_allowed', { action: type === 'recording_paused' ? 'pause' : 'resume', allowed: [type === 'recording_paused' ? 'resume' : 'pause'] });
}

/** Whoever paused and is no longer on the call cannot resume: it is recorded again. */
export async function resumeWithoutOperator(tx: Tx, before: Call | null, after: Call, at: Date): Promise<Effect[]> {
  const was = before && deskLeg(before);
  const is = deskLeg(after);
  // The same person on another line of the phone has not left.
  if (!was || (is && is.seatId === was.seatId && is.operatorId === was.operatorId)) return [];
  const isResumed = await endPause(tx, after.id, at, 'operator_left');
  const citizen = legOf(after, 'citizen');
  return isResumed && citizen && after.state !== 'ended' ? [{ type: 'mute_recording', channelId: citizen.id, isMuted: false }] : [];
}

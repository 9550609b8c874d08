import { Type } from 'typebox';
import { Id, NullableString, NullableTime, Time, iso } from '../http/paging.ts';
import type { Pause } from './recording.ts';
import type { DeletionRow, RecordingDetail } from './queries.ts';

const NullableInteger = Type.Union([Type.Integer(), Type.Null()]);
const PauseView = Type.Object({ startedAt: Time, endsAt: Time, endedAt: NullableTime, startedBy: NullableString, reason: NullableString, endedWhy: NullableString });

/** A recording without its sound. `failure` says why there is none, `damagedAt` that it is not any more as it was stored. */
export const RecordingView = Type.Object({
  callId: Id, startedAt: Time, storedAt: NullableTime, durationMs: NullableInteger, channels: Type.Integer(), bytes: NullableInteger,
  sha256: NullableString, failure: NullableString, damagedAt: NullableTime, isPaused: Type.Boolean(), pauses: Type.Array(PauseView),
  classCode: Type.String(), isClassGiven: Type.Boolean(), keepUntil: Time, heldAt: NullableTime, holdReason: NullableString,
  deletedAt: NullableTime, deletedBy: NullableString, deletionReason: NullableString,
});

/** Why it is held may tell more than a listener should know: it is shown to those who hold and release. */
export function viewRecording(row: RecordingDetail, pauses: readonly Pause[], mayManage: boolean) {
  return {
    ...row, startedAt: row.startedAt.toISOString(), storedAt: iso(row.storedAt), sha256: row.sha256?.toString('hex') ?? null, damagedAt: iso(row.damagedAt),
    keepUntil: row.keepUntil.toISOString(), heldAt: iso(row.heldAt), holdReason: mayManage ? row.holdReason : null, deletedAt: iso(row.deletedAt),
    deletionReason: mayManage ? row.deletionReason : null,
    isPaused: pauses.some((pause) => pause.endedAt === null),
    pauses: pauses.map((pause) => ({ ...pause, startedAt: pause.startedAt.toISOString(), endsAt: pause.endsAt.toISOString(), endedAt: iso(pause.endedAt) })),
  };
}

/** `hash` is SHA-256 over a JSON list: the hash before, callId, deletedAt, deletedBy, reason, bytes, sha256, all as here. */
export const DeletionView = Type.Object({
  id: Type.Integer(), callId: Id, deletedAt: Time, deletedBy: NullableString, reason: Type.String(), bytes: Type.Integer(), sha256: Type.String(),
  previousHash: Type.String(), hash: Type.String(),
});

export function viewDeletion(row: DeletionRow) {
  return { ...row, deletedAt: row.deletedAt.toISOString(), sha256: row.sha256.toString('hex'), previousHash: row.previousHash.toString('hex'), hash: row.hash.toString('hex') };
}

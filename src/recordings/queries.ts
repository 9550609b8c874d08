import { execute, query, queryOne, type Db, type Tx } from '../db/query.ts';
import { chainStart } from '../hash-chain.ts';
import type { ChainedDeletion } from './deletion-chain.ts';
import type { Pause, PauseReason, Recording } from './recording.ts';
import type { Silence } from './silence-rules.ts';

const columns = `r.call_id, r.path, r.channels, r.started_at, r.stored_at, r.bytes, r.duration_ms, r.sha256, r.failure, r.is_raw_left, r.damaged_at,
  r.held_at, r.hold_reason, r.deleted_at`;

/** The key to record under when this call has no recorder, or one that did not start; else undefined. */
export async function claimRecording(db: Db, callId: string, key: string, at: Date): Promise<string | undefined> {
  return (await queryOne<{ path: string }>(db, `insert into recordings (call_id, path, started_at, is_raw_left) values ($1, $2, $3, true)
    on conflict (call_id) do update set failure = null, started_at = excluded.started_at where recordings.failure in ('not_started', 'disk_full') returning path`, [callId, key, at]))?.path;
}

export type RecordingState = { readonly hasRecording: boolean; readonly isRecordingPaused: boolean };

/** Whether the call is, or was, recorded and that is still there, and whether it is paused now. */
export async function findRecordingState(db: Db, callId: string): Promise<RecordingState> {
  return (await queryOne<RecordingState>(db, `select failure is null and deleted_at is null as has_recording,
    exists (select 1 from recording_pauses p where p.call_id = r.call_id and p.ended_at is null) as is_recording_paused
    from recordings r where call_id = $1`, [callId])) ?? { hasRecording: false, isRecordingPaused: false };
}

/** Whether Asterisk should record silence now; undefined for a call that never was paused, where there is nothing to ask. */
export async function findMuted(db: Db, callId: string): Promise<boolean | undefined> {
  const row = await queryOne<{ isMuted: boolean | null }>(db, 'select bool_or(ended_at is null) as is_muted from recording_pauses where call_id = $1', [callId]);
  return row?.isMuted ?? undefined;
}

/** Of these calls those whose recorder is not known to run as it should: none was started, or it was paused. */
export async function listUnsureRecordings(db: Db, callIds: readonly string[]): Promise<string[]> {
  const rows = await query<{ id: string }>(db, `select w.id from unnest($1::uuid[]) as w (id) left join recordings r on r.call_id = w.id
    where r.call_id is null or r.failure in ('not_started', 'disk_full') or exists (select from recording_pauses p where p.call_id = w.id)`, [callIds]);
  return rows.map((row) => row.id);
}

export async function setFailure(db: Db, callId: string, failure: NonNullable<Recording['failure']>): Promise<void> {
  await execute(db, 'update recordings set failure = $2 where call_id = $1 and stored_at is null', [callId, failure]);
}

/** When the recorder ended: with the citizen's channel. */
export type Unstored = Recording & { readonly callEndedAt: Date; readonly recorderEndedAt: Date };

/** A recording that a call which is over left to be stored, or whose raw file is still to be removed. */
export async function findUnstored(db: Db, callId: string): Promise<Unstored | undefined> {
  return queryOne(db, `select ${columns}, c.ended_at as call_ended_at,
      coalesce((select max(l.ended_at) from call_legs l where l.call_id = c.id and l.role = 'citizen'), c.ended_at) as recorder_ended_at
    from recordings r join calls c on c.id = r.call_id
    where r.call_id = $1 and c.state = 'ended' and r.failure is null and r.deleted_at is null and (r.stored_at is null or r.is_raw_left)`, [callId]);
}

/** Of calls that ended before `endedBefore`, the oldest first. */
export async function findDueUnstored(db: Db, { now, endedBefore, limit }: { readonly now: Date; readonly endedBefore: Date; readonly limit: number }): Promise<string[]> {
  const rows = await query<{ callId: string }>(db, `select r.call_id from recordings r join calls c on c.id = r.call_id
    where r.stored_at is null and r.failure is null and c.ended_at < $2 and coalesce(r.retry_at <= $1, true)
    union all select call_id from recordings where is_raw_left and stored_at < $2 limit $3`, [now, endedBefore, limit]);
  return rows.map((row) => row.callId);
}

export async function setRetry(db: Db, callId: string, at: Date): Promise<void> {
  await execute(db, 'update recordings set retry_at = $2 where call_id = $1 and stored_at is null', [callId, at]);
}

type StoredRow = { readonly callId: string; readonly at: Date; readonly bytes: number; readonly sha256: Buffer; readonly durationMs: number };

export async function saveStored(db: Db, { callId, at, bytes, sha256, durationMs }: StoredRow): Promise<void> {
  await execute(db, `update recordings set stored_at = $2, checked_at = $2, bytes = $3, sha256 = $4, duration_ms = $5, retry_at = null
    where call_id = $1 and stored_at is null`, [callId, at, bytes, sha256, durationMs]);
}

export async function forgetRaw(db: Db, callId: string): Promise<void> {
  await execute(db, 'update recordings set is_raw_left = false where call_id = $1', [callId]);
}

export type RecordingDetail = Recording & {
  readonly classCode: string; readonly isClassGiven: boolean; readonly keepUntil: Date; readonly isConfidential: boolean;
  readonly deletedBy: string | null; readonly deletionReason: string | null;
};

export async function findRecording(db: Db, callId: string): Promise<RecordingDetail | undefined> {
  return queryOne(db, `select ${columns}, t.class_code, t.is_class_given, t.keep_until, coalesce(s.is_confidential, false) as is_confidential,
      d.deleted_by, d.reason as deletion_reason
    from recordings r join recording_retention t on t.call_id = r.call_id join calls c on c.id = r.call_id left join cases s on s.id = c.case_id
    left join recording_deletions d on d.call_id = r.call_id where r.call_id = $1`, [callId]);
}

/** Whether the person, as an operator, heard the citizen in the call. */
export async function tookPart(db: Db, callId: string, userId: string): Promise<boolean> {
  return (await queryOne(db, `select 1 from call_legs own join call_talks t on t.call_id = own.call_id and own.id = any(t.leg_ids)
      join call_legs citizen on citizen.call_id = own.call_id and citizen.role = 'citizen' and citizen.id = any(t.leg_ids)
    where own.call_id = $1 and own.operator_id = $2 and own.role = 'operator' limit 1`, [callId, userId])) !== undefined;
}

type Listening = { readonly callId: string; readonly userId: string; readonly at: Date; readonly lengthSec: number; readonly reason: string | undefined };

/** False while the person's listening that was written down, for the same reason, may still go on. */
export async function beginListening(tx: Tx, { callId, userId, at, lengthSec, reason }: Listening): Promise<boolean> {
  return (await execute(tx, `insert into recording_listens (call_id, user_id, began_at, reason) values ($1, $2, $3, $4)
    on conflict (call_id, user_id) do update set began_at = excluded.began_at, reason = excluded.reason
    where recording_listens.began_at <= excluded.began_at - make_interval(secs => $5) or recording_listens.reason is distinct from excluded.reason`,
  [callId, userId, at, reason, lengthSec])) > 0;
}

/** The row of a recording that is held, given a class, or deleted. */
export async function lockRecording(tx: Tx, callId: string): Promise<Recording | undefined> {
  return queryOne(tx, `select ${columns} from recordings r where r.call_id = $1 for update`, [callId]);
}

export async function saveHold(tx: Tx, callId: string, hold: { readonly at: Date; readonly by: string; readonly reason: string } | null): Promise<void> {
  await execute(tx, 'update recordings set held_at = $2, held_by = $3, hold_reason = $4 where call_id = $1', [callId, hold?.at, hold?.by, hold?.reason]);
}

/** False when there is no such class. */
export async function saveClass(tx: Tx, callId: string, code: string | null): Promise<boolean> {
  return (await execute(tx, `update recordings set class_code = $2 where call_id = $1
    and ($2::text is null or exists (select 1 from recording_classes where code = $2))`, [callId, code])) > 0;
}

export async function countRecordingsOfClass(db: Db, code: string): Promise<number> {
  return (await queryOne<{ count: number }>(db, 'select count(*) from recordings where class_code = $1 and deleted_at is null', [code]))?.count ?? 0;
}

/** Stored, not held, and past their time; oldest first. */
export async function findDueForDeletion(db: Db, now: Date, limit: number): Promise<string[]> {
  const rows = await query<{ callId: string }>(db, `select r.call_id from recordings r join recording_retention t on t.call_id = r.call_id
    where r.stored_at is not null and r.deleted_at is null and r.held_at is null and t.keep_until <= $1
      and r.started_at <= $1::timestamptz - (select min(keep_days) from recording_classes) * interval '1 day' order by r.started_at limit $2`, [now, limit]);
  return rows.map((row) => row.callId);
}

export async function isKeptUntilAfter(tx: Tx, callId: string, now: Date): Promise<boolean> {
  return (await queryOne(tx, 'select 1 from recording_retention where call_id = $1 and keep_until > $2', [callId, now])) !== undefined;
}

export async function saveDeleted(tx: Tx, callId: string, at: Date): Promise<void> {
  await execute(tx, 'update recordings set deleted_at = $2, is_raw_left = false where call_id = $1', [callId, at]);
}

/** Deletions take turns from here to the end of the transaction, so that each knows the one before. */
export async function lockLastDeletionHash(tx: Tx): Promise<Buffer> {
  await execute(tx, 'select pg_advisory_xact_lock(12348)');
  return (await queryOne<{ hash: Buffer }>(tx, 'select hash from recording_deletions order by id desc limit 1'))?.hash ?? chainStart;
}

export async function insertDeletion(tx: Tx, row: ChainedDeletion): Promise<void> {
  await execute(tx, `insert into recording_deletions (call_id, deleted_at, deleted_by, reason, bytes, sha256, previous_hash, hash)
    values ($1,$2,$3,$4,$5,$6,$7,$8)`, [row.callId, row.deletedAt, row.deletedBy, row.reason, row.bytes, row.sha256, row.previousHash, row.hash]);
}

export type DeletionRow = ChainedDeletion & { readonly id: number };
const deletionColumns = 'id, call_id, deleted_at, deleted_by, reason, bytes, sha256, previous_hash, hash';

export async function listDeletionsAfter(db: Db, id: number, limit: number): Promise<DeletionRow[]> {
  return query(db, `select ${deletionColumns} from recording_deletions where id > $1 order by id limit $2`, [id, limit]);
}

export async function listDeletionsBefore(db: Db, id: number, limit: number): Promise<DeletionRow[]> {
  return query(db, `select ${deletionColumns} from recording_deletions where id < $1 order by id desc limit $2`, [id, limit]);
}

/** Recordings that say they are deleted and have no deletion, or the other way round: the end of the chain was cut off. */
export async function countUnproven(db: Db): Promise<number> {
  return (await queryOne<{ count: number }>(db, `select count(*) from recordings r full join recording_deletions d on d.call_id = r.call_id
    where (r.deleted_at is null) <> (d.id is null)`))?.count ?? 0;
}

/** The stored recording that was looked at longest ago, before `before`. */
export async function findLeastChecked(db: Db, before: Date): Promise<Recording | undefined> {
  return queryOne(db, `select ${columns} from recordings r where r.stored_at is not null and r.deleted_at is null and r.damaged_at is null
    and r.bytes > 0 and r.checked_at < $1 order by r.checked_at limit 1`, [before]);
}

export async function saveCheck(db: Db, callId: string, at: Date, isSound: boolean): Promise<void> {
  await execute(db, 'update recordings set checked_at = $2::timestamptz, damaged_at = case when $3 then null else $2::timestamptz end where call_id = $1 and deleted_at is null', [callId, at, isSound]);
}

export async function countFailed(db: Db): Promise<{ readonly reason: string; readonly count: number }[]> {
  return query(db, `select coalesce(failure, 'damaged') as reason, count(*) from recordings where failure is not null or damaged_at is not null group by 1`);
}

type NewPause = { readonly callId: string; readonly at: Date; readonly endsAt: Date; readonly userId: string | null; readonly reason: PauseReason | null };

/** False when the call is not recorded, or paused already. */
export async function insertPause(tx: Tx, { callId, at, endsAt, userId, reason }: NewPause): Promise<boolean> {
  return (await execute(tx, `insert into recording_pauses (call_id, started_at, ends_at, started_by, reason)
    select call_id, $2, $3, $4, $5 from recordings where call_id = $1 and failure is null on conflict do nothing`, [callId, at, endsAt, userId, reason])) > 0;
}

/** False when none was open. */
export async function endPause(tx: Tx, callId: string, at: Date, why: NonNullable<Pause['endedWhy']>): Promise<boolean> {
  return (await execute(tx, 'update recording_pauses set ended_at = greatest($2, started_at), ended_why = $3 where call_id = $1 and ended_at is null', [callId, at, why])) > 0;
}

export async function listPauses(db: Db, callId: string): Promise<Pause[]> {
  return query(db, `select started_at, ends_at, ended_at, started_by, reason, ended_why from recording_pauses where call_id = $1 order by id`, [callId]);
}

export async function findOverduePauses(db: Db, now: Date): Promise<string[]> {
  const rows = await query<{ callId: string }>(db, 'select call_id from recording_pauses where ended_at is null and ends_at <= $1', [now]);
  return rows.map((row) => row.callId);
}

type Running = Pick<Recording, 'callId' | 'path' | 'startedAt'> & { readonly silentMs: number };

/** Recordings of calls that go on, each with the length of the silences that were seen. */
export async function listRunning(db: Db): Promise<Running[]> {
  return query(db, `select r.call_id, r.path, r.started_at, coalesce((select sum(s.for_ms) from recording_silences s where s.call_id = r.call_id), 0) as silent_ms
    from recordings r join calls c on c.id = r.call_id where r.stored_at is null and r.failure is null and c.state <> 'ended'`);
}

export async function insertSilence(db: Db, callId: string, { atMs, forMs }: Silence): Promise<void> {
  await execute(db, `insert into recording_silences (call_id, at_ms, for_ms) values ($1, $2, $3)
    on conflict (call_id, at_ms) do update set for_ms = recording_silences.for_ms + excluded.for_ms`, [callId, Math.round(atMs), Math.round(forMs)]);
}

export async function listSilences(db: Db, callId: string): Promise<Silence[]> {
  return query(db, 'select at_ms, for_ms from recording_silences where call_id = $1 order by at_ms', [callId]);
}

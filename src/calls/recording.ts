import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Deps } from '../deps.ts';
import { execute, query, queryOne } from '../db/query.ts';

/** Where a call's recording lies below the recordings folder: one file a call, one folder a day (UTC). */
export function recordingPath(callId: string, at: Date): string {
  return `${at.toISOString().slice(0, 10)}/${callId}.wav`;
}

/**
 * Starts the call's one recording on the citizen's channel, so that it goes on whichever legs come and go. The row comes
 * first: it keeps a second recorder off the file. It goes again when the recorder did not start, so that a repeat does.
 */
export async function startRecording(deps: Deps, callId: string, channelId: string): Promise<void> {
  const path = recordingPath(callId, deps.now());
  const isNew = await execute(deps.pool, `insert into recordings (call_id, path, started_at) values ($1, $2, $3)
    on conflict (call_id) do nothing`, [callId, path, deps.now()]);
  if (isNew === 0) return;
  try {
    await deps.telephony.startRecording(channelId, path);
  } catch (error) {
    await execute(deps.pool, 'delete from recordings where call_id = $1', [callId]);
    throw error;
  }
}

/** A file still unfinished this long after its call stays so (Asterisk ended while it wrote), milliseconds. */
const finishWithinMs = 60_000;

/**
 * After the call: size and checksum go into the record. Asterisk closes the file some time after the hang-up; one that is
 * not whole yet is tried again by job and sweep, and one that never becomes whole is kept as it is, with 0 bytes if there is none.
 */
export async function storeRecording(deps: Deps, callId: string): Promise<void> {
  const row = await queryOne<{ path: string; endedAt: Date }>(deps.pool, `select r.path, c.ended_at from recordings r join calls c on c.id = r.call_id
    where r.call_id = $1 and r.stored_at is null and c.state = 'ended'`, [callId]);
  if (!row) return;
  const file = join(deps.config.HOTLINE_RECORDINGS_DIR, row.path);
  const { bytes, isWhole } = await inspectWav(file);
  if (!isWhole && deps.now().getTime() - row.endedAt.getTime() < finishWithinMs) throw new Error('the recording is not finished yet');
  if (!isWhole) deps.log.error({ callId, bytes }, 'A recording is not whole; Asterisk’s log tells why');
  const hash = createHash('sha256');
  if (bytes > 0) await pipeline(createReadStream(file), hash);
  await execute(deps.pool, 'update recordings set stored_at = $2, bytes = $3, sha256 = $4 where call_id = $1', [callId, deps.now(), bytes, hash.digest()]);
}

/** Asterisk's WAV header: 44 bytes, the last four of them the length of what follows, written when the file is closed. */
const headerBytes = 44;

async function inspectWav(path: string): Promise<{ bytes: number; isWhole: boolean }> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return { bytes: 0, isWhole: false };
  try {
    const header = Buffer.alloc(headerBytes);
    await file.read(header, 0, headerBytes, 0);
    const { size } = await file.stat();
    return { bytes: size, isWhole: size >= headerBytes && header.readUInt32LE(headerBytes - 4) === size - headerBytes };
  } finally {
    await file.close();
  }
}

/** Calls that ended in the last day and whose recording is not stored yet. */
export async function findUnstoredRecordings(deps: Deps): Promise<string[]> {
  const rows = await query<{ callId: string }>(deps.pool, `select r.call_id from recordings r join calls c on c.id = r.call_id
    where r.stored_at is null and c.ended_at between $1::timestamptz - interval '1 day' and $1::timestamptz - interval '5 seconds'`, [deps.now()]);
  return rows.map((row) => row.callId);
}

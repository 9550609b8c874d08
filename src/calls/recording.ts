import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Deps } from '../deps.ts';
import { execute, query, queryOne } from '../db/query.ts';

/** Where a call's recording lies below the recordings folder: one file a call, one folder a day (UTC). */
export function recordingPath(callId: string, at: Date): string {
  return `${at.toISOString().slice(0, 10)}/${callId}.wav`;
}

/** Starts the call's one recording on the citizen's channel, so that it goes on whichever legs come and go. */
export async function startRecording(deps: Deps, callId: string, channelId: string): Promise<void> {
  const path = recordingPath(callId, deps.now());
  const isNew = await execute(deps.pool, `insert into recordings (call_id, path, started_at) values ($1, $2, $3)
    on conflict (call_id) do nothing`, [callId, path, deps.now()]);
  if (isNew > 0) await deps.telephony.startRecording(channelId, path);
}

/** After the call: size and checksum go into the record. A file that is not there yet is tried again by the sweep. */
export async function storeRecording(deps: Deps, callId: string): Promise<void> {
  const row = await queryOne<{ path: string }>(deps.pool, `select path from recordings r join calls c on c.id = r.call_id
    where r.call_id = $1 and r.stored_at is null and c.state = 'ended'`, [callId]);
  if (!row) return;
  const file = join(deps.config.HOTLINE_RECORDINGS_DIR, row.path);
  const { size } = await stat(file);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  await execute(deps.pool, 'update recordings set stored_at = $2, bytes = $3, sha256 = $4 where call_id = $1', [callId, deps.now(), size, hash.digest()]);
}

/** Calls that ended in the last day and whose recording is not stored yet. */
export async function findUnstoredRecordings(deps: Deps): Promise<string[]> {
  const rows = await query<{ callId: string }>(deps.pool, `select r.call_id from recordings r join calls c on c.id = r.call_id
    where r.stored_at is null and c.ended_at between $1::timestamptz - interval '1 day' and $1::timestamptz - interval '5 seconds'`, [deps.now()]);
  return rows.map((row) => row.callId);
}

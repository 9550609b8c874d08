import { execute, query, queryOne, type Db, type Tx } from '../db/query.ts';

/** A text the set-up speaks; what is no longer in the list can only be heard as a recording. */
export async function saveSpokenPrompts(tx: Tx, prompts: readonly { readonly key: string; readonly text: string }[]): Promise<void> {
  const [keys, texts] = [prompts.map((one) => one.key), prompts.map((one) => one.text)];
  await execute(tx, `insert into prompts (key, text, is_spoken) select *, true from unnest($1::text[], $2::text[])
    on conflict (key) do update set text = excluded.text, is_spoken = true`, [keys, texts]);
  await execute(tx, 'update prompts set is_spoken = false where is_spoken and key <> all($1)', [keys]);
}

export type Recording = { readonly sha256: string; readonly audio: Buffer; readonly ms: number };

/** Kept for good under its checksum: an undone change needs it again. */
export async function insertRecording(tx: Tx, { sha256, audio, ms }: Recording, at: Date): Promise<void> {
  await execute(tx, 'insert into prompt_recordings (sha256, audio, ms, created_at) values ($1, $2, $3, $4) on conflict do nothing', [sha256, audio, ms, at]);
}

export async function findRecordingOf(db: Db, key: string): Promise<Buffer | undefined> {
  const row = await queryOne<{ audio: Buffer }>(db, 'select r.audio from prompts p join prompt_recordings r on r.sha256 = p.recording_sha256 where p.key = $1', [key]);
  return row?.audio;
}

/** Which prompt is heard as which recording. */
export async function listRecorded(db: Db): Promise<{ key: string; sha256: string }[]> {
  return query(db, 'select key, recording_sha256 as sha256 from prompts where recording_sha256 is not null order by key');
}

export async function isRecording(db: Db, sha256: string): Promise<boolean> {
  return (await queryOne(db, 'select sha256 from prompt_recordings where sha256 = $1', [sha256])) !== undefined;
}

import { Readable } from 'node:stream';
import type { Deps } from '../deps.ts';
import { rawKey, type Recording } from './recording.ts';
import { localStore, type FileStore } from '../files/file-store.ts';
import { findDueUnstored, findUnstored, forgetRaw, listSilences, saveStored, setFailure, setRetry, type Unstored } from './queries.ts';
import { layOut } from './silence-rules.ts';
import { encodeStereo, rawBytes, rawDurationMs, wholeFrames, withSilences } from './stereo-wav.ts';

/** Asterisk closes a file some milliseconds after its channel's end; one that did not change for this long is finished, milliseconds. */
const quietMs = 2_000;
/** A file that is not there this long after its call never will be, milliseconds. */
const missingAfterMs = 60_000;
/** A recording that could not be stored is tried again after, milliseconds: the disk may have room then. */
const retryAfterMs = 30_000;
/** What no alarm has stored this long after its call is the sweep's, milliseconds. */
const leftAfterMs = 5_000;
const mostAtOnce = 20;

/** Recordings that this process stores just now, and for when the next alarm is set. */
const inHand = new Set<string>();
const asked = new WeakMap<Deps['jobs'], number>();

/** Asterisk is not done with the file. */
class NotYet extends Error {}

/**
 * After the call: what Asterisk wrote becomes a stereo WAV file, durable and read back; its size and checksum go into the row,
 * and only then the raw file goes. May be done again after any step. What a crash of Asterisk left is stored as it is.
 */
export async function storeRecording(deps: Deps, callId: string): Promise<void> {
  const row = await findUnstored(deps.pool, callId);
  if (!row) return;
  const store = localStore(deps.config.HOTLINE_RECORDINGS_DIR);
  if (row.storedAt === null && !(await convert(deps, store, row))) return;
  await store.remove(rawKey(row.path));
  await forgetRaw(deps.pool, callId);
}

async function convert(deps: Deps, store: FileStore, row: Unstored): Promise<boolean> {
  const { callId } = row;
  const raw = await store.find(rawKey(row.path));
  const now = deps.now();
  if (!raw) {
    if (now.getTime() - row.callEndedAt.getTime() < missingAfterMs) throw new NotYet('the recording is not there yet');
    await setFailure(deps.pool, callId, 'no_file');
    deps.log.error({ callId }, 'A call has no recording: Asterisk wrote none; its log tells why');
    return false;
  }
  if (now.getTime() - raw.changedAt.getTime() < quietMs) throw new NotYet('the recording is not finished yet');
  const silences = layOut(await listSilences(deps.pool, callId), rawDurationMs(raw.bytes), row.recorderEndedAt.getTime() - row.startedAt.getTime());
  const written = wholeFrames(raw.bytes);
  const bytes = written + silences.reduce((sum, { forMs }) => sum + rawBytes(forMs), 0);
  const stored = await store.put(row.path, encodeStereo(withSilences(readRaw(store, row, written), silences), bytes));
  await saveStored(deps.pool, { callId, at: now, durationMs: rawDurationMs(bytes), ...stored });
  deps.log.info({ callId, bytes: stored.bytes }, 'A recording was stored');
  return true;
}

function readRaw(store: FileStore, row: Recording, bytes: number): AsyncIterable<Buffer> {
  return (bytes === 0 ? Readable.from([]) : store.read(rawKey(row.path), { start: 0, end: bytes - 1 })) as Readable & AsyncIterable<Buffer>;
}

/** All whose calls are over and whose files are finished: what the alarm of `wakeToStore` does. */
export async function storeEndedRecordings(deps: Deps): Promise<void> {
  while (await storeSome(deps, quietMs) === mostAtOnce);
}

/** What no alarm stored, some at a time. */
export async function storeLeftRecordings(deps: Deps): Promise<void> {
  await storeSome(deps, leftAfterMs);
}

async function storeSome(deps: Deps, endedForMs: number): Promise<number> {
  const now = deps.now();
  const due = await findDueUnstored(deps.pool, { now, endedBefore: new Date(now.getTime() - endedForMs), limit: mostAtOnce });
  const mine = due.filter((callId) => !inHand.has(callId));
  for (const callId of mine) {
    inHand.add(callId);
    await storeRecording(deps, callId).catch((error: unknown) => retryLater(deps, callId, error)).finally(() => inHand.delete(callId));
  }
  return mine.length;
}

async function retryLater(deps: Deps, callId: string, error: unknown): Promise<void> {
  const isEarly = error instanceof NotYet;
  deps.log[isEarly ? 'debug' : 'warn']({ err: error, callId }, 'A recording could not be stored yet');
  await setRetry(deps.pool, callId, new Date(deps.now().getTime() + (isEarly ? quietMs : retryAfterMs)));
}

/** Asks for the recording of a call that ends now; calls that end within a second share one alarm. */
export async function wakeToStore({ jobs, now }: Pick<Deps, 'jobs' | 'now'>): Promise<void> {
  const at = Math.ceil((now().getTime() + quietMs + 500) / 1_000) * 1_000;
  if (asked.get(jobs) === at) return;
  asked.set(jobs, at);
  await jobs.wake('store-recordings', {}, new Date(at));
}

import type { Deps } from '../deps.ts';
import { rawKey, recordingKey } from './recording.ts';
import { localStore } from '../files/file-store.ts';
import { claimRecording, setFailure } from './queries.ts';

/** What was said of the store last, so that it is said once and not with every call. */
let isStoreMissed = false;

/**
 * Starts the call's one recording on the citizen's channel, so that it goes on whichever legs come and go. The row comes
 * first: it keeps a second recorder off the file. When there is no room the call goes on unrecorded, and its row says so.
 */
export async function startRecording(deps: Deps, callId: string, channelId: string): Promise<void> {
  const key = await claimRecording(deps.pool, callId, recordingKey(callId, deps.now()), deps.now());
  if (key === undefined) return;
  if (!(await hasRoom(deps))) return setFailure(deps.pool, callId, 'disk_full');
  try {
    await deps.telephony.startRecording(channelId, rawKey(key));
  } catch (error) {
    await setFailure(deps.pool, callId, 'not_started');
    throw error;
  }
}

async function hasRoom(deps: Deps): Promise<boolean> {
  try {
    if (!(await localStore(deps.config.HOTLINE_RECORDINGS_DIR).hasRoom())) throw new Error('less than 256 MiB are free');
    if (isStoreMissed) deps.log.info('Calls are recorded again');
    isStoreMissed = false;
    return true;
  } catch (error) {
    if (!isStoreMissed) deps.log.error({ err: error }, 'Calls go on unrecorded: make room in the folder of the recordings, or make it writable');
    isStoreMissed = true;
    return false;
  }
}

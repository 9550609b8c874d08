import type { Deps } from '../deps.ts';
import { localStore } from '../files/file-store.ts';
import { findLeastChecked, saveCheck } from './queries.ts';

/** Each stored recording is read again this often, days. */
const checkEveryDays = 30;

/** Looks at one recording: is it there, and as it was stored? One that is not is reported, once. */
export async function checkOneRecording(deps: Deps): Promise<void> {
  const now = deps.now();
  const row = await findLeastChecked(deps.pool, new Date(now.getTime() - checkEveryDays * 86_400_000));
  if (!row?.sha256) return;
  const { callId, path, sha256 } = row;
  const store = localStore(deps.config.HOTLINE_RECORDINGS_DIR);
  const isThere = (await store.find(path)) !== null;
  const isSound = isThere && (await store.checksum(path)).equals(sha256);
  await saveCheck(deps.pool, callId, now, isSound);
  if (!isSound) deps.log.error({ callId, isThere }, 'A recording is missing or was changed; restore it from a backup');
}

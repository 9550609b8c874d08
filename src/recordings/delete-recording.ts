import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import type { Tx } from '../db/query.ts';
import { linkHash } from '../hash-chain.ts';
import { deletionFields } from './deletion-chain.ts';
import { rawKey, type Recording } from './recording.ts';
import { localStore } from '../files/file-store.ts';
import { findDueForDeletion, insertDeletion, isKeptUntilAfter, lockLastDeletionHash, lockRecording, saveDeleted } from './queries.ts';

type Why = { readonly userId: string; readonly reason: string } | 'time';

/**
 * Deletes the audio for good; the row stays, and the deletion becomes a link of the chain. The file goes before that is
 * committed, so that nothing is proven that did not happen; a crash between the two is made good by doing it again.
 * @throws AppError for one that is under legal hold or not stored. False when there is nothing to delete (any more).
 */
export async function deleteRecording(deps: Deps, callId: string, why: Why, more: (tx: Tx) => Promise<void> = async () => undefined): Promise<boolean> {
  const isDone = await transaction(deps.pool, async (tx) => {
    const row = await lockRecording(tx, callId);
    if (!row || row.deletedAt) return false;
    if (why === 'time' && (row.heldAt || (await isKeptUntilAfter(tx, callId, deps.now())))) return false;
    if (row.heldAt) throw new AppError('recording_held', { callId });
    if (!isStored(row)) throw new AppError('recording_not_there', { callId, reason: row.failure ?? 'not_stored_yet' });
    await more(tx);
    await remove(deps, tx, row, why);
    return true;
  });
  if (isDone) deps.log.info({ callId, userId: why === 'time' ? undefined : why.userId }, 'A recording was deleted');
  return isDone;
}

export type StoredRecording = Recording & { readonly bytes: number; readonly sha256: Buffer };

export function isStored(row: Recording): row is StoredRecording {
  return row.storedAt !== null && row.bytes !== null && row.sha256 !== null;
}

async function remove(deps: Deps, tx: Tx, row: StoredRecording, why: Why): Promise<void> {
  const store = localStore(deps.config.HOTLINE_RECORDINGS_DIR);
  const at = deps.now();
  const previousHash = await lockLastDeletionHash(tx);
  await store.remove(row.path);
  await store.remove(rawKey(row.path));
  const [deletedBy, reason] = why === 'time' ? [null, 'retention'] : [why.userId, why.reason];
  const deletion = { callId: row.callId, deletedAt: at, deletedBy, reason, bytes: row.bytes, sha256: row.sha256 };
  await insertDeletion(tx, { ...deletion, previousHash, hash: linkHash(previousHash, deletionFields(deletion)) });
  await saveDeleted(tx, row.callId, at);
}

/** Those whose time is over, some at a time. */
export async function deleteDueRecordings(deps: Deps): Promise<void> {
  for (const callId of await findDueForDeletion(deps.pool, deps.now(), 20)) await deleteRecording(deps, callId, 'time');
}

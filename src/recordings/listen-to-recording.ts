import type { UserActor } from '../auth/actor.ts';
import { audit, type RequestTrace } from '../auth/audit.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import { isStored, type StoredRecording } from './delete-recording.ts';
import { lackingPermission } from './listen-rules.ts';
import { beginListening, findRecording, tookPart } from './queries.ts';

/** A player asks for many parts; requests of one listener within so long of the first are one listening, seconds. */
const listeningSec = 600;

/** The recording, when this person may hear it. Refuses what is not permitted before it tells what is there. */
export async function findAudible(deps: Deps, callId: string, actor: UserActor, reason: string | undefined): Promise<StoredRecording> {
  const row = await findRecording(deps.pool, callId);
  if (!row) throw new AppError('not_found', { entity: 'recording', id: callId });
  const listener = { permissions: actor.permissions, tookPart: await tookPart(deps.pool, callId, actor.userId) };
  const permission = lackingPermission(listener, row, deps.now());
  if (permission) throw new AppError('forbidden', { permission });
  if (row.isConfidential && reason === undefined) throw new AppError('fields_missing', { fields: ['reason'] });
  if (!isStored(row) || row.deletedAt) throw new AppError('recording_not_there', { callId, reason: row.deletedAt ? 'deleted' : row.failure ?? 'not_stored_yet' });
  return row;
}

/** Writes the listening down before a byte of it is sent. */
export async function noteListening(deps: Deps, callId: string, actor: UserActor, trace: RequestTrace, reason: string | undefined): Promise<void> {
  await transaction(deps.pool, async (tx) => {
    const isNew = await beginListening(tx, { callId, userId: actor.userId, at: deps.now(), lengthSec: listeningSec, reason });
    if (isNew) await audit(tx, actor, trace, { action: 'recording.listened', entity: 'call', entityId: callId, ...(reason === undefined ? {} : { reason }) });
  });
}

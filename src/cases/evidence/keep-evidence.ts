import { Readable } from 'node:stream';
import { v7 as uuid } from 'uuid';
import { write, type Tx } from '../../db/query.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { dayInShanghai } from '../case-number-rules.ts';
import type { Part } from '../life/case-record.ts';
import { listParts, lockCaseRecord } from '../life/queries.ts';
import { noteOnCase } from '../queries.ts';
import { findEvidence, insertEvidence, listEvidence, markRemoved } from './queries.ts';
import { mediaTypeOf } from './media-rules.ts';
import { evidenceFolder, newSealedFile } from './sealed-files.ts';

/** Of one unit in one case. */
const mostFiles = 10;
/** In these the unit still works on what it will hand in. */
const atWork: ReadonlySet<string> = new Set(['in_progress', 'rework', 'extension_requested', 'suspended']);

type Given = { readonly caseId: string; readonly userId: string; readonly unitId: string | null; readonly name: string; readonly content: Buffer };

/** The bytes are durable before the row says that they are there; bytes whose row failed are removed again. */
export async function addEvidence(deps: Deps, { caseId, userId, unitId, name, content }: Given): Promise<string> {
  const mediaType = mediaTypeOf(content, name);
  if (mediaType === null) throw new AppError('file_unusable', { reason: 'only JPEG, PNG, PDF, Office documents, MP3, WAV and MP4 are taken' });
  const [id, at] = [uuid(), deps.now()];
  const { key: { sealed: sealedKey, keyId }, store } = newSealedFile(deps, id);
  if (!(await store.hasRoom())) throw new AppError('unavailable', { part: 'disk' });
  const path = `${dayInShanghai(at)}/${id}.bin`;
  const stored = await store.put(path, Readable.from([content]));
  try {
    await transaction(deps.pool, async (tx) => {
      const part = await requirePart(tx, caseId, unitId);
      if ((await listEvidence(tx, caseId)).filter((one) => one.unitId === unitId).length >= mostFiles) throw new AppError('too_many', { most: mostFiles });
      await insertEvidence(tx, caseId, { id, partId: part.id, userId, at, name, mediaType, path, sealedKey, keyId, ...stored });
      await write(tx, noteOnCase({ caseId, at, type: 'evidence_added', userId, data: { evidenceId: id, unitId, mediaType } }));
    });
  } catch (error) {
    await store.remove(path);
    throw error;
  }
  return id;
}

/** What was handed in stays as it was handed in. */
export async function removeEvidence(deps: Deps, { caseId, userId, unitId, evidenceId }: Omit<Given, 'name' | 'content'> & { readonly evidenceId: string }): Promise<void> {
  const path = await transaction(deps.pool, async (tx) => {
    await requirePart(tx, caseId, unitId);
    const found = await findEvidence(tx, caseId, evidenceId);
    if (!found) throw new AppError('not_found', { entity: 'evidence', id: evidenceId });
    if (found.unitId !== unitId) throw new AppError('not_your_case');
    await markRemoved(tx, evidenceId, { at: deps.now(), userId });
    await write(tx, noteOnCase({ caseId, at: deps.now(), type: 'evidence_removed', userId, data: { evidenceId, unitId } }));
    return found.path;
  });
  await evidenceFolder(deps).remove(path);
}

async function requirePart(tx: Tx, caseId: string, unitId: string | null): Promise<Part> {
  const one = await lockCaseRecord(tx, caseId);
  const part = (await listParts(tx, caseId)).find((each) => each.unitId === unitId && each.endedAt === null);
  if (!one || !part) throw new AppError('not_your_case');
  if (!atWork.has(one.state)) throw new AppError('action_not_allowed', { state: one.state, action: 'evidence', allowed: [] });
  return part;
}

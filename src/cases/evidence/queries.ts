import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';
import type { Sealed } from '../identity/vault.ts';

/** The key of a file's bytes as its row has it; null for one from before the sealing. */
export type FileKey = { readonly id: string; readonly sealedKey: Buffer | null; readonly keyId: string | null };

export type Evidence = FileKey & {
  readonly partId: string; readonly unitId: string; readonly userId: string; readonly at: Date; readonly name: string; readonly mediaType: string; readonly bytes: number; readonly sha256: Buffer; readonly path: string;
};
const select = `select e.id, e.case_unit_id as part_id, p.unit_id, e.user_id, e.at, e.name, e.media_type, e.bytes, e.sha256, e.path, e.sealed_key, e.key_id from case_evidence e join case_units p on p.id = e.case_unit_id where e.removed_at is null`;

export async function listEvidence(db: Db, caseId: string): Promise<Evidence[]> {
  return query(db, `${select} and e.case_id = $1 order by e.at, e.id`, [caseId]);
}

export async function findEvidence(db: Db, caseId: string, evidenceId: string): Promise<Evidence | undefined> {
  return queryOne(db, `${select} and e.case_id = $1 and e.id = $2`, [caseId, evidenceId]);
}

export async function insertEvidence(tx: Tx, caseId: string, one: Omit<Evidence, 'unitId'>): Promise<void> {
  await execute(tx, 'insert into case_evidence (id, case_id, case_unit_id, user_id, at, name, media_type, bytes, sha256, path, sealed_key, key_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
    [one.id, caseId, one.partId, one.userId, one.at, one.name, one.mediaType, one.bytes, one.sha256, one.path, one.sealedKey, one.keyId]);
}

/** Its row stays, and says who took it away. */
export async function markRemoved(tx: Tx, evidenceId: string, by: { readonly at: Date; readonly userId: string }): Promise<void> {
  await execute(tx, 'update case_evidence set removed_at = $2, removed_by = $3 where id = $1', [evidenceId, by.at, by.userId]);
}

/** Keys of files that are there, sealed by another key than this one. */
export async function lockToRewrap(tx: Tx, currentId: string, limit: number): Promise<(Sealed & { readonly id: string })[]> {
  return query(tx, `select id, sealed_key as sealed, key_id from case_evidence where id in ((select id from case_evidence where key_id < $1 and removed_at is null limit $2) union all (select id from case_evidence where key_id > $1 and removed_at is null limit $2))
    order by id limit $2 for update skip locked`, [currentId, limit]);
}

export async function saveKey(tx: Tx, evidenceId: string, { sealed, keyId }: Sealed): Promise<void> {
  await execute(tx, 'update case_evidence set sealed_key = $2, key_id = $3 where id = $1', [evidenceId, sealed, keyId]);
}

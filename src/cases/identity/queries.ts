import { execute, query, queryOne, type Db, type Statement, type Tx } from '../../db/query.ts';
import type { CaseIdentity } from '../case.ts';
import { vault, type Secret } from './vault.ts';

/** Columns of `case_identities` (`i`) out of which `identityOf` reads who it is. */
export const identityColumns = 'i.sealed, i.key_id, i.citizen_name, i.phone, i.phone_raw, i.phone_kind';
type Row = { readonly sealed: Buffer | null; readonly keyId: string | null; readonly citizenName: string | null; readonly phone: string | null; readonly phoneRaw: string; readonly phoneKind: string };

export function identityOf(caseId: string, row: Row): CaseIdentity & Secret {
  const { phoneKind, sealed, keyId } = row;
  // One from before the sealing that the service has not come to yet.
  if (sealed === null || keyId === null) return { phoneKind, citizenName: row.citizenName, phone: row.phone, phoneRaw: row.phoneRaw };
  return { phoneKind, ...vault().open(caseId, { sealed, keyId }) };
}

export function insertIdentity(caseId: string, { phoneRaw, phone, phoneKind }: { phoneRaw: string; phone: string | null; phoneKind: string }): Statement {
  const { keyId, sealed } = vault().seal(caseId, { phoneRaw, phone, citizenName: null });
  return { text: 'insert into case_identities (case_id, sealed, key_id, phone_index, phone_kind) values ($1, $2, $3, $4, $5)', values: [caseId, sealed, keyId, vault().indexOf(phone), phoneKind] };
}

export async function findIdentity(db: Db, caseId: string): Promise<(CaseIdentity & Secret) | undefined> {
  const row = await queryOne<Row>(db, `select ${identityColumns} from case_identities i where i.case_id = $1`, [caseId]);
  return row && identityOf(caseId, row);
}

export async function saveCitizenName(tx: Tx, caseId: string, citizenName: string | null): Promise<void> {
  const row = await queryOne<Row>(tx, `select ${identityColumns} from case_identities i where i.case_id = $1 for update`, [caseId]);
  if (row) await resealIdentity(tx, caseId, { ...identityOf(caseId, row), citizenName });
}

/** Seals with the newest key; the plain columns of before are emptied. */
export async function resealIdentity(tx: Tx, caseId: string, secret: Secret): Promise<void> {
  const { keyId, sealed } = vault().seal(caseId, secret);
  await execute(tx, `update case_identities set sealed = $2, key_id = $3, phone_index = $4, citizen_name = null, phone = null, phone_raw = '' where case_id = $1`, [caseId, sealed, keyId, vault().indexOf(secret.phone)]);
}

/** Whether who works on a case of this type sees the citizen's number. */
export async function isNumberShown(db: Db, type: string): Promise<boolean> {
  return (await queryOne(db, 'select 1 from identity_rules where type = $1 and is_number_shown', [type])) !== undefined;
}

/** Rows that another key sealed, or none. */
export async function lockToSeal(tx: Tx, limit: number): Promise<(Row & { readonly caseId: string })[]> {
  return query(tx, `select i.case_id, ${identityColumns} from case_identities i where i.case_id in (
      (select case_id from case_identities where sealed is null limit $2) union all (select case_id from case_identities where sealed is not null and key_id < $1 limit $2)
      union all (select case_id from case_identities where sealed is not null and key_id > $1 limit $2)) order by i.case_id limit $2 for update skip locked`, [vault().currentId, limit]);
}

export type KeyRow = { readonly id: string; readonly proof: Buffer; readonly isUsed: boolean };

/** Keys that sealed something, and whether anything is still sealed by them. */
export async function listKeys(db: Db): Promise<KeyRow[]> {
  return query(db, 'select id, proof, exists (select from identity_key_uses u where u.key_id = k.id) as is_used from identity_keys k');
}

export async function insertKey(db: Db, { id, proof, at }: { readonly id: string; readonly proof: Buffer; readonly at: Date }): Promise<void> {
  await execute(db, 'insert into identity_keys (id, proof, used_from) values ($1, $2, $3) on conflict do nothing', [id, proof, at]);
}

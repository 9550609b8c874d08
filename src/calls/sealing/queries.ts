import { vault, type Sealed } from '../../cases/identity/vault.ts';
import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';
import { joinNumbers, openNumbers, sealNumbers, type CallNumbers } from './call-numbers.ts';

/**
 * Calls that are over and whose case is not confidential: nothing is to be done. Waits for nobody, and leaves alone what others hold. The case is held
 * meanwhile: whoever marks it does so before, and is seen here, or after, and asks for the call anew.
 */
export async function discardOpen(db: Db): Promise<void> {
  await execute(db, `delete from calls_to_seal where ctid = any(array(select q.ctid from calls_to_seal q join calls c on c.id = q.call_id join cases k on k.id = c.case_id
    where c.state = 'ended' and not k.is_confidential for update of q skip locked for share of k skip locked))`);
}

/** Calls that are over and whose numbers are to be sealed, by their ids. */
export async function listToSeal(db: Db, afterId: string | null, limit: number): Promise<string[]> {
  const rows = await query<{ callId: string }>(db, `select distinct q.call_id from calls_to_seal q join calls c on c.id = q.call_id join cases k on k.id = c.case_id
    where c.state = 'ended' and k.is_confidential and ($1::uuid is null or q.call_id > $1) order by q.call_id limit $2`, [afterId, limit]);
  return rows.map((row) => row.callId);
}

/** Before anything is looked at: a row that is written meanwhile stays. */
export async function takeFromList(tx: Tx, callId: string): Promise<void> {
  await execute(tx, 'delete from calls_to_seal where call_id = $1', [callId]);
}

/** The call, and then its case, held: whether the call is over and its case confidential. */
export async function lockSealable(tx: Tx, callId: string): Promise<boolean> {
  const call = await queryOne<{ caseId: string | null }>(tx, `select case_id from calls where id = $1 and state = 'ended' for no key update`, [callId]);
  return (await queryOne<{ isConfidential: boolean }>(tx, 'select is_confidential from cases where id = $1 for share', [call?.caseId]))?.isConfidential ?? false;
}

const plainColumns = `c.caller_raw, c.caller_number, case when c.direction = 'outbound' then nullif(c.called_number, '') end as called_number,
  coalesce((select jsonb_object_agg(l.id, l.number) from call_legs l where l.call_id = c.id and l.number is not null and l.directory_code is null), '{}') as legs`;

export async function findPlain(tx: Tx, callId: string): Promise<CallNumbers | undefined> {
  return queryOne(tx, `select ${plainColumns} from calls c where c.id = $1`, [callId]);
}

type SealedRow = { readonly sealed: Buffer | null; readonly keyId: string | null };

function opened(callId: string, { sealed, keyId }: SealedRow): CallNumbers | null {
  return sealed === null || keyId === null ? null : openNumbers(callId, { sealed, keyId });
}

export async function findSealed(tx: Tx, callId: string): Promise<CallNumbers | null> {
  const row = await queryOne<Sealed>(tx, 'select sealed, key_id from sealed_callers where call_id = $1', [callId]);
  return row ? openNumbers(callId, row) : null;
}

/** With the newest key. */
export async function saveSealed(tx: Tx, callId: string, numbers: CallNumbers): Promise<void> {
  const { sealed, keyId } = sealNumbers(callId, numbers);
  await execute(tx, `insert into sealed_callers (call_id, sealed, key_id, caller_index) values ($1, $2, $3, $4)
    on conflict (call_id) do update set sealed = excluded.sealed, key_id = excluded.key_id, caller_index = excluded.caller_index`, [callId, sealed, keyId, vault().indexOf(numbers.callerNumber)]);
}

export async function emptyPlain(tx: Tx, callId: string): Promise<void> {
  await execute(tx, 'update call_legs set number = null where call_id = $1 and number is not null and directory_code is null', [callId]);
  await execute(tx, `update calls set caller_raw = '', caller_number = null, called_number = case when direction = 'outbound' then '' else called_number end where id = $1`, [callId]);
}

/** Of a call that goes on, or whose case is not confidential, what stands there plainly; of others what was sealed. */
export async function findNumbers(db: Db, callId: string): Promise<(CallNumbers & { readonly caseId: string | null }) | undefined> {
  const row = await queryOne<CallNumbers & SealedRow & { readonly caseId: string | null }>(db, `select c.case_id, ${plainColumns}, s.sealed, s.key_id from calls c left join sealed_callers s on s.call_id = c.id where c.id = $1`, [callId]);
  return row && { caseId: row.caseId, ...joinNumbers(row, opened(callId, row)) };
}

/** Sealed by another key than the newest. */
export async function lockToReseal(tx: Tx, limit: number): Promise<(Sealed & { readonly callId: string })[]> {
  return query(tx, `select call_id, sealed, key_id from sealed_callers where call_id in ((select call_id from sealed_callers where key_id < $1 limit $2) union all (select call_id from sealed_callers where key_id > $1 limit $2))
    order by call_id limit $2 for update skip locked`, [vault().currentId, limit]);
}

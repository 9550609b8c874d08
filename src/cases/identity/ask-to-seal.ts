import { execute, type Statement, type Tx } from '../../db/query.ts';
import { notify } from '../../db/transaction.ts';

/** NOTIFY when numbers of calls are to be sealed; the payload is the case's or the call's id. */
export const sealChannel = 'hotline_sealing';

/**
 * A case becomes confidential: the numbers of its calls are to be sealed, of those that are still on once they are over. To be given while the case
 * is locked, so that a call's end either sees the mark or is seen here.
 */
export async function askToSealCalls(tx: Tx, caseId: string): Promise<void> {
  await execute(tx, 'insert into calls_to_seal (call_id) select id from calls where case_id = $1', [caseId]);
  await notify(tx, sealChannel, caseId);
}

/** A call is over. Whether its case is confidential is looked at later, under a lock that a call's end should not wait for. */
export function askToSealCall(callId: string, caseId: string): Statement {
  return { text: `with asked as (insert into calls_to_seal (call_id) values ($1)) select pg_notify('${sealChannel}', $1::text) from cases where id = $2 and is_confidential`, values: [callId, caseId] };
}

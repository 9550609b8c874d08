import { timingSafeEqual } from 'node:crypto';
import { execute, queryOne, type Tx } from '../db/query.ts';
import type { Deps } from '../deps.ts';
import type { Case } from './case.ts';
import { caseCode } from './case-code.ts';
import { vault } from './identity/vault.ts';

/** Wrong codes within an hour, for one case from wherever, and from one caller for whatever cases. */
const maxWrongPerCase = 5;
const maxWrongPerCaller = 10;
const hourMs = 3_600_000;

export type Attempt = { readonly callId: string; readonly callerNumber: string | null; readonly caseNumber: string; readonly code: string };
type Found = Pick<Case, 'id' | 'state' | 'isConfidential'>;
export type CodeCheck = { readonly result: 'wrong' | 'locked' } | { readonly result: 'right'; readonly found: Found };

/** Which code it is, and what must hold besides: where that does not, the code is answered, and counts, like a wrong one. */
export type Proof = { readonly codeOf: (key: string, caseId: string) => string; readonly admits?: (caseId: string) => Promise<boolean> };

/**
 * Looks at a code a caller keyed, in the call's transaction, and writes the attempt down. A case that does not exist is answered
 * like a wrong code. Attempts for one case, and of one caller, are taken one after
 * the other, so that many calls at once try no more often; callers without a number count as one.
 */
export async function checkCaseCode(deps: Pick<Deps, 'config' | 'now'>, tx: Tx, attempt: Attempt, { codeOf, admits }: Proof = { codeOf: caseCode }): Promise<CodeCheck> {
  const at = deps.now();
  const { caseNumber, callId } = attempt;
  await execute(tx, `select pg_advisory_xact_lock(hashtext('case code'), hashtext($1))`, [caseNumber]);
  await execute(tx, `select pg_advisory_xact_lock(hashtext('case code caller'), hashtext($1))`, [attempt.callerNumber ?? '']);
  if (await isLocked(tx, attempt, at)) return { result: 'locked' };
  const found = await queryOne<Found>(tx, 'select id, state, is_confidential from cases where number = $1', [caseNumber]);
  const right = codeOf(deps.config.HOTLINE_CASE_CODE_KEY, found?.id ?? caseNumber);
  const isRight = found !== undefined && timingSafeEqual(Buffer.from(right), Buffer.from(attempt.code)) && (admits === undefined || (await admits(found.id)));
  await execute(tx, 'delete from case_code_attempts where at < $1', [new Date(at.getTime() - 24 * hourMs)]);
  await execute(tx, 'insert into case_code_attempts (call_id, case_number, at, is_right) values ($1, $2, $3, $4)', [callId, caseNumber, at, isRight]);
  return isRight ? { result: 'right', found } : { result: 'wrong' };
}

async function isLocked(tx: Tx, { caseNumber, callerNumber }: Attempt, at: Date): Promise<boolean> {
  const row = await queryOne<{ ofCase: number; ofCaller: number }>(tx, `select count(*) filter (where a.case_number = $1) as of_case,
      count(*) filter (where (c.caller_number is not distinct from $2 and s.caller_index is null) or s.caller_index = any($4)) as of_caller
    from case_code_attempts a join calls c on c.id = a.call_id left join sealed_callers s on s.call_id = c.id where a.at > $3 and not a.is_right`,
  [caseNumber, callerNumber, new Date(at.getTime() - hourMs), callerNumber === null ? [] : vault().indexesOf(callerNumber)]);
  return (row?.ofCase ?? 0) >= maxWrongPerCase || (row?.ofCaller ?? 0) >= maxWrongPerCaller;
}

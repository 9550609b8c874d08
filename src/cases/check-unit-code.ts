import { listOwnNumbers } from '../units/duty-queries.ts';
import { query, queryOne, type Db, type Tx } from '../db/query.ts';
import type { Deps } from '../deps.ts';
import { checkCaseCode, type Attempt } from './check-case-code.ts';
import { unitCode } from './case-code.ts';
import { findIdentity } from './identity/queries.ts';
import { normalizePhone } from './phone-number-rules.ts';

/** `admitted`: the unit whose phone it is works on the case, and its citizen has a number. */
export type UnitCheck = { readonly result: 'wrong' | 'locked' | 'no_number' } | { readonly result: 'admitted'; readonly caseId: string; readonly unitId: string; readonly number: string };

/** As `checkCaseCode`, for a phone of a unit that wants to reach the citizen. From any other phone the code is a wrong one. Locks the case. */
export async function checkUnitCode(deps: Pick<Deps, 'config' | 'now'>, tx: Tx, attempt: Attempt): Promise<UnitCheck> {
  let unitId: string | undefined;
  const check = await checkCaseCode(deps, tx, attempt, { codeOf: unitCode, admits: async (caseId) => {
    await queryOne(tx, 'select id from cases where id = $1 for update', [caseId]);
    unitId = await findUnitOfPhone(deps, tx, caseId, attempt.callerNumber);
    return unitId !== undefined;
  } });
  if (check.result !== 'right') return check;
  const number = (await findIdentity(tx, check.found.id))?.phone;
  return number && unitId !== undefined ? { result: 'admitted', caseId: check.found.id, unitId, number } : { result: 'no_number' };
}

/** The unit with a part in the case under way that is known by this number. */
async function findUnitOfPhone({ config, now }: Pick<Deps, 'config' | 'now'>, db: Db, caseId: string, number: string | null): Promise<string | undefined> {
  if (number === null) return undefined;
  const parts = await query<{ unitId: string }>(db, `select unit_id from case_units where case_id = $1 and ended_at is null order by role = 'lead' desc, arrived_at`, [caseId]);
  for (const { unitId } of parts) {
    const known = await listOwnNumbers(db, unitId, now());
    if (known.some((one) => normalizePhone(one, config.HOTLINE_AREA_CODE).number === number)) return unitId;
  }
  return undefined;
}

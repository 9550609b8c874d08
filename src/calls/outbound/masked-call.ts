import { v7 as uuid } from 'uuid';
import { findCasePhone } from '../../cases/find-case-phone.ts';
import { normalizePhone } from '../../cases/phone-number-rules.ts';
import { noteOnCase } from '../../cases/queries.ts';
import { queryOne, write, type Tx } from '../../db/query.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { listOwnNumbers } from '../../units/duty-queries.ts';
import { carryOut } from '../apply-call-event.ts';
import { newCall } from '../call.ts';
import { inOrder } from '../in-order.ts';
import { newLeg } from '../leg.ts';
import { insertCall } from '../queries.ts';
import { saveDecision } from '../save-decision.ts';
import { ringOwnPhone } from './outbound-machine.ts';

export type MaskedCall = { readonly caseId: string; readonly userId: string; readonly unitId: string; readonly number: string };

/**
 * Somebody of a unit speaks with the citizen of a case without either seeing the other's number: the hotline calls the unit's phone, then the
 * citizen, and puts them together. The phone must be one that the unit is known by, so that nobody is called for fun.
 */
export async function callMasked(deps: Deps, { caseId, userId, unitId, number }: MaskedCall): Promise<{ callId: string }> {
  const callId = uuid();
  return inOrder(callId, async () => {
    const decision = await transaction(deps.pool, async (tx) => {
      const at = deps.now();
      await requireFree(tx, caseId, unitId);
      const own = await ownNumber(tx, { unitId, number, areaCode: deps.config.HOTLINE_AREA_CODE, at });
      const leg = newLeg({ id: uuid(), role: 'operator', operatorId: userId, number: own }, at);
      const call = { ...newCall({ id: callId, direction: 'outbound', calledNumber: await findCasePhone(tx, caseId), callerRaw: '', callerNumber: null, callerKind: 'unknown', legs: [leg] }, at), caseId, operatorId: userId };
      await write(tx, insertCall(call));
      await write(tx, noteOnCase({ caseId, at, type: 'masked_call', userId, data: { callId, unitId } }));
      return saveDecision(deps, tx, { before: null, decision: ringOwnPhone(call, at), event: { type: 'dialed', at, data: { isMasked: true } } });
    });
    await carryOut(deps, decision);
    return { callId };
  });
}

/** The unit works on the case, and nobody is on the phone about it just now. */
async function requireFree(tx: Tx, caseId: string, unitId: string): Promise<void> {
  await queryOne(tx, 'select id from cases where id = $1 for update', [caseId]);
  if (!(await queryOne(tx, 'select id from case_units where case_id = $1 and unit_id = $2 and ended_at is null', [caseId, unitId]))) throw new AppError('not_your_case');
  if (await queryOne(tx, `select id from calls where case_id = $1 and state <> 'ended'`, [caseId])) throw new AppError('call_is_live');
}

async function ownNumber(tx: Tx, { unitId, number, areaCode, at }: { unitId: string; number: string; areaCode: string; at: Date }): Promise<string> {
  const wanted = normalizePhone(number, areaCode).number;
  const known = (await listOwnNumbers(tx, unitId, at)).map((one) => normalizePhone(one, areaCode).number);
  if (!wanted || !known.includes(wanted)) throw new AppError('number_not_of_unit');
  return wanted;
}

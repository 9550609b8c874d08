import { v7 as uuid } from 'uuid';
import { AppError } from '../../errors.ts';
import type { Deps } from '../../deps.ts';
import { write, type Tx } from '../../db/query.ts';
import { transaction } from '../../db/transaction.ts';
import { findCasePhone } from '../../cases/find-case-phone.ts';
import { openCase } from '../../cases/open-case.ts';
import { findCase } from '../../cases/queries.ts';
import { normalizePhone } from '../../cases/phone-number-rules.ts';
import { actOnSeat } from '../../seats/apply-seat-event.ts';
import { findSeat, findSeatOfOperator, lockSeat } from '../../seats/queries.ts';
import { applyCallEvent, carryOut } from '../apply-call-event.ts';
import { newCall, type Call } from '../call.ts';
import type { Decision } from '../decision.ts';
import { findDialedParty } from '../talking/find-party.ts';
import { inOrder } from '../in-order.ts';
import { arrivedLeg, newLeg, type Leg } from '../leg.ts';
import { dialParty, ringOwnPhone } from './outbound-machine.ts';
import { findCallOfLeg, insertCall } from '../queries.ts';
import { saveDecision } from '../save-decision.ts';

export type DialOut = { readonly operatorId: string; readonly number?: string | undefined; readonly caseId?: string | undefined };

/** The operator calls a number, or the citizen of a case: first the own phone rings, then the number is dialled. */
export async function dialOut(deps: Deps, dial: DialOut): Promise<{ callId: string; caseId: string }> {
  const callId = uuid();
  return inOrder(callId, async () => {
    const decision = await transaction(deps.pool, async (tx) => {
      const seat = await findSeatOfOperator(tx, dial.operatorId);
      if (!seat) throw new AppError('seat_not_signed_in');
      if (!seat.isRegistered) throw new AppError('phone_not_registered', { seatId: seat.id });
      // A number may stand beside the case, for a citizen who asked to be reached elsewhere.
      const number = dial.number ?? (dial.caseId ? await findCasePhone(tx, dial.caseId) : '');
      if (dial.number !== undefined && dial.caseId && (await findCase(tx, dial.caseId))?.isConfidential) throw new AppError('confidential_number');
      const at = deps.now();
      const leg = newLeg({ id: uuid(), role: 'operator', seatId: seat.id, operatorId: dial.operatorId }, at);
      return placeCall(deps, tx, { callId, number, caseId: dial.caseId, leg, at }, ringOwnPhone);
    });
    await carryOut(deps, decision);
    return { callId, caseId: decision.call.caseId ?? '' };
  });
}

type PhoneDial = { readonly channelId: string; readonly seatId: string; readonly number: string };

/** The operator dialled on the phone itself. What may not be dialled is refused, and so is a seat nobody is signed in to. */
export async function dialFromSeatPhone(deps: Deps, dial: PhoneDial): Promise<void> {
  const seatNow = await findSeat(deps.pool, dial.seatId);
  if (seatNow?.state === 'on_call' && seatNow.callId) return dialOnSecondLine(deps, dial, seatNow.callId);
  const callId = uuid();
  await inOrder(callId, async () => {
    try {
      const decision = await transaction(deps.pool, async (tx) => {
        if (await findCallOfLeg(tx, dial.channelId)) return null;
        const seat = await lockSeat(tx, dial.seatId);
        if (!seat?.operatorId) throw new AppError('seat_not_signed_in', { seatId: dial.seatId });
        const at = deps.now();
        const leg = arrivedLeg({ id: dial.channelId, role: 'operator', seatId: seat.id, operatorId: seat.operatorId }, at);
        return placeCall(deps, tx, { callId, number: dial.number, caseId: undefined, leg, at }, dialParty);
      });
      if (decision) await carryOut(deps, decision);
    } catch (error) {
      await deps.telephony.hangup(dial.channelId, 'refused');
      if (!(error instanceof AppError)) throw error;
      deps.log.info({ seatId: dial.seatId, code: error.code }, 'A call from a seat’s phone was refused');
    }
  });
}

/** A second line of the phone during a call brings a party into that call. */
async function dialOnSecondLine(deps: Deps, { channelId, seatId, number }: PhoneDial, callId: string): Promise<void> {
  try {
    if (await findCallOfLeg(deps.pool, channelId)) return; // the same channel told twice
    const party = await findDialedParty(deps, number);
    if (!(await applyCallEvent(deps, callId, { type: 'second_line', lineId: channelId, seatId, legId: uuid(), party }))) throw new AppError('action_not_allowed');
  } catch (error) {
    const isBusy = error instanceof AppError && error.code === 'seat_not_ready';
    await deps.telephony.hangup(channelId, isBusy ? 'busy' : 'refused');
    if (!(error instanceof AppError)) throw error;
    deps.log.info({ seatId, callId, code: error.code }, 'A second line of a seat’s phone was refused');
  }
}

type Placement = { readonly callId: string; readonly number: string; readonly caseId: string | undefined; readonly leg: Leg; readonly at: Date };

/** Locks the seat, then the counter of cases: the order of every transaction. */
async function placeCall(deps: Deps, tx: Tx, place: Placement, start: (call: Call, at: Date) => Decision): Promise<Decision> {
  const { callId, leg, at } = place;
  const areaCode = deps.config.HOTLINE_AREA_CODE;
  const phone = normalizePhone(place.number, areaCode);
  if (!phone.number) throw new AppError('number_not_dialable', { field: place.caseId ? 'caseId' : 'number' });
  const seat = leg.seatId === null ? undefined : await lockSeat(tx, leg.seatId);
  if (!seat || seat.operatorId !== leg.operatorId) throw new AppError('seat_not_signed_in');
  if (place.caseId && !(await findCase(tx, place.caseId))) throw new AppError('not_found', { entity: 'case', id: place.caseId });
  const caseId = place.caseId ?? uuid();
  if (!place.caseId) await openCase(tx, { caseId, channel: 'phone', phoneRaw: place.number, areaCode, ownerId: leg.operatorId ?? undefined, callId, at });
  const blank = newCall({ id: callId, direction: 'outbound', calledNumber: phone.number,
    callerRaw: '', callerNumber: null, callerKind: 'unknown', legs: [leg] }, at);
  const decision = start({ ...blank, caseId, seatId: seat.id, operatorId: seat.operatorId }, at);
  await write(tx, insertCall(decision.call));
  await actOnSeat(deps, tx, seat.id, { type: 'dial', callId }, at);
  return saveDecision(deps, tx, { before: null, decision, event: { type: 'dialed', at, data: {} } });
}

import { v7 as uuid } from 'uuid';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { Tx } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import { findCasePhone } from '../cases/find-case-phone.ts';
import { openCase } from '../cases/open-case.ts';
import { normalizePhone } from '../cases/phone-number-rules.ts';
import { actOnSeat } from '../seats/apply-seat-event.ts';
import { findSeatOfOperator, lockSeat } from '../seats/queries.ts';
import type { Seat } from '../seats/seat.ts';
import { saveDecision } from './apply-call-event.ts';
import type { Call, Leg } from './call.ts';
import { dialFromPhone, newLeg, type Decision } from './call-machine.ts';
import { inOrder } from './in-order.ts';
import { findCallOfLeg, insertCall } from './queries.ts';
import { newCall } from './offer-call.ts';
import { runEffects } from './run-effects.ts';

/** How long the operator's own phone may ring before a call out is given up, seconds. */
const ownPhoneTimeoutSec = 20;

export type DialOut = { readonly operatorId: string; readonly number?: string | undefined; readonly caseId?: string | undefined };

/** The operator calls a number, or the citizen of a case: first the own phone rings, then the number is dialled. */
export async function dialOut(deps: Deps, dial: DialOut): Promise<{ callId: string; caseId: string }> {
  const callId = uuid();
  return inOrder(callId, async () => {
    const decision = await transaction(deps.pool, async (tx) => {
      const seat = await findSeatOfOperator(tx, dial.operatorId);
      if (!seat) throw new AppError('seat_not_signed_in');
      const number = dial.number ?? (dial.caseId ? await findCasePhone(tx, dial.caseId) : undefined);
      const at = deps.now();
      const leg = newLeg({ id: uuid(), role: 'operator', seatId: seat.id, operatorId: dial.operatorId }, at);
      return placeCall(deps, tx, { callId, seat, number: number ?? '', caseId: dial.caseId, leg, at }, (call) => ({
        call: { ...call, ringDeadlineAt: new Date(at.getTime() + (ownPhoneTimeoutSec + 5) * 1000) },
        legs: [leg],
        changes: [],
        effects: [{ type: 'ring_seat', channelId: leg.id, seatId: seat.id, callerNumber: call.calledNumber, timeoutSec: ownPhoneTimeoutSec }],
      }));
    });
    await runEffects(deps, decision);
    return { callId, caseId: decision.call.caseId ?? '' };
  });
}

/** The operator dialled on the phone itself; a seat nobody is signed in to is refused. */
export async function dialFromSeatPhone(deps: Deps, dial: { channelId: string; seatId: string; number: string }): Promise<void> {
  const callId = uuid();
  await inOrder(callId, async () => {
    try {
      const decision = await transaction(deps.pool, async (tx) => {
        if (await findCallOfLeg(tx, dial.channelId)) return null;
        const seat = await lockSeat(tx, dial.seatId);
        if (!seat?.operatorId) throw new AppError('seat_not_signed_in', { seatId: dial.seatId });
        const at = deps.now();
        const leg: Leg = { ...newLeg({ id: dial.channelId, role: 'operator', seatId: seat.id, operatorId: seat.operatorId }, at), state: 'up', answeredAt: at, outcome: 'answered' };
        return placeCall(deps, tx, { callId, seat, number: dial.number, caseId: undefined, leg, at }, (call) => dialFromPhone(call, at));
      });
      if (decision) await runEffects(deps, decision);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      deps.log.info({ seatId: dial.seatId, code: error.code }, 'A call from a seat’s phone was refused');
      await deps.telephony.hangup(dial.channelId, 'refused');
    }
  });
}

type Placement = { callId: string; seat: Seat; number: string; caseId: string | undefined; leg: Leg; at: Date };

async function placeCall(deps: Deps, tx: Tx, place: Placement, start: (call: Call) => Decision): Promise<Decision> {
  const areaCode = deps.config.HOTLINE_AREA_CODE;
  const phone = normalizePhone(place.number, areaCode);
  if (!phone.number) throw new AppError('number_not_dialable', { number: place.number });
  const caseId = place.caseId ?? (await openCase(tx, { caseId: uuid(), channel: 'phone', phoneRaw: place.number, areaCode, ownerId: place.seat.operatorId ?? undefined, at: place.at })).id;
  const blank = newCall({ id: place.callId, direction: 'outbound', calledNumber: phone.number, callerRaw: '', callerNumber: null, callerKind: 'unknown', legs: [place.leg] }, place.at);
  const decision = start({ ...blank, caseId, seatId: place.seat.id, operatorId: place.seat.operatorId });
  await insertCall(tx, decision.call);
  await actOnSeat(tx, place.seat.id, { type: 'dial', callId: place.callId }, place.at);
  await saveDecision(deps, tx, null, decision, { type: 'dialed', at: place.at, data: {} });
  if (!place.caseId) await tx.query('update cases set call_id = $2 where id = $1', [caseId, place.callId]);
  return decision;
}

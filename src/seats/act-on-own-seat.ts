import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import { actOnSeat } from './apply-seat-event.ts';
import { findSeatOfOperator, isSeatEnabled, listNotReadyReasons, lockSeat } from './queries.ts';
import type { SeatEvent } from './seat-machine.ts';
import type { Seat } from './seat.ts';

/** Longest wrap-up one extension adds, seconds. */
const wrapUpExtensionSec = 60;

export async function signIn(deps: Deps, seatId: string, operatorId: string): Promise<Seat> {
  return transaction(deps.pool, async (tx) => {
    const seat = await lockSeat(tx, seatId);
    if (!seat) throw new AppError('not_found', { entity: 'seat', id: seatId });
    if (seat.operatorId === operatorId) return seat;
    if (seat.operatorId) throw new AppError('seat_taken', { seatId });
    if (!(await isSeatEnabled(tx, seatId))) throw new AppError('seat_disabled', { seatId });
    const other = await findSeatOfOperator(tx, operatorId);
    if (other) throw new AppError('operator_elsewhere', { seatId: other.id });
    return actOnSeat(deps, tx, seatId, { type: 'sign_in', operatorId }, deps.now());
  });
}

export type OwnSeatAction =
  | { readonly action: 'sign_out' | 'ready' | 'extend_wrap_up' }
  | { readonly action: 'not_ready'; readonly reason: string };

/** What an operator does at the seat they sit at. */
export async function actOnOwnSeat(deps: Deps, seatId: string, operatorId: string, act: OwnSeatAction): Promise<Seat> {
  const after = await transaction(deps.pool, async (tx) => {
    const seat = await lockSeat(tx, seatId);
    if (!seat) throw new AppError('not_found', { entity: 'seat', id: seatId });
    if (seat.operatorId !== operatorId) throw new AppError('seat_not_signed_in', { seatId });
    if (act.action === 'ready' && seat.state === 'ready') return seat; // pressed twice, or by the operator and the end of the wrap-up at once
    if (act.action === 'not_ready') {
      const reasons = await listNotReadyReasons(tx);
      if (!reasons.some((reason) => reason.code === act.reason && reason.isSelectable)) {
        throw new AppError('reference_unknown', { field: 'reason', allowed: reasons.filter((reason) => reason.isSelectable).map((reason) => reason.code) });
      }
    }
    return actOnSeat(deps, tx, seatId, toEvent(act), deps.now());
  });
  if (after.wrapUpUntil) await deps.jobs.wake('end-wrap-up', { seatId }, after.wrapUpUntil);
  return after;
}

function toEvent(act: OwnSeatAction): SeatEvent {
  if (act.action === 'not_ready') return { type: 'not_ready', reason: act.reason };
  if (act.action === 'extend_wrap_up') return { type: 'extend_wrap_up', wrapUpSec: wrapUpExtensionSec };
  return { type: act.action };
}

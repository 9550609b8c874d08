import type { Deps } from '../deps.ts';
import { resolveHelps } from '../alerts/resolve-helps.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/publish.ts';
import { write, type Tx } from '../db/query.ts';
import { notify, sendAlong } from '../db/transaction.ts';
import { insertSeatEvent, lockSeat, saveSeat } from './queries.ts';
import { allowedSeatEvents, nextSeat, type SeatEvent } from './seat-machine.ts';
import type { Seat } from './seat.ts';

/** Woken when a seat may take a call; the payload says nothing, the rows do. */
export const matchChannel = 'hotline_match';

type Logs = Pick<Deps, 'log'>;

/**
 * The one door of a seat: locks its row, decides by the table, saves, writes the event row, tells everyone.
 * Returns null when the state does not allow the event (late or doubled); nothing is changed then. `held`: the row, if the caller has locked it.
 */
export async function applySeatEvent({ log }: Logs, tx: Tx, seatId: string, event: SeatEvent, at: Date, held?: Seat): Promise<Seat | null> {
  const before = held ?? await lockSeat(tx, seatId);
  if (!before) throw new AppError('not_found', { entity: 'seat', id: seatId });
  const after = nextSeat(before, event, at);
  if (!after) return null;
  sendAlong(tx, write(tx, saveSeat(after), insertSeatEvent(before, after, event, at)), publish(tx, { type: 'seat.changed', seatId }),
    after.state === 'ready' ? notify(tx, matchChannel, seatId) : undefined);
  if (after.state === 'signed_out') await resolveHelps(tx, { seatId }, at);
  log.info({ seatId, operatorId: after.operatorId ?? before.operatorId, callId: after.callId ?? before.callId, from: before.state, to: after.state,
    event: event.type, reason: after.notReadyReason, forcedBy: 'forcedBy' in event ? event.forcedBy : undefined }, 'A seat changed its state');
  return after;
}

/** The same for a person's act: a refusal says what would be allowed. */
export async function actOnSeat(logs: Logs, tx: Tx, seatId: string, event: SeatEvent, at: Date): Promise<Seat> {
  const after = await applySeatEvent(logs, tx, seatId, event, at);
  if (after) return after;
  const state = (await lockSeat(tx, seatId))?.state ?? 'signed_out';
  throw new AppError('action_not_allowed', { state, action: event.type, allowed: allowedSeatEvents(state).filter((name) => personal.has(name)) });
}

const personal = new Set(['sign_in', 'sign_out', 'ready', 'not_ready', 'extend_wrap_up']);

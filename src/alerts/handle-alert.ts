import { v7 as uuid } from 'uuid';
import type { UserActor } from '../auth/actor.ts';
import { audit, type RequestTrace } from '../auth/audit.ts';
import { transaction } from '../db/transaction.ts';
import type { Tx } from '../db/query.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/publish.ts';
import { lockSeat } from '../seats/queries.ts';
import { findAlert, findOpenHelp, insertAlert, lockAlert, saveResolved, saveTaken, type Alert } from './queries.ts';

type Who = { readonly actor: UserActor; readonly trace: RequestTrace };

/** The operator at the seat asks for a supervisor, about the call the seat is on, if any. Pressed twice it is one. */
export async function askForHelp(deps: Deps, { actor, trace }: Who, ask: { seatId: string; note: string }): Promise<Alert> {
  return transaction(deps.pool, async (tx) => {
    const seat = await lockSeat(tx, ask.seatId);
    if (!seat) throw new AppError('not_found', { entity: 'seat', id: ask.seatId });
    if (seat.operatorId !== actor.userId) throw new AppError('seat_not_signed_in', { seatId: ask.seatId });
    const open = await findOpenHelp(tx, ask.seatId);
    if (open) return open;
    const id = uuid();
    await insertAlert(tx, { id, kind: 'help', callId: seat.callId, seatId: seat.id, operatorId: actor.userId, note: ask.note, raisedAt: deps.now() });
    await audit(tx, actor, trace, { action: 'help.asked', entity: 'alert', entityId: id, details: { seatId: seat.id, callId: seat.callId } });
    deps.log.info({ alertId: id, seatId: seat.id, callId: seat.callId, operatorId: actor.userId }, 'An operator asked for help');
    return changed(tx, id);
  });
}

/** A supervisor goes to it, or has dealt with it; an operator takes the own call for help back. */
export async function handleAlert(deps: Deps, { actor, trace }: Who, alertId: string, action: 'take' | 'resolve'): Promise<Alert> {
  return transaction(deps.pool, async (tx) => {
    const alert = await lockAlert(tx, alertId);
    if (!alert) throw new AppError('not_found', { entity: 'alert', id: alertId });
    if (alert.resolvedAt) throw new AppError('action_not_allowed', { state: 'resolved', action, allowed: [] });
    if (action === 'take' && alert.takenBy === actor.userId) return alert;
    if (action === 'take' && alert.takenBy) throw new AppError('alert_taken', { takenByName: alert.takenByName });
    if (action === 'take') await saveTaken(tx, alertId, actor.userId, deps.now());
    else await saveResolved(tx, alertId, actor.userId, deps.now());
    await audit(tx, actor, trace, { action: `alert.${action === 'take' ? 'taken' : 'resolved'}`, entity: 'alert', entityId: alertId, details: { kind: alert.kind, callId: alert.callId, seatId: alert.seatId } });
    deps.log.info({ alertId, kind: alert.kind, callId: alert.callId, seatId: alert.seatId, userId: actor.userId }, action === 'take' ? 'An alert was taken' : 'An alert was resolved');
    return changed(tx, alertId);
  });
}

async function changed(tx: Tx, alertId: string): Promise<Alert> {
  await publish(tx, { type: 'alert.changed', alertId });
  const alert = await findAlert(tx, alertId);
  if (!alert) throw new Error('an alert vanished');
  return alert;
}

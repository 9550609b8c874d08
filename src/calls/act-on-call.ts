import { v7 as uuid } from 'uuid';
import { normalizePhone } from '../cases/phone-number-rules.ts';
import type { Db } from '../db/query.ts';
import type { Deps } from '../deps.ts';
import { findDirectoryEntry } from '../directory/queries.ts';
import { AppError } from '../errors.ts';
import { findSeat } from '../seats/queries.ts';
import { applyCallEvent } from './apply-call-event.ts';
import { allowedCallActions, type CallAction } from './call-action-rules.ts';
import type { CallEvent, Party } from './call-event.ts';
import { findLiveCall } from './queries.ts';

/** Whom to bring in: exactly one of the three. */
export type Target = { readonly directoryCode?: string | undefined; readonly number?: string | undefined; readonly seatId?: string | undefined };
export type ActOnCall = { readonly action: CallAction; readonly legId?: string | undefined; readonly target?: Target | undefined; readonly isHolding?: boolean | undefined;
  /** The leg of the operator who asks; none for who manages seats. */ readonly deskId?: string | undefined };

/** The operator holds, consults, joins, switches, drops, transfers or leaves. Answers with the new party's leg, where there is one. */
export async function actOnCall(deps: Deps, callId: string, act: ActOnCall): Promise<{ legId: string | null }> {
  const event = await toEvent(deps, act);
  if (!(await applyCallEvent(deps, callId, event))) {
    const call = await findLiveCall(deps.pool, callId);
    throw new AppError('action_not_allowed', { state: call?.state ?? 'ended', action: act.action, allowed: call ? allowedCallActions(call) : [] });
  }
  return { legId: 'party' in event ? event.legId : null };
}

async function toEvent(deps: Deps, act: ActOnCall): Promise<CallEvent> {
  const { deskId } = act;
  switch (act.action) {
    case 'hold':
    case 'join':
    case 'leave': return { type: act.action, deskId };
    case 'switch':
    case 'drop': return { type: act.action, legId: requireField(act.legId, 'legId'), deskId };
    case 'transfer': return { type: 'transfer', legId: uuid(), party: await findParty(deps, requireField(act.target, 'target')), deskId };
    case 'consult': return { type: 'consult', legId: uuid(), party: await findParty(deps, requireField(act.target, 'target')), isHolding: act.isHolding ?? true, deskId };
  }
}

function requireField<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new AppError('fields_missing', { fields: [field] });
  return value;
}

/** A number of the directory, any other number, or a seat that is ready now. */
export async function findParty(deps: Deps, target: Target): Promise<Party> {
  const unit = { role: 'unit', seatId: null, operatorId: null } as const;
  if (target.directoryCode !== undefined) {
    const entry = await findDirectoryEntry(deps.pool, target.directoryCode);
    if (!entry) throw new AppError('reference_unknown', { field: 'target.directoryCode' });
    return { ...unit, number: entry.number, directoryCode: entry.code };
  }
  if (target.seatId !== undefined) return findSeatParty(deps.pool, target.seatId);
  const { number } = normalizePhone(target.number ?? '', deps.config.HOTLINE_AREA_CODE);
  if (!number) throw new AppError('number_not_dialable', { field: 'target.number' });
  return { ...unit, number, directoryCode: null };
}

async function findSeatParty(db: Db, seatId: string): Promise<Party> {
  const seat = await findSeat(db, seatId);
  if (!seat) throw new AppError('reference_unknown', { field: 'target.seatId' });
  if (seat.state !== 'ready' || !seat.isRegistered) throw new AppError('seat_not_ready', { seatId });
  return { role: 'operator', seatId, operatorId: seat.operatorId, number: null, directoryCode: null };
}

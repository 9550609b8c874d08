import { v7 as uuid } from 'uuid';
import type { UserActor } from '../../auth/actor.ts';
import { audit, type RequestTrace } from '../../auth/audit.ts';
import { findUser } from '../../auth/queries.ts';
import { findCase } from '../../cases/queries.ts';
import type { Tx } from '../../db/query.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { findSeatOfOperator } from '../../seats/queries.ts';
import { actInTurn } from '../act-in-turn.ts';
import { supervisorLeg, type Call } from '../call.ts';
import type { CallEvent } from '../call-event.ts';
import type { SupervisionMode } from '../leg.ts';
import { decideAndSave } from '../save-decision.ts';

type Who = { readonly callId: string; readonly actor: UserActor; readonly trace: RequestTrace };
export type Supervised = { readonly legId: string; readonly mode: SupervisionMode };

/**
 * The supervisor's own phone rings and is put to the call; one who is on it already changes the mode. Listening to a confidential
 * case asks for a reason. Throws `already_supervised` with the name of whoever is on the call.
 */
export async function superviseCall(deps: Deps, who: Who, wish: { mode: SupervisionMode; reason?: string | undefined }): Promise<Supervised> {
  return change(deps, who, async (tx, call) => {
    const leg = supervisorLeg(call);
    if (leg && leg.operatorId !== who.actor.userId) {
      throw new AppError('already_supervised', { mode: leg.mode, supervisorName: leg.operatorId ? (await findUser(tx, leg.operatorId))?.displayName : null });
    }
    const reason = await requireReason(tx, call, wish.reason);
    const { mode } = wish;
    const legId = leg?.id ?? uuid();
    const act = { action: 'call.supervised', reason, details: { mode } };
    if (leg) return { event: leg.mode === mode ? null : { type: 'supervision_mode', legId, mode }, act, answer: { legId, mode } };
    const seatId = await findOwnSeat(tx, who.actor.userId);
    return { event: { type: 'supervise', legId, seatId, operatorId: who.actor.userId, mode }, act, answer: { legId, mode } };
  });
}

/** The call goes on as if the supervisor had never been there; one who is not on it has nothing to leave. */
export async function leaveSupervision(deps: Deps, who: Who): Promise<void> {
  await change(deps, who, async (_tx, call) => {
    const leg = supervisorLeg(call);
    const isOwn = leg?.operatorId === who.actor.userId;
    return { event: isOwn ? { type: 'supervision_ended', legId: leg.id } : null, act: { action: 'call.supervision_left' }, answer: undefined };
  });
}

/** The supervisor becomes the operator of the call and its case; the operator wraps up. */
export async function takeOverCall(deps: Deps, who: Who): Promise<void> {
  await change(deps, who, async (_tx, call) => {
    const leg = supervisorLeg(call);
    if (leg?.operatorId !== who.actor.userId || leg.state !== 'up') throw new AppError('not_supervising');
    return { event: { type: 'take_over', legId: leg.id }, act: { action: 'call.taken_over', details: { from: call.operatorId } }, answer: undefined };
  });
}

type Change<Answer> = {
  /** Null where nothing changes. */
  readonly event: CallEvent | null;
  readonly act: { readonly action: string; readonly reason?: string | undefined; readonly details?: object };
  readonly answer: Answer;
};

/** Decides, saves and writes the audit line in one transaction. */
async function change<Answer>(deps: Deps, { callId, actor, trace }: Who, decide: (tx: Tx, call: Call) => Promise<Change<Answer>>): Promise<Answer> {
  return actInTurn(deps, callId, async (tx, call) => {
    const { event, act, answer } = await decide(tx, call);
    if (!event) return { answer, decision: null };
    const decision = await decideAndSave(deps, tx, call, event);
    if (!decision) throw new AppError('action_not_allowed', { state: call.state, action: event.type, allowed: [] });
    const { reason, ...entry } = act;
    await audit(tx, actor, trace, { ...entry, entity: 'call', entityId: callId, ...(reason === undefined ? {} : { reason }) });
    return { answer, decision };
  });
}

async function requireReason(tx: Tx, call: Call, reason: string | undefined): Promise<string | undefined> {
  const one = call.caseId ? await findCase(tx, call.caseId) : undefined;
  if (one?.isConfidential && !reason) throw new AppError('fields_missing', { fields: ['reason'] });
  return reason;
}

async function findOwnSeat(tx: Tx, userId: string): Promise<string> {
  const seat = await findSeatOfOperator(tx, userId);
  if (!seat) throw new AppError('seat_not_signed_in');
  if (!seat.isRegistered) throw new AppError('phone_not_registered', { seatId: seat.id });
  return seat.id;
}

import { v7 as uuid } from 'uuid';
import type { UserActor } from '../../auth/actor.ts';
import { audit, type RequestTrace } from '../../auth/audit.ts';
import { insertAlert } from '../../alerts/queries.ts';
import { insertTalkEvent } from '../../cases/insert-talk-event.ts';
import { execute, write, type Tx } from '../../db/query.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { publish } from '../../events/publish.ts';
import { actInTurn } from '../act-in-turn.ts';
import { deskLeg, type Call } from '../call.ts';
import type { Decision } from '../decision.ts';
import { insertCallEvent } from '../queries.ts';
import { decideAndSave } from '../save-decision.ts';

type Who = { readonly callId: string; readonly actor: UserActor; readonly trace: RequestTrace };

/** How long after its end an operator may still flag a call, milliseconds. */
const flagWithinMs = 30 * 60_000;

/**
 * The operator says that the citizen abuses, during the call or just after it. Supervisors are alerted once a call; the case's timeline
 * says it. During the call the citizen is warned, if wished.
 */
export async function flagAbuse(deps: Deps, who: Who, flag: { note: string; isWarning: boolean }): Promise<void> {
  await actInTurn(deps, who.callId, async (tx, call) => {
    requireOperator(call, who.actor);
    const at = deps.now();
    const event = { type: 'abuse', isWarning: flag.isWarning, playbackId: `${call.id}-abuse-${call.version}`, deskId: deskLeg(call)?.id } as const;
    const decision = call.state === 'ended' ? await flagEnded(tx, call, at) : await decideAndSave(deps, tx, call, event);
    if (!decision && call.state !== 'ended') throw new AppError('action_not_allowed', { state: call.state, action: 'abuse', allowed: [] });
    const id = uuid();
    const isNew = await insertAlert(tx, { id, kind: 'abuse', callId: call.id, seatId: call.seatId, operatorId: who.actor.userId, note: flag.note, raisedAt: at });
    if (isNew) await publish(tx, { type: 'alert.changed', alertId: id });
    if (isNew && call.caseId) await insertTalkEvent(tx, { caseId: call.caseId, at, type: 'abuse_flagged', userId: who.actor.userId, data: { callId: call.id } });
    await audit(tx, who.actor, who.trace, { action: 'call.abuse_flagged', entity: 'call', entityId: call.id, details: { isWarning: flag.isWarning } });
    return { decision, answer: undefined };
  });
}

/** After the flag: the operator is out, and the citizen hears a last message. */
export async function endAbusiveCall(deps: Deps, who: Who): Promise<void> {
  await actInTurn(deps, who.callId, async (tx, call) => {
    requireOperator(call, who.actor);
    if (!call.abuseAt) throw new AppError('abuse_not_flagged');
    const decision = await decideAndSave(deps, tx, call, { type: 'abuse_goodbye', deskId: deskLeg(call)?.id });
    if (!decision) throw new AppError('action_not_allowed', { state: call.state, action: 'abuse_goodbye', allowed: [] });
    await audit(tx, who.actor, who.trace, { action: 'call.ended_for_abuse', entity: 'call', entityId: call.id });
    return { decision, answer: undefined };
  });
}

/** Also the one who had it last. */
function requireOperator(call: Call, actor: UserActor): void {
  if (call.operatorId !== actor.userId) throw new AppError('forbidden', { permission: 'to be the operator of the call' });
}

/** A call that is over does not change any more, but for the flag itself. */
async function flagEnded(tx: Tx, call: Call, at: Date): Promise<Decision | null> {
  if (!call.endedAt || !call.connectedAt || at.getTime() - call.endedAt.getTime() > flagWithinMs) {
    throw new AppError('action_not_allowed', { state: 'ended', action: 'abuse', allowed: [] });
  }
  await execute(tx, 'update calls set abuse_at = coalesce(abuse_at, $2) where id = $1', [call.id, at]);
  await write(tx, insertCallEvent({ callId: call.id, at, type: 'abuse', from: 'ended', to: 'ended', data: {} }));
  return null;
}

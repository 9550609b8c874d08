import { v7 as uuid } from 'uuid';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { applyCallEvent } from '../apply-call-event.ts';
import { allowedCallActions, type CallAction } from './call-action-rules.ts';
import type { CallEvent } from '../call-event.ts';
import { findParty, type Target } from './find-party.ts';
import { findLiveCall } from '../queries.ts';

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

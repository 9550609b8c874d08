import { v7 as uuid } from 'uuid';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { applyCallEvent } from '../apply-call-event.ts';
import { allowedCallActions } from './call-action-rules.ts';
import { deskLines, type Call } from '../call.ts';
import type { CallEvent } from '../call-event.ts';
import { findDialedParty } from './find-party.ts';
import { findCallOfLeg, findLiveCall } from '../queries.ts';

/** A REFER: whom the phone names, or, attended, which of its own lines it stands for (`null` for one that is not here). */
export type Referral = { readonly destination: string } | { readonly lineId: string | null };

/**
 * The transfer key of an operator's phone: the same as the screen's `transfer`, and attended as its `leave`. The phone is told when the
 * call's row says so; a transfer that cannot be is refused, and everybody stays. Other phones than that of the operator who has the call are refused.
 */
export async function transferByPhone(deps: Deps, legId: string, referral: Referral): Promise<void> {
  let isDone = false;
  try {
    const callId = await findCallOfLeg(deps.pool, legId);
    const call = callId === undefined ? undefined : await findLiveCall(deps.pool, callId);
    const event = call && (await toEvent(deps, call, legId, referral));
    isDone = event !== undefined && (await applyCallEvent(deps, callId ?? '', event));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    deps.log.info({ code: error.code }, 'A transfer by a phone’s key was refused');
  } finally {
    if (!isDone) await deps.telephony.answerTransfer(legId, 'refused');
  }
}

async function toEvent(deps: Deps, call: Call, legId: string, referral: Referral): Promise<CallEvent | undefined> {
  const lines = deskLines(call).map((leg) => leg.id);
  if (!lines.includes(legId)) return undefined;
  if ('lineId' in referral) {
    const isOwnPair = referral.lineId !== null && referral.lineId !== legId && lines.includes(referral.lineId);
    return isOwnPair ? { type: 'leave', deskId: legId, askedBy: legId } : undefined;
  }
  if (!allowedCallActions(call).includes('transfer')) return undefined;
  return { type: 'transfer', legId: uuid(), party: await findDialedParty(deps, referral.destination), deskId: legId, askedBy: legId };
}

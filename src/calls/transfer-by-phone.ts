import { v7 as uuid } from 'uuid';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { findParty } from './act-on-call.ts';
import { applyCallEvent } from './apply-call-event.ts';
import { allowedCallActions } from './call-action-rules.ts';
import { deskLeg } from './call.ts';
import type { Party } from './call-event.ts';
import { findCallOfLeg, findLiveCall } from './queries.ts';

/** The transfer key of an operator's phone (a blind REFER): the same as the screen's, and the phone is told whether it went. */
export async function transferByPhone(deps: Deps, legId: string, destination: string | undefined): Promise<void> {
  const callId = await findCallOfLeg(deps.pool, legId);
  const call = callId && (await findLiveCall(deps.pool, callId));
  const isAllowed = call && deskLeg(call)?.id === legId && allowedCallActions(call).includes('transfer');
  const party = isAllowed ? await findNumber(deps, destination ?? '') : null;
  await deps.telephony.answerTransfer(legId, party ? 'accepted' : 'refused');
  if (call && party) await applyCallEvent(deps, call.id, { type: 'transfer', legId: uuid(), party });
}

/** A seat's number, a code of the directory, or any other number; null for what is none. */
async function findNumber(deps: Deps, destination: string): Promise<Party | null> {
  for (const target of [{ seatId: destination }, { directoryCode: destination }, { number: destination }]) {
    try {
      return await findParty(deps, target);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // A seat that is not free is no number of the outside.
      if (error.code === 'seat_not_ready') return null;
    }
  }
  return null;
}

import type { Deps } from '../deps.ts';
import { announceDuePositions } from '../calls/waiting/announce-position.ts';
import { offerDueCallbacks } from '../calls/callback/offer-callback.ts';
import { endOverdue } from '../calls/end-overdue.ts';
import { matchCalls } from '../calls/waiting/match-calls.ts';
import { passOnWaiting } from '../calls/waiting/pass-on.ts';
import { ringDueAlarms } from '../cases/deadlines/ring-alarm.ts';
import { endOverduePauses } from '../calls/recording/pause-recording.ts';
import { settleDoubts } from '../calls/talking/restore-places.ts';
import { createSteps, type Step } from '../jobs/steps.ts';
import { endDueWrapUps } from '../seats/end-wrap-up.ts';

/** What the rows say is due, whether or not its alarm rang. */
const steps: Readonly<Record<string, Step>> = {
  wrapUps: endDueWrapUps, announcements: announceDuePositions, callbackOffers: offerDueCallbacks, overdueCalls: endOverdue, doubtfulPlaces: settleDoubts, overflow: passOnWaiting,
  matching: matchCalls, recordingPauses: endOverduePauses, caseAlarms: ringDueAlarms,
};

/** What is due in the calls and at the seats, and what is looked after beside them. */
export function createSweep(deps: Deps, more: Readonly<Record<string, Step>>): () => Promise<void> {
  return createSteps(deps, { ...steps, ...more });
}

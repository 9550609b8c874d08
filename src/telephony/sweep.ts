import type { Deps } from '../deps.ts';
import { announceDuePositions } from '../calls/waiting/announce-position.ts';
import { offerDueCallbacks } from '../calls/callback/offer-callback.ts';
import { endOverdue } from '../calls/end-overdue.ts';
import { matchCalls } from '../calls/waiting/match-calls.ts';
import { passOnWaiting } from '../calls/waiting/pass-on.ts';
import { ringDueAlarms } from '../cases/deadlines/ring-alarm.ts';
import { endOverduePauses } from '../calls/recording/pause-recording.ts';
import { settleDoubts } from '../calls/talking/restore-places.ts';
import { endDueWrapUps } from '../seats/end-wrap-up.ts';

type Step = (deps: Deps) => Promise<void>;

/** What the rows say is due, whether or not its alarm rang. */
const steps: Readonly<Record<string, Step>> = {
  wrapUps: endDueWrapUps, announcements: announceDuePositions, callbackOffers: offerDueCallbacks, overdueCalls: endOverdue, doubtfulPlaces: settleDoubts, overflow: passOnWaiting,
  matching: matchCalls, recordingPauses: endOverduePauses, caseAlarms: ringDueAlarms,
};

/** One look through the rows. A step that fails stops no other, and says so once, until it works again. */
export function createSweep(deps: Deps, more: Readonly<Record<string, Step>>): () => Promise<void> {
  const failing = new Set<string>();
  return async () => {
    for (const [step, work] of Object.entries({ ...steps, ...more })) {
      try {
        await work(deps);
        if (failing.delete(step)) deps.log.info({ step }, 'A step of the sweep works again');
      } catch (error) {
        if (!failing.has(step)) deps.log.error({ err: error, step }, 'A step of the sweep fails; it is tried again every second');
        failing.add(step);
      }
    }
  };
}

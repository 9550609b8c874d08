import type { Clock } from '../clock.ts';
import type { Deps } from '../deps.ts';
import { matchCalls } from '../calls/waiting/match-calls.ts';
import { findLatestMoment, surveyChannel } from '../calls/queries.ts';
import { sealCallers } from '../calls/sealing/seal-callers.ts';
import { sealChannel } from '../cases/identity/ask-to-seal.ts';
import { configurationChannel } from '../configuration/queries.ts';
import { createRecordingUpkeep } from '../recordings/upkeep.ts';
import { createSilenceWatch } from '../recordings/watch-silences.ts';
import { matchChannel } from '../seats/apply-seat-event.ts';
import { createSteps } from '../jobs/steps.ts';
import { openSurveys } from '../surveys/open-surveys.ts';
import { placeSurveys } from '../surveys/place-surveys.ts';
import { settleSurveys } from '../surveys/settle-surveys.ts';
import type { AmiConnection } from './ami-connection.ts';
import type { AriConnection } from './ari-connection.ts';
import { pause } from './backoff.ts';
import { catchUp, type CatchUp } from './catch-up.ts';
import { onAmiEvent, readContacts } from './contacts.ts';
import { createFallbackQueues } from './fallback-queues.ts';
import { createLeadMark } from './lead-mark.ts';
import { leadTelephony } from './leader.ts';
import { createOwnQueue } from './own-queue.ts';
import { createLookAgain } from './look-again.ts';
import { createProvisioning } from './provision.ts';
import { reconcile } from './reconcile.ts';
import { onAriEvent } from './stasis.ts';
import { createSweep } from './sweep.ts';
import type { Talks } from './talks.ts';
import { createTalksWatch } from './watch-talks.ts';

/** How often the rows are looked through for deadlines whose alarm was lost, milliseconds. */
const sweepEveryMs = 1_000;

/** The API is not kept waiting longer, milliseconds. */
const settledWithinMs = 2_000;
/** What stands further ahead in the rows was written by a clock that was never right, milliseconds. */
const mostSetBackMs = 12 * 3_600_000;

export type Telephony = {
  /** What must be there before a call can be served, for /health/ready; a stand-by lacks nothing. */
  readonly checks: readonly { readonly name: string; readonly check: () => Promise<void> }[];
  /** Resolves when this process leads and knows all live calls, or will not for now; after two seconds at the latest. */
  readonly settled: Promise<void>;
  readonly stop: () => Promise<void>;
};

export type Links = { readonly ari: AriConnection; readonly ami: AmiConnection; readonly talks: Talks; readonly clock: Pick<Clock, 'notBefore'> };

/** The telephony role: leads when it may, follows Asterisk's events, and sweeps. `lookEveryMs`: how often missed events are looked for. */
export function startTelephony(given: Deps, { ari, ami, talks, clock }: Links, lookEveryMs = 5_000): Telephony {
  const ownQueue = createOwnQueue(given, { ari, ami });
  // No seat is offered a call before it is known whether its phone talks in Asterisk's own queue, and who waits there.
  const deps: Deps = { ...given, telephony: { ...given.telephony, isConnected: () => given.telephony.isConnected() && ownQueue.isLookedAt() } };
  let timers: NodeJS.Timeout[] = [];
  let isStandBy = false;
  const repeated = (work: () => Promise<void>, what: string, isConnected = (): boolean => false): CatchUp =>
    catchUp(work, { isConnected, onError: (error) => deps.log.error({ err: error }, what) });
  const match = repeated(() => matchCalls(deps), 'Matching failed');
  const surveys = repeated(createSteps(deps, { surveysSettled: settleSurveys, surveysOpened: openSurveys, surveysPlaced: placeSurveys }), 'Surveys could not be kept');
  const sealing = repeated(createSteps(deps, { callersSealed: sealCallers }), 'Numbers could not be sealed');
  const fallback = createFallbackQueues(deps, ami);
  const sweep = repeated(createSweep(deps, { ownQueue: ownQueue.look, fallbackQueues: fallback.keep, silences: createSilenceWatch(), recordings: createRecordingUpkeep() }), 'The sweep failed');
  // Apart from each other, so that one seat that Asterisk does not take leaves no call alone.
  const provisioning = createProvisioning(deps, { ari, ami }, fallback.know);
  const isWhole = (): boolean => ari.isConnected && ami.isConnected;
  const seats = repeated(provisioning.follow, 'Seats and numbers could not be given to Asterisk; trying again', isWhole);
  /** Both connections are needed; the later of the two begins. */
  const provisionAnew = (): void => {
    provisioning.forget();
    if (isWhole()) seats.ask();
  };
  const comparing = { deps, ari, talks };
  const missed = createLookAgain(comparing);
  const look = repeated(missed.look, 'Missed events could not be looked for');
  const { promise: settled, settle } = settling();
  const calls = repeated(() => reconcile(comparing).then(settle), 'The comparison with Asterisk failed; trying again', () => ari.isConnected);
  const carried = repeated(async () => {
    await ownQueue.look();
    match.ask();
  }, 'Calls of Asterisk’s own queue could not be brought in; trying again', () => ari.isConnected);
  const lookAnew = (): void => {
    ownQueue.forget();
    carried.ask();
  };
  const contacts = repeated(() => readContacts(deps, ami), 'Registrations could not be read; trying again', () => ami.isConnected);
  const needs = (name: string, isThere: () => boolean) => ({ name, check: async () => { if (!isStandBy && !isThere()) throw new Error(`${name} is missing`); } });
  const mark = createLeadMark(ari, deps.log);
  const watch = createTalksWatch({ ari, talks, log: deps.log, now: deps.now });
  const leading = leadTelephony(deps, {
    prepare: async () => {
      // A clock that was set back while no service ran: who waits keeps the place all the same.
      const latest = await findLatestMoment(deps.pool, new Date(deps.now().getTime() + mostSetBackMs));
      if (latest) clock.notBefore(latest);
    },
    onDatabaseAway: () => {
      settle();
      watch.start();
    },
    onNotified: {
      [matchChannel]: match.ask,
      [surveyChannel]: surveys.ask,
      [sealChannel]: sealing.ask,
      [configurationChannel]: () => {
        match.ask();
        if (isWhole()) seats.ask();
      },
    },
    onStandBy: () => {
      isStandBy = true;
      settle();
      watch.stop();
    },
    start: (giveUp) => {
      isStandBy = false;
      watch.stop();
      mark.start();
      ari.start({
        onEvent: async (event) => {
          if (!leading.holds()) return; // whoever leads now hears of it by comparing
          if (event.type === 'ApplicationReplaced') giveUp();
          await onAriEvent(deps, event, talks);
        },
        onConnected: () => {
          missed.forget();
          lookAnew();
          provisionAnew();
          calls.ask();
        },
      });
      ami.start({
        onEvent: (event) => onAmiEvent(deps, event),
        onConnected: () => { lookAnew(); fallback.forget(); provisionAnew(); contacts.ask(); },
      });
      timers = [
        setInterval(() => {
          if (!leading.holds()) return;
          sweep.ask();
          if (calls.isDone()) surveys.ask(); // calls that were on are known again
        }, sweepEveryMs),
        // Behind the comparison that each connection begins with.
        setInterval(() => { if (leading.holds() && ari.isConnected && calls.isDone()) look.ask(); }, lookEveryMs),
      ];
    },
    stop: async () => {
      timers.forEach(clearInterval);
      await Promise.all([ari.stop(), ami.stop()]);
      await mark.stop();
    },
  });
  return {
    settled,
    checks: [
      needs('asterisk-events', () => ari.isConnected), needs('asterisk-ami', () => ami.isConnected),
      needs('seats-in-asterisk', provisioning.isDone), needs('calls-compared', calls.isDone), needs('registrations', contacts.isDone), needs('own-queue', ownQueue.isLookedAt),
    ],
    stop: async () => {
      await leading.stop();
      watch.stop();
      await Promise.all([match, sweep, surveys, sealing, seats, calls, carried, contacts, look].map((one) => one.stop()));
    },
  };
}

function settling(): { readonly promise: Promise<void>; readonly settle: () => void } {
  const within = new AbortController();
  const promise = pause(settledWithinMs, within.signal);
  return { promise, settle: () => within.abort() };
}

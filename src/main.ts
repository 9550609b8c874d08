import closeWithGrace from 'close-with-grace';
import { createYearWatch } from './calendar/watch-years.ts';
import { backfillWords } from './cases/lists/backfill-words.ts';
import { retagCases } from './cases/lists/retag-cases.ts';
import { createClock } from './clock.ts';
import { hasRole, loadConfig } from './config.ts';
import { rewrapEvidence } from './cases/evidence/sealed-files.ts';
import { resealCallers, sealCallers } from './calls/sealing/seal-callers.ts';
import { checkKeys, KeyFault, sealIdentities } from './cases/identity/seal-identities.ts';
import { openVault } from './cases/identity/vault.ts';
import { createCalendarFollower } from './cases/deadlines/follow-calendar.ts';
import { ringAlarm } from './cases/deadlines/ring-alarm.ts';
import { createPool } from './db/pool.ts';
import { watchDatabase } from './db/watch-database.ts';
import type { Deps } from './deps.ts';
import { createLive } from './events/live.ts';
import { createJobs } from './jobs/bull-jobs.ts';
import { createSteps, repeatSteps } from './jobs/steps.ts';
import { openGateway } from './sms/open-gateway.ts';
import { resealMessages } from './sms/reseal-messages.ts';
import { sendDueSms, sendSms } from './sms/send-sms.ts';
import { forgetReports } from './sms/take-report.ts';
import { createLogger } from './log.ts';
import { storeEndedRecordings } from './recordings/store-recording.ts';
import { endWrapUp } from './seats/end-wrap-up.ts';
import { placeSurveys } from './surveys/place-surveys.ts';
import { AmiConnection } from './telephony/ami-connection.ts';
import { AriConnection } from './telephony/ari-connection.ts';
import { asteriskTelephony } from './telephony/asterisk-telephony.ts';
import { telephonyMetrics } from './telephony/metrics.ts';
import { startTelephony } from './telephony/start-telephony.ts';
import { Talks } from './telephony/talks.ts';

const [config, keys] = orEnd(() => {
  const read = loadConfig(process.env);
  return [read, openVault(read.HOTLINE_IDENTITY_KEYS)] as const;
});
const log = createLogger(config.HOTLINE_LOG_LEVEL);
const clock = createClock(log);
const pool = createPool(config.DATABASE_URL, log);
const databaseWatch = watchDatabase({ pool, databaseUrl: config.DATABASE_URL, log });
const jobs = createJobs(config.REDIS_URL, log, clock.now);
const ari = new AriConnection({ url: config.ASTERISK_ARI_URL, user: config.ASTERISK_ARI_USER, password: config.ASTERISK_ARI_PASSWORD, log });
const ami = new AmiConnection({ host: config.ASTERISK_AMI_HOST, port: config.ASTERISK_AMI_PORT, user: config.ASTERISK_AMI_USER, password: config.ASTERISK_AMI_PASSWORD, log });
const talks = new Talks();
const deps: Deps = { config, log, pool, jobs, telephony: talks.follow(asteriskTelephony(ari, ami, config.HOTLINE_RECORDINGS_DIR)), now: clock.now };

const ending = new AbortController();
/** How often text messages, calls to be sealed, units that moved and the calendar are looked through, milliseconds. */
const sweepEveryMs = 2_000;
await checkKeys(deps, keys).catch((error: unknown) => {
  if (error instanceof KeyFault) orEnd(() => { throw error; });
  log.warn({ err: error }, 'The keys of citizens’ names and numbers could not be checked'); // without its database the service starts all the same
});

const telephony = hasRole(config, 'telephony') ? startTelephony(deps, { ari, ami, talks, clock }) : undefined;
const upkeep = hasRole(config, 'jobs') ? startJobs() : undefined;
// The API is loaded after the live calls are known again: after a crash those come first.
await telephony?.settled;
const live = hasRole(config, 'api') ? createLive(config.DATABASE_URL, log) : undefined;
const app = live && await (await import('./api.ts')).buildApi(deps, live, {
  jobs,
  metrics: telephony ? [telephonyMetrics(ari, ami)] : [],
  checks: [
    { name: 'postgres', check: () => pool.query('select 1') },
    { name: 'redis', check: () => jobs.isReady() },
    { name: 'asterisk-ari', check: () => ari.command('GET', '/asterisk/ping') },
    ...(telephony?.checks ?? []),
  ],
});
await app?.listen({ host: config.HOTLINE_HTTP_HOST, port: config.HOTLINE_HTTP_PORT });
log.info({ port: config.HOTLINE_HTTP_PORT, roles: config.HOTLINE_ROLES }, 'The hotline is up');

// New calls first: the application is left, so that Asterisk's own queue takes them; then everything else.
closeWithGrace({ delay: 10_000, logger: log }, async ({ err }) => {
  if (err) log.fatal({ err }, 'The service ends because of a defect');
  ending.abort();
  await telephony?.stop();
  await Promise.all([jobs.close(), upkeep?.stop()]);
  await live?.close();
  await app?.close();
  await databaseWatch.stop();
  await pool.end();
});

/** Alarms, and what needs no telephone; ends what it began. */
function startJobs(): { readonly stop: () => Promise<void> } {
  const gateway = openGateway(deps);
  jobs.work({
    'end-wrap-up': ({ seatId }) => endWrapUp(deps, seatId),
    'store-recordings': () => storeEndedRecordings(deps),
    'call-survey': () => placeSurveys(deps),
    'send-sms': async ({ messageId }) => void (await sendSms(deps, gateway, messageId)),
    'ring-case-alarm': ({ alarmId }) => ringAlarm(deps, alarmId),
  });
  for (const seal of [sealIdentities, resealCallers, rewrapEvidence, resealMessages]) {
    void seal(deps, ending.signal).catch((error: unknown) => log.error({ err: error }, 'Not everything could be sealed with the newest key; the next start goes on with it'));
  }
  void backfillWords(deps, ending.signal).catch((error: unknown) => log.error({ err: error }, 'Cases from before the search could not get their words; the next start goes on with it'));
  const sweep = repeatSteps(createSteps(deps, { smsDue: () => sendDueSms(deps, gateway), smsReports: forgetReports, callersSealed: sealCallers, calendarYears: createYearWatch(), calendarFollowed: createCalendarFollower() }), sweepEveryMs);
  // Apart: a district’s cases take minutes.
  const retags = repeatSteps(createSteps(deps, { retagCases: () => retagCases(deps, ending.signal) }), sweepEveryMs);
  return { stop: async () => {
    // At once: what waits for the gateway stays in its rows, what it has been given is answered.
    await Promise.all([sweep.stop(), retags.stop(), gateway.close()]);
  } };
}

/** Settings with which the service cannot run end it with one line that says which. */
function orEnd<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}

import closeWithGrace from 'close-with-grace';
import { registerAlertRoutes } from './alerts/routes.ts';
import { registerAuditRoutes } from './auth/audit-routes.ts';
import { registerAuthRoutes } from './auth/routes.ts';
import { registerTokenRoutes } from './auth/token-routes.ts';
import { registerAbuseRoutes } from './calls/abuse/abuse-routes.ts';
import { registerRecordingPauseRoutes } from './calls/recording/pause-routes.ts';
import { registerCallbackRoutes } from './calls/callback/callback-routes.ts';
import { ownQueueMetrics } from './calls/own-queue/metrics.ts';
import { registerCallRoutes } from './calls/routes.ts';
import { registerSupervisionRoutes } from './calls/supervision/supervision-routes.ts';
import { registerCaseOptionRoutes } from './cases/options-routes.ts';
import { registerCaseRoutes } from './cases/routes.ts';
import { createClock } from './clock.ts';
import { hasRole, loadConfig } from './config.ts';
import { registerConfigurationRoutes } from './configuration/routes.ts';
import { createPool } from './db/pool.ts';
import { watchDatabase } from './db/watch-database.ts';
import type { Deps } from './deps.ts';
import { registerDirectoryRoutes } from './directory/routes.ts';
import { createLive } from './events/live.ts';
import { buildApp } from './http/app.ts';
import { registerEventRoutes } from './http/events-routes.ts';
import { createJobs } from './jobs/bull-jobs.ts';
import { createLogger } from './log.ts';
import { recordingMetrics } from './recordings/metrics.ts';
import { registerRecordingRoutes } from './recordings/routes.ts';
import { storeRecording } from './recordings/store-recording.ts';
import { registerQueueRoutes } from './calls/waiting/queue-routes.ts';
import { endWrapUp } from './seats/end-wrap-up.ts';
import { registerSeatRoutes } from './seats/routes.ts';
import { registerBoardRoutes } from './supervision/routes.ts';
import { AmiConnection } from './telephony/ami-connection.ts';
import { AriConnection } from './telephony/ari-connection.ts';
import { asteriskTelephony } from './telephony/asterisk-telephony.ts';
import { telephonyMetrics } from './telephony/metrics.ts';
import { startTelephony } from './telephony/start-telephony.ts';
import { Talks } from './telephony/talks.ts';
import { registerUserRoutes } from './users/routes.ts';

const config = loadConfig(process.env);
const log = createLogger(config.HOTLINE_LOG_LEVEL);
const clock = createClock(log);
const pool = createPool(config.DATABASE_URL, log);
const databaseWatch = watchDatabase({ pool, databaseUrl: config.DATABASE_URL, log });
const jobs = createJobs(config.REDIS_URL, log, clock.now);
const ari = new AriConnection({ url: config.ASTERISK_ARI_URL, user: config.ASTERISK_ARI_USER, password: config.ASTERISK_ARI_PASSWORD, log });
const ami = new AmiConnection({ host: config.ASTERISK_AMI_HOST, port: config.ASTERISK_AMI_PORT, user: config.ASTERISK_AMI_USER, password: config.ASTERISK_AMI_PASSWORD, log });
const talks = new Talks();
const deps: Deps = { config, log, pool, jobs, telephony: talks.follow(asteriskTelephony(ari, ami, config.HOTLINE_RECORDINGS_DIR)), now: clock.now };

const telephony = hasRole(config, 'telephony') ? startTelephony(deps, { ari, ami, talks, clock }) : undefined;
if (hasRole(config, 'jobs')) {
  jobs.work({
    'end-wrap-up': ({ seatId }) => endWrapUp(deps, seatId),
    'store-recording': ({ callId }) => storeRecording(deps, callId),
  });
}
const live = hasRole(config, 'api') ? createLive(config.DATABASE_URL, log) : undefined;
const app = live && await buildApp(deps, {
  routes: [registerAuthRoutes, registerTokenRoutes, registerAuditRoutes, registerUserRoutes, registerCallRoutes, registerCallbackRoutes, registerAbuseRoutes,
    registerSupervisionRoutes, registerBoardRoutes, registerAlertRoutes, registerCaseRoutes, registerCaseOptionRoutes, registerSeatRoutes, registerDirectoryRoutes,
    registerRecordingRoutes, registerRecordingPauseRoutes, registerQueueRoutes, registerConfigurationRoutes, registerEventRoutes(live)],
  metrics: [recordingMetrics(deps), ownQueueMetrics(deps), ...(telephony ? [telephonyMetrics(ari, ami)] : [])],
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
  await telephony?.stop();
  await jobs.close();
  await live?.close();
  await app?.close();
  await databaseWatch.stop();
  await pool.end();
});

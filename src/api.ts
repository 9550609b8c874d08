import { registerAlertRoutes } from './alerts/routes.ts';
import { registerAuditRoutes } from './auth/audit-routes.ts';
import { registerAuthRoutes } from './auth/routes.ts';
import { registerTokenRoutes } from './auth/token-routes.ts';
import { calendarMetrics } from './calendar/metrics.ts';
import { registerCalendarRoutes } from './calendar/routes.ts';
import { registerAbuseRoutes } from './calls/abuse/abuse-routes.ts';
import { registerRecordingPauseRoutes } from './calls/recording/pause-routes.ts';
import { registerCallbackRoutes } from './calls/callback/callback-routes.ts';
import { ownQueueMetrics } from './calls/own-queue/metrics.ts';
import { registerCallRoutes } from './calls/routes.ts';
import { registerCallIdentityRoute } from './calls/sealing/identity-route.ts';
import { registerSupervisionRoutes } from './calls/supervision/supervision-routes.ts';
import { registerCaseLifeRoutes } from './cases/life/routes.ts';
import { registerEvidenceRoutes } from './cases/evidence/routes.ts';
import { registerPushRoutes } from './cases/push/routes.ts';
import { registerConferenceRoutes } from './cases/conference/routes.ts';
import { registerMaskedCallRoutes } from './calls/outbound/masked-call-routes.ts';
import { registerFindingRoutes } from './cases/identity/finding-routes.ts';
import { registerLookRoutes } from './cases/identity/look-routes.ts';
import { registerDuplicateRoutes } from './cases/duplicates/routes.ts';
import { registerCaseSupervisionRoutes } from './cases/supervision/routes.ts';
import { registerReportRoutes } from './reports/routes.ts';
import { registerSurveyReportRoutes } from './reports/survey-routes.ts';
import { registerSurveyCheckRoutes } from './surveys/checks/routes.ts';
import { registerUnitDutyRoutes } from './units/duty-routes.ts';
import { registerUnitExchangeRoutes } from './units/exchange-routes.ts';
import { registerUnitProposalRoutes } from './units/responsibility/proposal-routes.ts';
import { registerResponsibilityRoutes } from './units/responsibility/routes.ts';
import { registerUnitRoutes } from './units/routes.ts';
import { registerCaseOptionRoutes } from './cases/options-routes.ts';
import { registerCaseRoutes } from './cases/routes.ts';
import { registerConfigurationRoutes } from './configuration/routes.ts';
import { registerDirectoryRoutes } from './directory/routes.ts';
import { buildApp } from './http/app.ts';
import { registerEventRoutes } from './http/events-routes.ts';
import { recordingMetrics } from './recordings/metrics.ts';
import { registerRecordingRoutes } from './recordings/routes.ts';
import { registerQueueRoutes } from './calls/waiting/queue-routes.ts';
import { registerSeatRoutes } from './seats/routes.ts';
import { registerSmsRoutes } from './sms/routes.ts';
import { registerSurveyLinkRoutes } from './surveys/link-routes.ts';
import { registerSurveyRoutes } from './surveys/routes.ts';
import { registerBoardRoutes } from './supervision/routes.ts';
import { registerUserRoutes } from './users/routes.ts';
import type { Deps } from './deps.ts';
import { registerJobBoard } from './jobs/board.ts';
import type { BullJobs } from './jobs/bull-jobs.ts';
import { jobMetrics } from './jobs/metrics.ts';
import type { createLive } from './events/live.ts';
import type { App } from './http/app-type.ts';

type Parts = Pick<Parameters<typeof buildApp>[1], 'checks'> & { readonly jobs: BullJobs; readonly metrics: NonNullable<Parameters<typeof buildApp>[1]['metrics']> };

/** The HTTP API with the routes of every domain, not listening yet. */
export async function buildApi(deps: Deps, live: ReturnType<typeof createLive>, { jobs, checks, metrics }: Parts): Promise<App> {
  return buildApp(deps, {
    routes: [registerAuthRoutes, registerTokenRoutes, registerAuditRoutes, registerUserRoutes, registerCallRoutes, registerCallIdentityRoute, registerCallbackRoutes, registerAbuseRoutes,
      registerSupervisionRoutes, registerBoardRoutes, registerAlertRoutes, registerCaseRoutes, registerCaseLifeRoutes, registerCaseSupervisionRoutes, registerDuplicateRoutes, registerConferenceRoutes, registerLookRoutes, registerPushRoutes, registerEvidenceRoutes, registerFindingRoutes, registerMaskedCallRoutes, registerReportRoutes, registerCalendarRoutes, registerSurveyReportRoutes, registerSurveyRoutes, registerSurveyCheckRoutes, registerSurveyLinkRoutes, registerSmsRoutes, registerUnitRoutes, registerUnitDutyRoutes, registerUnitExchangeRoutes, registerResponsibilityRoutes, registerUnitProposalRoutes, registerCaseOptionRoutes, registerSeatRoutes, registerDirectoryRoutes,
      registerRecordingRoutes, registerRecordingPauseRoutes, registerQueueRoutes, registerConfigurationRoutes, registerEventRoutes(live), (app) => { registerJobBoard(app, jobs.queues); }],
    metrics: [jobMetrics(jobs.queues), recordingMetrics(deps), ownQueueMetrics(deps), calendarMetrics(deps), ...metrics],
    checks,
  });
}

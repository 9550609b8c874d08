import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import websocket from '@fastify/websocket';
import fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import { randomUUID } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { authenticate, authorize } from '../auth/authenticate.ts';
import type { App } from './app-type.ts';
import { boardPath } from '../jobs/board.ts';
import { registerHealthRoutes, type HealthCheck } from './health.ts';
import { createMethods } from './methods.ts';
import { registerMetrics, type Metrics } from './metrics.ts';
import { openapi } from './openapi.ts';
import { onClientError, onError, sendProblem } from './problem.ts';
import { readableText } from './readable-text.ts';
import { createValidator } from './validation.ts';

export type Routes = (app: App, deps: Deps) => void;
type Options = { readonly routes: readonly Routes[]; readonly checks: readonly HealthCheck[]; readonly metrics?: readonly Metrics[] };

/** The whole HTTP application, not listening yet. */
export async function buildApp(deps: Deps, options: Options): Promise<App> {
  const loggerInstance: FastifyBaseLogger = deps.log;
  const trusted = deps.config.HOTLINE_TRUSTED_PROXIES;
  const app: App = fastify({
    loggerInstance, logController: new LogController({ disableRequestLogging: true }), genReqId: () => randomUUID(),
    bodyLimit: 1 << 20, requestTimeout: 30_000, forceCloseConnections: true, trustProxy: trusted === '' ? false : trusted.split(','),
    // Addresses the router itself refuses (%zz, endless ones) get a problem document, too.
    frameworkErrors: (error, request, reply) => { onError(error, request, reply); }, clientErrorHandler: onClientError,
  });
  app.setErrorHandler(onError);
  app.setValidatorCompiler(createValidator());
  app.removeContentTypeParser('text/plain'); // JSON only: a form on another site cannot send that
  app.decorateRequest('actor', null);
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    // Citizens' data stays in no cache on the way.
    if (request.url.startsWith('/api/')) void reply.header('cache-control', 'no-store');
  });
  await registerPlugins(app, deps.config.HOTLINE_REQUESTS_PER_MINUTE);
  guardRoutes(app, deps);
  logAnswers(app, deps);
  await app.register(swaggerUi, { routePrefix: '/docs' });
  registerMetrics(app, deps, options.metrics ?? []);
  registerHealthRoutes(app, options.checks);
  for (const register of options.routes) register(app, deps);
  app.get('/api/openapi.json', { config: { permission: 'public' }, schema: { hide: true } }, () => app.swagger());
  await app.ready();
  return app;
}

async function registerPlugins(app: App, requestsPerMinute: number): Promise<void> {
  await app.register(cookie);
  const directives = {
    'script-src': ["'self'"], 'style-src': ["'self'", "'unsafe-inline'"], 'font-src': ["'self'", 'data:'], 'upgrade-insecure-requests': null,
  };
  await app.register(helmet, { contentSecurityPolicy: { directives } });
  await app.register(rateLimit, { max: requestsPerMinute, timeWindow: 60_000, errorResponseBuilder: () => new AppError('too_many_requests') });
  await app.register(websocket, { options: { maxPayload: 4_096 } });
  await app.register(swagger, openapi);
  const methods = createMethods();
  app.addHook('onRoute', methods.add);
  // An attacker could learn addresses by guessing if misses were free.
  app.setNotFoundHandler({ preHandler: app.rateLimit({ max: 120, timeWindow: 60_000 }) }, (request, reply) => {
    const allowed = methods.of(request.url.split('?')[0] ?? '');
    if (allowed.length === 0) return sendProblem(request, reply, 'not_found');
    return sendProblem(request, reply.header('allow', allowed.join(', ')), 'method_not_allowed', { allowed });
  });
}

/** Every route names its permission. Asked for after the rate limit, so that guessing tokens is limited as well. */
function guardRoutes(app: App, deps: Deps): void {
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/docs')) route.config = { ...route.config, permission: 'public' };
    if (route.url.startsWith(boardPath)) route.config = { ...route.config, permission: 'job.manage' };
    if (!route.config?.permission) throw new Error(`the route ${String(route.method)} ${route.url} names no permission`);
  });
  app.addHook('preParsing', async (request) => {
    const { permission } = request.routeOptions.config;
    if (!permission) return; // no such route
    request.actor = permission === 'public' ? null : await authenticate(deps, request);
    authorize(request.actor, permission, request.routeOptions.url ?? '');
  });
  app.addHook('preValidation', async (request) => {
    request.body = readableText(request.body, 'body');
    request.query = readableText(request.query, 'querystring');
  });
}

function logAnswers(app: App, deps: Deps): void {
  app.addHook('onResponse', async (request, reply) => {
    const isRoutine = reply.statusCode < 400 && (request.method === 'GET' || request.method === 'HEAD');
    deps.log[isRoutine ? 'debug' : 'info']({
      requestId: request.id, method: request.method, route: request.routeOptions.url, status: reply.statusCode,
      ms: Math.round(reply.elapsedTime), userId: request.actor?.kind === 'user' ? request.actor.userId : undefined,
    }, 'Answered a request');
  });
}

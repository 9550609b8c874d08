import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger, { type SwaggerTransform } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import websocket from '@fastify/websocket';
import fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import { randomUUID } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { authenticate, authorize, sessionCookie } from '../auth/authenticate.ts';
import type { App } from './app-type.ts';
import { registerHealthRoutes, type HealthCheck } from './health.ts';
import { registerMetrics } from './metrics.ts';
import { onError, sendProblem } from './problem.ts';

export type Routes = (app: App, deps: Deps) => void;

/** The whole HTTP application, not listening yet. */
export async function buildApp(deps: Deps, options: { routes: readonly Routes[]; checks: readonly HealthCheck[]; requestsPerMinute?: number }): Promise<App> {
  const loggerInstance: FastifyBaseLogger = deps.log;
  const app: App = fastify({
    loggerInstance, genReqId: () => randomUUID(), logController: new LogController({ disableRequestLogging: true }), bodyLimit: 1 << 20, forceCloseConnections: true, requestTimeout: 30_000,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: 'array', allErrors: true } },
  });
  app.setErrorHandler(onError);
  await app.register(cookie);
  await app.register(helmet, { contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null, 'script-src': ["'self'", "'unsafe-inline'"] } } });
  await app.register(rateLimit, { max: options.requestsPerMinute ?? 1_200, timeWindow: 60_000, errorResponseBuilder: () => new AppError('too_many_requests') });
  await app.register(websocket, { options: { maxPayload: 4_096 } });
  await app.register(swagger, { openapi: { openapi: '3.1.0', info: { title: 'Hotline 12345', version: '0.1.0', description: 'Calls, seats and cases of a city’s 12345 hotline.' },
    components: { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: sessionCookie }, token: { type: 'http', scheme: 'bearer' } } } },
    transform: describePermission });
  // An attacker could learn addresses by guessing if misses were free.
  app.setNotFoundHandler({ preHandler: app.rateLimit({ max: 120, timeWindow: 60_000 }) }, (request, reply) => sendProblem(request, reply, 'not_found'));
  app.decorateRequest('actor', null);
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/docs')) route.config = { ...route.config, permission: 'public' };
    if (!route.config?.permission) throw new Error(`the route ${String(route.method)} ${route.url} names no permission`);
  });
  app.addHook('onRequest', async (request) => {
    const { permission } = request.routeOptions.config;
    if (!permission) return; // no such route
    request.actor = permission === 'public' ? null : await authenticate(deps, request);
    authorize(request.actor, permission, request.routeOptions.url ?? '');
  });
  app.addHook('onResponse', async (request, reply) => {
    const isRoutine = reply.statusCode < 400 && (request.method === 'GET' || request.method === 'HEAD');
    deps.log[isRoutine ? 'debug' : 'info']({ requestId: request.id, method: request.method, route: request.routeOptions.url, status: reply.statusCode,
      ms: Math.round(reply.elapsedTime), userId: request.actor?.kind === 'user' ? request.actor.userId : undefined }, 'Answered a request');
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  registerMetrics(app);
  registerHealthRoutes(app, options.checks);
  for (const register of options.routes) register(app, deps);
  app.get('/api/openapi.json', { config: { permission: 'public' }, schema: { hide: true } }, () => app.swagger());
  await app.ready();
  return app;
}

/** Into the OpenAPI document: the permission a route needs, and how to prove who you are. */
const describePermission: SwaggerTransform = ({ schema, url, route }) => {
  const permission = route.config?.permission;
  const security = permission === 'public' ? [] : [{ session: [] }, { token: [] }];
  return { schema: { ...schema, security, 'x-permission': permission }, url };
};

import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { liveCallStates } from '../calls/call.ts';
import { countLiveCalls } from '../calls/queries.ts';
import type { Deps } from '../deps.ts';
import { countSeats } from '../seats/queries.ts';
import { seatStates } from '../seats/seat.ts';
import { countSms, findOldestWaiting } from '../sms/queries.ts';
import { openSmsStates } from '../sms/sms-machine.ts';
import { countSurveys } from '../surveys/queries.ts';
import { surveyStates } from '../surveys/survey-machine.ts';
import type { App } from './app-type.ts';

/** Adds a part's own metrics to the registry. */
export type Metrics = (registry: Registry) => void;

/** /metrics in Prometheus' text format, for those with `metrics.read` (an integration token, usually). */
export function registerMetrics(app: App, deps: Deps, parts: readonly Metrics[]): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'hotline_http_request_seconds', help: 'Duration of HTTP requests', labelNames: ['method', 'route', 'status'], registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    duration.observe({ method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  addStateGauge(registry, { name: 'hotline_calls', help: 'Live calls by state', states: liveCallStates, count: () => countLiveCalls(deps.pool) });
  addStateGauge(registry, { name: 'hotline_seats', help: 'Seats by state', states: seatStates, count: () => countSeats(deps.pool) });
  addStateGauge(registry, { name: 'hotline_surveys', help: 'Surveys by state', states: surveyStates, count: () => countSurveys(deps.pool) });
  addStateGauge(registry, { name: 'hotline_sms', help: 'Text messages that wait, are being sent, were given up, or came too late', states: openSmsStates, count: () => countSms(deps.pool) });
  new Gauge({
    name: 'hotline_sms_oldest_waiting_seconds', help: 'How long the oldest text message waits that no gateway has yet; 0 when none waits', registers: [registry],
    async collect() {
      const oldest = await findOldestWaiting(deps.pool);
      this.set(oldest ? Math.max(0, (deps.now().getTime() - oldest.getTime()) / 1000) : 0);
    },
  });
  for (const addMetrics of parts) addMetrics(registry);
  app.get('/metrics', { config: { permission: 'metrics.read' }, schema: { hide: true } },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}

type StateGauge = { readonly name: string; readonly help: string; readonly states: readonly string[]; readonly count: () => Promise<readonly { state: string; count: number }[]> };

/** Read from the rows at each scrape, which all processes share; every state has its sample, so that no series comes and goes. */
function addStateGauge(registry: Registry, { name, help, states, count }: StateGauge): void {
  new Gauge({
    name, help, labelNames: ['state'], registers: [registry],
    async collect() {
      const counts = new Map((await count()).map((row) => [row.state, row.count]));
      for (const state of states) this.set({ state }, counts.get(state) ?? 0);
    },
  });
}

import { Gauge, type Registry } from 'prom-client';
import type { Deps } from '../deps.ts';
import { countSurveys } from './queries.ts';

/** Surveys by state, from the rows. */
export function surveyMetrics(deps: Deps): (registry: Registry) => void {
  return (registry) => {
    new Gauge({
      name: 'hotline_surveys', help: 'Surveys by state', labelNames: ['state'], registers: [registry],
      async collect() {
        this.reset();
        for (const { state, count } of await countSurveys(deps.pool)) this.set({ state }, count);
      },
    });
  };
}

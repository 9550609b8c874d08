import { Gauge, type Registry } from 'prom-client';
import type { Deps } from '../deps.ts';
import { countSms } from './queries.ts';

/** Messages on their way, and those that were given up, from the rows. */
export function smsMetrics(deps: Deps): (registry: Registry) => void {
  return (registry) => {
    new Gauge({
      name: 'hotline_sms', help: 'Text messages that wait, are being sent, or were given up', labelNames: ['state'], registers: [registry],
      async collect() {
        this.reset();
        for (const { state, count } of await countSms(deps.pool)) this.set({ state }, count);
      },
    });
  };
}

import { Counter, type Registry } from 'prom-client';
import type { Deps } from '../../deps.ts';
import { countCarried } from './own-queue-queries.ts';

/** Calls that went past the service, from the rows, which all processes share. */
export function ownQueueMetrics(deps: Deps): (registry: Registry) => void {
  return (registry) => {
    new Counter({
      name: 'hotline_calls_carried_by_asterisk_total', help: 'Calls that Asterisk’s own queue carried while no service was there, all of them or in part', registers: [registry],
      async collect() {
        this.reset();
        this.inc(await countCarried(deps.pool));
      },
    });
  };
}

import { Counter, type Registry } from 'prom-client';
import type { Deps } from '../deps.ts';
import { countFailed } from './queries.ts';

/** Recordings that are not there although they should be, from the rows, which all processes share. */
export function recordingMetrics(deps: Deps): (registry: Registry) => void {
  return (registry) => {
    new Counter({
      name: 'hotline_recordings_failed_total', help: 'Calls without a sound recording, by reason', labelNames: ['reason'], registers: [registry],
      async collect() {
        const counts = new Map((await countFailed(deps.pool)).map((row) => [row.reason, row.count]));
        this.reset();
        for (const reason of ['disk_full', 'not_started', 'no_file', 'damaged']) this.inc({ reason }, counts.get(reason) ?? 0);
      },
    });
  };
}

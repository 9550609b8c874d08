import type { Queue } from 'bullmq';
import { Gauge, type Registry } from 'prom-client';

const states = ['waiting', 'delayed', 'active', 'failed'] as const;

/** Alarms by queue and state, as Redis has them at the scrape; `failed` are those that were given up. No samples while Redis is away. */
export function jobMetrics(queues: readonly Queue[]): (registry: Registry) => void {
  return (registry) => {
    new Gauge({
      name: 'hotline_jobs', help: 'BullMQ jobs by queue and state', labelNames: ['queue', 'state'], registers: [registry],
      async collect() {
        this.reset();
        for (const queue of queues) {
          // Redis is away, which its connection logs once (bull-jobs.ts); a scrape does not fail for it.
          const counts = await queue.getJobCounts(...states).catch(() => null);
          if (counts === null) return;
          for (const state of states) this.set({ queue: queue.name, state }, counts[state] ?? 0);
        }
      },
    });
  };
}

import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Deps } from '../deps.ts';
import { neededYears } from './published-rules.ts';
import { listPublishedYears } from './queries.ts';

/** 0 for a year that is needed and has no official days. */
export function calendarMetrics({ pool, now }: Pick<Deps, 'pool' | 'now'>): (registry: Registry) => void {
  return (registry) => {
    new Gauge({
      name: 'hotline_calendar_published', help: 'Whether official days are known for a year that is needed', labelNames: ['year'], registers: [registry],
      async collect() {
        const published = await listPublishedYears(pool);
        this.reset();
        for (const year of neededYears(now())) this.set({ year }, published.has(year) ? 1 : 0);
      },
    });
  };
}

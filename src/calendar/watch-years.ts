import type { Deps } from '../deps.ts';
import { chinaTime } from './opening-rules.ts';
import { neededYears } from './published-rules.ts';
import { listPublishedYears } from './queries.ts';

/** A step of the sweep: says once a day which years have no official days, for their ordinary weeks are a guess. */
export function createYearWatch(): (deps: Deps) => Promise<void> {
  let saidOn = '';
  return async ({ pool, log, now }) => {
    const at = now();
    const { day } = chinaTime(at);
    if (day === saidOn) return;
    const published = await listPublishedYears(pool);
    for (const year of neededYears(at)) {
      if (!published.has(year)) log.warn({ year }, 'No official days are known for this year; deadlines across it are provisional until they are entered');
    }
    saidOn = day;
  };
}

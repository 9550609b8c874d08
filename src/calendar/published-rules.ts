import { chinaTime } from './opening-rules.ts';

/** The State Council publishes a year's days in October or November of the year before; from here on it is told when they are missing. */
const nextYearFromMonth = 11;

export function chinaYear(at: Date): number {
  return Number(chinaTime(at).day.slice(0, 4));
}

/** Years whose official days should be known by now: this one and, from 1 November on, the next. */
export function neededYears(now: Date): readonly number[] {
  const year = chinaYear(now);
  return Number(chinaTime(now).day.slice(5, 7)) >= nextYearFromMonth ? [year, year + 1] : [year];
}

/** Whether working days counted from one moment to the other lie in a year of which no official day is known. */
export function reachesUnpublished(published: ReadonlySet<number>, from: Date, until: Date): boolean {
  for (let year = chinaYear(from); year <= chinaYear(new Date(until.getTime() - 1)); year += 1) if (!published.has(year)) return true;
  return false;
}

import { chinaDayStart, chinaTime, type DayKind } from './opening-rules.ts';

/** What kind of day a day in China (`YYYY-MM-DD`) is, by the official calendar. */
export type Calendar = (day: string) => DayKind;

const dayMs = 86_400_000;

export function isWorkday(calendar: Calendar, at: Date): boolean {
  return calendar(chinaTime(at).day) === 'workday';
}

/** The first moment of the next day in China: China has no summer time, every day has 24 hours. */
function nextDay(at: Date): Date {
  return new Date(chinaDayStart(at).getTime() + dayMs);
}

/**
 * Midnight at the end of the `count`th working day after the day of `from`; the day of `from` does not count (the usual
 * reading of "N 个工作日" in cities' hotline rules). With 0 the end of that day itself, or of the first working day after it.
 */
export function addWorkdays(calendar: Calendar, from: Date, count: number): Date {
  let day = chinaDayStart(from);
  if (count === 0) while (!isWorkday(calendar, day)) day = nextDay(day);
  for (let left = count; left > 0;) {
    day = nextDay(day);
    if (isWorkday(calendar, day)) left -= 1;
  }
  return nextDay(day);
}

/** Working days after the day of `from` that are over by `until`; 0 when it is earlier. */
export function countWorkdays(calendar: Calendar, from: Date, until: Date): number {
  let count = 0;
  for (let day = nextDay(from); nextDay(day) <= until; day = nextDay(day)) if (isWorkday(calendar, day)) count += 1;
  return count;
}

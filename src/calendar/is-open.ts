import type { Deps } from '../deps.ts';
import type { Db } from '../db/query.ts';
import { chinaTime, dayBefore, dayKind, isOpenAt } from './opening-rules.ts';
import { findOfficialDays, findOpeningHours } from './queries.ts';

/** Years of which the log has said that their official days are missing. */
const flaggedYears = new Set<string>();

/** Whether these hours are open at a moment. Without a code there is no closing time. */
export async function isOpen({ log }: Pick<Deps, 'log'>, db: Db, hoursCode: string | null, at: Date): Promise<boolean> {
  const hours = hoursCode === null ? undefined : await findOpeningHours(db, hoursCode);
  if (!hours) return true;
  const { day, minute } = chinaTime(at);
  const before = dayBefore(day);
  const [today, yesterday] = await findOfficialDays(db, [day, before]);
  const year = day.slice(0, 4);
  if (!today?.isPublished && !flaggedYears.has(year)) {
    flaggedYears.add(year);
    log.warn({ year }, 'No official days are known for this year; it counts as ordinary weeks until they are entered');
  }
  return isOpenAt(hours, { minute, today: dayKind(day, today?.kind ?? null), yesterday: dayKind(before, yesterday?.kind ?? null) });
}

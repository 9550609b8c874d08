import type { Deps } from '../deps.ts';
import type { Db } from '../db/query.ts';
import { chinaTime, dayKind, isOpenAt } from './opening-rules.ts';
import { findOfficialDay, findOpeningHours } from './queries.ts';

/** Years of which the log has said that their official days are missing. */
const flaggedYears = new Set<string>();

/** Whether these hours are open at a moment. Without a code there is no closing time. */
export async function isOpen({ log }: Pick<Deps, 'log'>, db: Db, hoursCode: string | null, at: Date): Promise<boolean> {
  const hours = hoursCode === null ? undefined : await findOpeningHours(db, hoursCode);
  if (!hours) return true;
  const { day, minute } = chinaTime(at);
  const official = await findOfficialDay(db, day);
  const year = day.slice(0, 4);
  if (!official.isPublished && !flaggedYears.has(year)) {
    flaggedYears.add(year);
    log.warn({ year }, 'No official days are known for this year; it counts as ordinary weeks until they are entered');
  }
  return isOpenAt(hours, dayKind(day, official.kind), minute);
}

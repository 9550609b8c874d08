/** From and to as "HH:MM" on the clock in China; "24:00" is midnight. What goes past midnight is two of them. */
export type TimeRange = { readonly from: string; readonly to: string };
/** When something is open: apart for working days and for days of rest. */
export type OpeningHours = { readonly workday: readonly TimeRange[]; readonly restday: readonly TimeRange[] };
export type DayKind = 'workday' | 'restday';
/** What the State Council says of a day; `isPublished` tells whether it has said anything of that day's year. */
export type OfficialDay = { readonly kind: 'holiday' | 'workday' | null; readonly isPublished: boolean };

const dayMs = 86_400_000;
/**
 * China has one zone, 8 hours ahead of UTC, without summer time since 1991: so no setting of the server can move an hour.
 * Source: IANA tz database, Asia/Shanghai.
 */
const aheadMs = 8 * 3_600_000;

/** The day in China as `YYYY-MM-DD`, and the minutes since its midnight. */
export function chinaTime(at: Date): { day: string; minute: number } {
  const local = new Date(at.getTime() + aheadMs);
  return { day: local.toISOString().slice(0, 10), minute: local.getUTCHours() * 60 + local.getUTCMinutes() };
}

/** Midnight in China at the start of the day that `at` is in. */
export function chinaDayStart(at: Date): Date {
  return new Date(Math.floor((at.getTime() + aheadMs) / dayMs) * dayMs - aheadMs);
}

/** An official day is what it is said to be, any other follows the week: Saturday and Sunday are for rest. */
export function dayKind(day: string, official: OfficialDay['kind']): DayKind {
  if (official) return official === 'holiday' ? 'restday' : 'workday';
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday === 0 || weekday === 6 ? 'restday' : 'workday';
}

/** Whether it is open at `minute` of such a day: from the first minute on, no longer in the last. */
export function isOpenAt(hours: OpeningHours, day: DayKind, minute: number): boolean {
  return hours[day].some((range) => minute >= minutes(range.from) && minute < minutes(range.to));
}

function minutes(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
}

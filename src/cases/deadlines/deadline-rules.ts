import { addWorkdays, countWorkdays, isWorkday, type Calendar } from '../../calendar/workday-rules.ts';
import { chinaDayStart } from '../../calendar/opening-rules.ts';

/** So many working days, or hours of the clock that run through nights and days of rest. */
export type Span = { readonly unit: 'workdays' | 'hours'; readonly amount: number };

/** How long a case may take; the first rule by position whose conditions all hold counts. A condition that is null always holds. */
export type DeadlineRule = {
  readonly code: string;
  readonly type: string | null;
  readonly urgency: string | null;
  readonly flag: 'supervised' | 'complex' | 'rework' | null;
  /** This category or one below it. */
  readonly categoryCode: string | null;
  readonly unit: Span['unit'];
  readonly amount: number;
  readonly signAmount: number;
  readonly contactAmount: number;
};

export type Facts = {
  readonly type: string | null;
  readonly urgency: string;
  readonly flags: readonly NonNullable<DeadlineRule['flag']>[];
  /** The case's category and those above it. */
  readonly categoryCodes: readonly string[];
};

/** `rules` in order of their position; the last one has no conditions. */
export function chooseRule(rules: readonly DeadlineRule[], facts: Facts): DeadlineRule {
  const rule = rules.find((one) => (one.type === null || one.type === facts.type) && (one.urgency === null || one.urgency === facts.urgency)
    && (one.flag === null || facts.flags.includes(one.flag)) && (one.categoryCode === null || facts.categoryCodes.includes(one.categoryCode)));
  if (!rule) throw new Error('no deadline rule holds; the table needs one without conditions');
  return rule;
}

/** How a deadline in working days was counted, for it to be counted anew; both null for hours of the clock and for what people fixed. */
export type Count = { readonly countedFrom: Date | null; readonly countedWorkdays: number | null };

export const uncounted: Count = { countedFrom: null, countedWorkdays: null };

/** A span that begins. */
export function countOf(from: Date, { unit, amount }: Span): Count {
  return unit === 'workdays' ? { countedFrom: from, countedWorkdays: amount } : uncounted;
}

/**
 * The deadline by the official days as they are known now. What is over stays, and so does what would be over at once: nobody becomes late by
 * a day that was entered late. `now`: when the clock stands, since when.
 */
export function recount(calendar: Calendar, dueAt: Date, { countedFrom, countedWorkdays }: Count, now: Date): Date {
  if (countedFrom === null || countedWorkdays === null || dueAt <= now) return dueAt;
  const counted = addWorkdays(calendar, countedFrom, countedWorkdays);
  return counted > now ? counted : dueAt;
}

/** A clock that runs: yellow from `warnAt`, red from `dueAt`. */
export type Deadline = { readonly warnAt: Date; readonly dueAt: Date };

const hourMs = 3_600_000;
/** Hours turn yellow when four fifths are over. */
const yellowPart = 0.8;

/** Hours from the moment itself; working days end at midnight of the last one, and the day of `from` does not count. */
export function addSpan(calendar: Calendar, from: Date, span: Span): Date {
  return span.unit === 'hours' ? new Date(from.getTime() + span.amount * hourMs) : addWorkdays(calendar, from, span.amount);
}

/** Yellow: the last working day, from its midnight on, or the last fifth of the hours; never before the clock began. */
export function warnAt(unit: Span['unit'], from: Date, dueAt: Date): Date {
  const at = unit === 'hours' ? from.getTime() + (dueAt.getTime() - from.getTime()) * yellowPart : chinaDayStart(new Date(dueAt.getTime() - 1)).getTime();
  return new Date(Math.max(from.getTime(), Math.round(at)));
}

export function startClock(calendar: Calendar, from: Date, span: Span): Deadline {
  const dueAt = addSpan(calendar, from, span);
  return { dueAt, warnAt: warnAt(span.unit, from, dueAt) };
}

/** A granted extension: so many working days more. One that was due at midnight is due at the midnight of a later working day. */
export function extendDue(calendar: Calendar, dueAt: Date, workdays: number): Date {
  return addWorkdays(calendar, new Date(dueAt.getTime() - 1), workdays);
}

/** As `extendDue` counts: on from where the deadline was counted to, or from a deadline that was not counted. */
export function extendCount(dueAt: Date, { countedFrom, countedWorkdays }: Count, workdays: number): Count {
  return { countedFrom: countedFrom ?? new Date(dueAt.getTime() - 1), countedWorkdays: (countedWorkdays ?? 0) + workdays };
}

type Stop = { readonly dueAt: Date; readonly stoppedAt: Date; readonly at: Date };

/**
 * A suspension is over: what was left when the clock stopped is left now. Hours move by as long as it stood. A working day counts when the
 * clock runs at its first moment: the day of the stop is used up, that of the going on is not; with none left on a day of rest, the next
 * working day is given. What was late already stays so.
 */
export function resumeDue(calendar: Calendar, unit: Span['unit'], { dueAt, stoppedAt, at }: Stop): Date {
  if (dueAt <= stoppedAt) return dueAt;
  if (unit === 'hours') return new Date(dueAt.getTime() + at.getTime() - stoppedAt.getTime());
  return addWorkdays(calendar, at, workdaysLeft(calendar, { dueAt, stoppedAt, at }));
}

/** As `resumeDue` counts. */
export function resumeCount(calendar: Calendar, unit: Span['unit'], count: Count, stop: Stop): Count {
  if (stop.dueAt <= stop.stoppedAt) return count;
  return unit === 'hours' ? uncounted : { countedFrom: stop.at, countedWorkdays: workdaysLeft(calendar, stop) };
}

function workdaysLeft(calendar: Calendar, { dueAt, stoppedAt, at }: Stop): number {
  const left = countWorkdays(calendar, stoppedAt, dueAt);
  return left === 0 && !isWorkday(calendar, at) ? 1 : left;
}

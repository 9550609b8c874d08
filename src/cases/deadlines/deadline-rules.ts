import { addWorkdays, countWorkdays, type Calendar } from '../../calendar/workday-rules.ts';
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

/**
 * A suspension is over: what was left when the clock stopped is left now. Hours move by as long as it stood. A working day counts when the
 * clock runs at its first moment: the day of the stop is used up, that of the going on is not; with none left on a day of rest, the next
 * working day is given. What was late already stays so.
 */
export function resumeDue(calendar: Calendar, unit: Span['unit'], { dueAt, stoppedAt, at }: { readonly dueAt: Date; readonly stoppedAt: Date; readonly at: Date }): Date {
  if (dueAt <= stoppedAt) return dueAt;
  if (unit === 'hours') return new Date(dueAt.getTime() + at.getTime() - stoppedAt.getTime());
  return addWorkdays(calendar, at, countWorkdays(calendar, stoppedAt, dueAt));
}

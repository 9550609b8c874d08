import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayKind } from '../../src/calendar/opening-rules.ts';
import { neededYears, reachesUnpublished } from '../../src/calendar/published-rules.ts';
import { addWorkdays, countWorkdays, type Calendar } from '../../src/calendar/workday-rules.ts';
import { addSpan, chooseRule, countOf, extendCount, extendDue, recount, resumeCount, resumeDue, startClock, type DeadlineRule } from '../../src/cases/deadlines/deadline-rules.ts';

/** National Day 2026 with its days on which people work instead. */
const official = new Map<string, 'holiday' | 'workday'>([['2026-10-01', 'holiday'], ['2026-10-02', 'holiday'], ['2026-10-05', 'holiday'], ['2026-10-06', 'holiday'], ['2026-10-07', 'holiday'],
  ['2026-09-20', 'workday'], ['2026-10-10', 'workday']]);
const calendar: Calendar = (day) => dayKind(day, official.get(day) ?? null);
const china = (text: string) => new Date(`${text}+08:00`);
const moment = fc.integer({ min: china('2026-09-01T00:00').getTime(), max: china('2026-10-31T00:00').getTime() }).map((ms) => new Date(ms));
const dayMs = 86_400_000;
/** A day in China, as plainly as can be. */
const dayOf = (at: Date) => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
const midnightAfter = (day: string) => new Date(china(`${day}T00:00`).getTime() + dayMs);

describe('working days', () => {
  it.each([
    ['2026-09-30T10:00', 1, '2026-10-08'], ['2026-09-30T23:59', 2, '2026-10-09'], ['2026-10-03T12:00', 1, '2026-10-08'], ['2026-10-09T08:00', 1, '2026-10-10'],
    ['2026-10-10T08:00', 0, '2026-10-10'], ['2026-10-11T08:00', 0, '2026-10-12'], ['2026-09-18T09:00', 1, '2026-09-20'],
  ])('%s and %i more end with %s', (from, count, last) => {
    expect(addWorkdays(calendar, china(from), count)).toEqual(midnightAfter(last));
  });

  it('are counted as a plain walk over the days counts them, whatever the zone of the server', () => {
    fc.assert(fc.property(moment, fc.integer({ min: 1, max: 20 }), (from, count) => {
      const days: string[] = [];
      for (let day = new Date(from.getTime() + dayMs); days.length < count; day = new Date(day.getTime() + dayMs)) if (calendar(dayOf(day)) === 'workday') days.push(dayOf(day));
      const end = addWorkdays(calendar, from, count);
      expect(end).toEqual(midnightAfter(days.at(-1) ?? ''));
      expect(countWorkdays(calendar, from, end)).toBe(count);
      expect(countWorkdays(calendar, from, new Date(end.getTime() - 1))).toBe(count - 1);
    }));
  });
});

type Act = { readonly type: 'suspend' | 'resume' | 'extend' | 'return'; readonly afterMs: number; readonly days: number };
const acts = fc.array(fc.record<Act>({ type: fc.constantFrom('suspend', 'resume', 'extend', 'return'), afterMs: fc.integer({ min: 0, max: 4 * dayMs }), days: fc.integer({ min: 1, max: 10 }) }), { maxLength: 8 });

/** Works off acts with the rules; a return does nothing, and what cannot be done then is left out. */
function workOff(days: Calendar, span: { unit: 'workdays' | 'hours'; amount: number }, from: Date, list: readonly Act[]) {
  let { dueAt } = startClock(days, from, span);
  let count = countOf(from, span);
  let [now, stoppedAt] = [from, null as Date | null];
  for (const act of list) {
    now = new Date(now.getTime() + act.afterMs);
    if (act.type === 'suspend' && !stoppedAt) stoppedAt = now;
    else if (act.type === 'resume' && stoppedAt) {
      const stop = { dueAt, stoppedAt, at: now };
      [dueAt, count] = [resumeDue(days, span.unit, stop), resumeCount(days, span.unit, count, stop)];
      stoppedAt = null;
    } else if (act.type === 'extend' && !stoppedAt && now < dueAt) [dueAt, count] = [extendDue(days, dueAt, act.days), extendCount(dueAt, count, act.days)];
  }
  return { dueAt, count, now, stoppedAt };
}

function byRules(span: { unit: 'workdays' | 'hours'; amount: number }, from: Date, list: readonly Act[]): Date | null {
  const { dueAt, stoppedAt } = workOff(calendar, span, from, list);
  return stoppedAt ? null : dueAt;
}

describe('a deadline whose official days become known', () => {
  const span = (amount: number) => ({ unit: 'workdays', amount } as const);

  it('is the one that would have been if they had been known from the beginning', () => {
    const others = fc.array(fc.record({ after: fc.integer({ min: 1, max: 40 }), kind: fc.constantFrom<'holiday' | 'workday'>('holiday', 'workday') }), { maxLength: 12 });
    fc.assert(fc.property(moment, fc.integer({ min: 1, max: 15 }), acts, others, (from, amount, list, days) => {
      const before = workOff(calendar, span(amount), from, list);
      // Days to come are others than was thought.
      const known = new Map(days.map(({ after, kind }) => [dayOf(new Date(before.now.getTime() + after * dayMs)), kind]));
      const later: Calendar = (day) => dayKind(day, known.get(day) ?? official.get(day) ?? null);
      const moved = recount(later, before.dueAt, before.count, before.stoppedAt ?? before.now);
      expect(moved).toEqual(before.dueAt <= (before.stoppedAt ?? before.now) ? before.dueAt : workOff(later, span(amount), from, list).dueAt);
    }), { numRuns: 2_000 });
  });

  it('stays when it is over, or would be over at once, and when no working day was counted', () => {
    const [from, now] = [china('2026-09-28T10:00'), china('2026-09-30T10:00')];
    const { dueAt } = startClock(calendar, from, span(3));
    const without: Calendar = (day) => (day <= '2026-10-08' ? 'workday' : calendar(day));
    expect(recount(without, dueAt, countOf(from, span(3)), now)).toEqual(midnightAfter('2026-10-01'));
    expect(recount(without, dueAt, countOf(from, span(3)), china('2026-10-03T10:00'))).toEqual(dueAt);
    expect(recount(without, dueAt, countOf(from, { unit: 'hours', amount: 3 }), now)).toEqual(dueAt);
    expect(recount(without, dueAt, countOf(from, span(3)), dueAt)).toEqual(dueAt);
  });
});

describe('years whose official days should be known', () => {
  it('are this one in China and, from its 1 November on, the next', () => {
    expect([china('2026-10-31T23:59'), china('2026-11-01T00:00'), china('2026-12-31T23:59'), china('2027-01-01T00:00')].map(neededYears)).toEqual([[2026], [2026, 2027], [2026, 2027], [2027]]);
  });

  it('are those that a deadline lies in, up to its last moment', () => {
    const reaches = (from: string, until: string) => reachesUnpublished(new Set([2026]), china(from), china(until));
    expect([reaches('2026-12-28T10:00', '2027-01-01T00:00'), reaches('2026-12-28T10:00', '2027-01-02T00:00'), reaches('2027-01-04T10:00', '2027-01-05T00:00'), reaches('2025-12-31T23:00', '2026-01-05T00:00')]).toEqual([false, true, true, true]);
  });
});

describe('the total clock', () => {
  it('of hours is what a clock would show that stands while the case is suspended', () => {
    fc.assert(fc.property(moment, fc.integer({ min: 1, max: 48 }), acts, (from, amount, all) => {
      const list = all.filter((act) => act.type !== 'extend');
      const dueAt = byRules({ unit: 'hours', amount }, from, list);
      if (!dueAt) return;
      // A plain model: minutes that count run down; none does while it stands.
      let [left, now, stands] = [amount * 3_600_000, from.getTime(), false];
      let over: number | null = null;
      for (const act of list) {
        if (!stands && over === null && left <= act.afterMs) over = now + left;
        if (!stands) left -= act.afterMs;
        now += act.afterMs;
        if (act.type === 'suspend') stands = true;
        if (act.type === 'resume') stands = false;
      }
      expect(dueAt.getTime()).toBe(over ?? now + left);
    }));
  });

  it('of working days counts each day at whose first moment it runs, and ends at the midnight of the last', () => {
    fc.assert(fc.property(moment, fc.integer({ min: 1, max: 15 }), acts, (from, amount, list) => {
      const dueAt = byRules({ unit: 'workdays', amount }, from, list);
      if (!dueAt) return;
      // A plain model, day by day: a ticket is torn off each working day that begins while the clock runs; without any left it is due when a working day ends.
      // Who goes on without any on a day of rest is given one.
      let [tickets, stands, next, now] = [amount, false, 0, from.getTime()];
      for (let end = midnightAfter(dayOf(from)); ; end = new Date(end.getTime() + dayMs)) {
        const isWorking = calendar(dayOf(new Date(end.getTime() - 1))) === 'workday';
        if (!stands && isWorking && end > midnightAfter(dayOf(from))) tickets -= 1;
        for (let act = list[next]; act && now + act.afterMs < end.getTime(); act = list[next]) {
          now += act.afterMs;
          next += 1;
          if (act.type === 'suspend') stands = true;
          if (act.type === 'resume' && stands) {
            stands = false;
            if (!isWorking) tickets = Math.max(tickets, 1);
          }
          if (act.type === 'extend' && !stands) tickets += act.days;
        }
        if (tickets > 0 || stands || !isWorking) continue;
        expect(dueAt).toEqual(end);
        return;
      }
    }), { numRuns: 2_000 });
  });
});

describe('which rule holds', () => {
  const rule = (code: string, more: Partial<DeadlineRule>): DeadlineRule => ({ code, type: null, urgency: null, flag: null, categoryCode: null, unit: 'workdays', amount: 5, signAmount: 1, contactAmount: 1, ...more });
  const rules = [rule('danger', { urgency: 'life_danger' }), rule('utilities', { categoryCode: 'utilities' }), rule('rework', { flag: 'rework' }), rule('inquiry', { type: 'inquiry' }), rule('ordinary', {})];
  const facts = { type: 'help', urgency: 'normal', flags: [], categoryCodes: [] } as const;

  it('is the first whose conditions all hold', () => {
    const codes = [{}, { type: 'inquiry' }, { categoryCodes: ['utilities-gas', 'utilities'] }, { urgency: 'life_danger', type: 'inquiry' }, { flags: ['rework'] as const, type: 'inquiry' }]
      .map((more) => chooseRule(rules, { ...facts, ...more }).code);
    expect(codes).toEqual(['ordinary', 'inquiry', 'utilities', 'danger', 'rework']);
  });

  it('turns yellow on the last working day, or in the last fifth of the hours', () => {
    const friday = china('2026-09-25T10:00');
    expect(startClock(calendar, friday, { unit: 'workdays', amount: 2 })).toEqual({ dueAt: midnightAfter('2026-09-29'), warnAt: china('2026-09-29T00:00') });
    expect(startClock(calendar, friday, { unit: 'hours', amount: 10 })).toEqual({ dueAt: china('2026-09-25T20:00'), warnAt: china('2026-09-25T18:00') });
    expect(addSpan(calendar, friday, { unit: 'hours', amount: 0.25 })).toEqual(china('2026-09-25T10:15'));
  });
});

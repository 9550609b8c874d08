import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chinaDayStart, chinaTime, dayKind, isOpenAt, type OpeningHours } from '../../src/calendar/opening-rules.ts';

const hours: OpeningHours = { workday: [{ from: '08:30', to: '12:00' }, { from: '14:00', to: '24:00' }], restday: [] };
const clock = (hour: number, minute = 0): number => hour * 60 + minute;

describe('opening hours', () => {
  it('open with the first minute and close before the last', () => {
    expect([clock(8, 29), clock(8, 30), clock(11, 59), clock(12), clock(14), clock(23, 59)].map((minute) => isOpenAt(hours, 'workday', minute)))
      .toEqual([false, true, true, false, true, true]);
  });

  it('are apart for days of rest', () => {
    expect(isOpenAt(hours, 'restday', clock(9))).toBe(false);
  });
});

describe('the day in China', () => {
  const moment = fc.integer({ min: Date.parse('1995-01-01T00:00:00Z'), max: Date.parse('2100-01-01T00:00:00Z') }).map((ms) => new Date(ms));
  const shown = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

  it('is that of the IANA zone, whatever the zone of the server', () => {
    fc.assert(fc.property(moment, (now) => {
      const parts = Object.fromEntries(shown.formatToParts(now).map((part) => [part.type, part.value]));
      expect(chinaTime(now)).toEqual({ day: `${parts['year'] ?? ''}-${parts['month'] ?? ''}-${parts['day'] ?? ''}`, minute: Number(parts['hour']) * 60 + Number(parts['minute']) });
    }));
  });

  it('begins at midnight there', () => {
    fc.assert(fc.property(moment, (now) => {
      const start = chinaDayStart(now);
      expect(chinaTime(start)).toEqual({ day: chinaTime(now).day, minute: 0 });
      expect(chinaTime(new Date(start.getTime() - 1)).minute).toBe(clock(23, 59));
    }));
  });

  it('is a day of rest or work as published, else by the week', () => {
    expect(dayKind('2026-11-28', null)).toBe('restday');
    expect(dayKind('2026-11-27', null)).toBe('workday');
    expect(dayKind('2026-10-01', 'holiday')).toBe('restday');
    expect(dayKind('2026-10-10', 'workday')).toBe('workday');
  });
});

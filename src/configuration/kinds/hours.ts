import { Type } from 'typebox';
import { defineKind } from '../kind.ts';
import { codePattern, Name, names } from './fields.ts';
import { findSpanFaults, isDay } from './hours-rules.ts';

const Span = Type.Object({
  from: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' }), to: Type.String({ pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$' }),
}, { additionalProperties: false });
const Spans = Type.Array(Span, { maxItems: 12, default: [], description: 'Asia/Shanghai; 24:00 is midnight; none: closed' });

/** When queues are open, apart for working days and for days of rest. */
export const openingHoursKind = defineKind({
  name: 'opening-hours', path: 'opening-hours', source: 'opening_hours', keyField: 'code', keyPattern: codePattern,
  body: Type.Object({ ...names, workday: Spans, restday: Spans }),
  check: (hours) => (['workday', 'restday'] as const).flatMap((field) => findSpanFaults(hours[field]).map((message) => ({ field, message }))),
});

/** Days on which the ordinary week does not hold (法定节假日, 调休). */
export const calendarDayKind = defineKind({
  name: 'calendar-day', path: 'calendar-days', source: 'calendar_days', keyField: 'day', keyPattern: '^[1-9]\\d{3}-\\d{2}-\\d{2}$',
  body: Type.Object({ kind: Type.Enum(['holiday', 'workday']), nameZh: Name }),
  check: (_, _all, day) => (isDay(day) ? [] : [{ field: 'day', message: 'is no day of the calendar; write 2027-02-17' }]),
});

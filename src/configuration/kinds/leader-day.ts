import { Type } from 'typebox';
import { Id } from '../../http/paging.ts';
import { defineKind } from '../kind.ts';
import { Code, codePattern } from './fields.ts';
import { findSpanFaults, isDay } from './hours-rules.ts';

/**
 * When a leader answers calls (领导接听): signed in and ready, that person's seat gets the calls of these queues before the other
 * seats that serve them, and the cases are tagged. Without a seat, wherever that person sits.
 */
export const leaderDayKind = defineKind({
  name: 'leader-day', path: 'leader-days', source: 'leader_days', keyField: 'code', keyPattern: codePattern,
  body: Type.Object({
    day: Type.String({ pattern: '^[1-9]\\d{3}-\\d{2}-\\d{2}$' }),
    fromTime: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description: 'Asia/Shanghai' }),
    toTime: Type.String({ pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$', description: 'Asia/Shanghai; 24:00 is midnight' }),
    userId: Id,
    seatId: Type.Union([Type.String({ pattern: '^[0-9]{3,6}$' }), Type.Null()], { default: null }),
    queueIds: Type.Array(Code, { minItems: 1, maxItems: 50, uniqueItems: true }),
  }),
  references: (one) => [
    { field: 'userId', kind: 'operator', key: one.userId },
    ...one.queueIds.map((queueId, index) => ({ field: `queueIds/${index}`, kind: 'queue', key: queueId })),
  ],
  check: (one) => [
    ...(isDay(one.day) ? [] : [{ field: 'day', message: 'is no day of the calendar; write 2027-02-17' }]),
    ...findSpanFaults([{ from: one.fromTime, to: one.toTime }]).map((message) => ({ field: 'toTime', message })),
  ],
});

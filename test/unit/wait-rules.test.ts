import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { waitPrompts } from '../../src/calls/waiting/position-rules.ts';
import { estimateWaitSec, handlingSec, nextTold, type ToldWait } from '../../src/calls/waiting/wait-rules.ts';

const told = fc.record<ToldWait>({ position: fc.integer({ min: 1, max: 5 }), seats: fc.integer({ min: 1, max: 5 }), waitSec: fc.integer({ min: 0, max: 2_000 }) });

describe('the estimated wait', () => {
  it('is the place times the time a seat needs, shared by the seats', () => {
    expect(estimateWaitSec({ position: 4, seats: 2, handlingSec: 180 })).toBe(360);
    expect(estimateWaitSec({ position: 4, seats: 0, handlingSec: 180 })).toBeNull();
  });

  it('takes the last calls of the queue, once there are enough of them', () => {
    expect(handlingSec({ count: 9, meanSec: 20 }, 30)).toBe(180);
    expect(handlingSec({ count: 10, meanSec: 20 }, 30)).toBe(20);
    expect(handlingSec({ count: 0, meanSec: null }, 0)).toBe(150);
  });

  it('is never told longer at the same or a better place, unless seats left', () => {
    fc.assert(fc.property(fc.array(told, { minLength: 2, maxLength: 8 }), (announcements) => {
      let before: ToldWait | null = null;
      for (const one of announcements) {
        const now: ToldWait = nextTold(before, one);
        if (before && now.position <= before.position && now.seats >= before.seats) {
          expect(now.waitSec).toBeLessThanOrEqual(before.waitSec);
          expect(waitPrompts(now.waitSec).length === 0 || waitPrompts(before.waitSec).length > 0).toBe(true);
        }
        expect(now.waitSec).toBeLessThanOrEqual(one.waitSec);
        before = now;
      }
    }));
  });

  it('is spoken from two minutes on, rounded up, and up to a hundred minutes', () => {
    expect(waitPrompts(119)).toEqual([]);
    expect(waitPrompts(121)).toEqual(['queue-wait-before', 'number-3', 'queue-wait-after']);
    expect(waitPrompts(99_999)).toEqual(['queue-wait-before', 'number-1', 'number-100', 'queue-wait-after']);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClock } from '../../src/clock.ts';
import { advance, notBefore } from '../../src/clock-rules.ts';
import { capturedLog } from '../support/captured-log.ts';

const hour = 3_600_000;

/** A machine whose wall clock can be set. */
const machine = () => {
  let [monotonic, offset] = [500, 1_700_000_000_000];
  const { log, lines } = capturedLog();
  const clock = createClock(log, { wall: () => monotonic + offset, monotonic: () => monotonic });
  return {
    clock, lines,
    pass: (ms: number) => { monotonic += ms; },
    step: (ms: number) => { offset += ms; },
    wall: () => monotonic + offset,
  };
};

describe('the service’s clock', () => {
  it('never goes back and never jumps, whatever is done to the wall clock', () => {
    fc.assert(fc.property(fc.array(fc.record({ passMs: fc.integer({ min: 0, max: hour }), stepMs: fc.integer({ min: -24 * hour, max: 24 * hour }) }), { maxLength: 50 }), (moments) => {
      const one = machine();
      let before = one.clock.now().getTime();
      for (const { passMs, stepMs } of moments) {
        one.step(stepMs);
        one.pass(passMs);
        const now = one.clock.now().getTime();
        expect(now - before).toBeGreaterThanOrEqual(Math.floor(passMs * 0.95) - 1);
        expect(now - before).toBeLessThanOrEqual(Math.ceil(passMs * 1.05) + 1);
        before = now;
      }
    }));
  });

  it.each([hour, -hour])('meets the wall clock in the end, and says both (%d ms)', (step) => {
    const one = machine();
    one.step(step);
    one.pass(1_000);
    one.clock.now();
    expect(one.lines.map((line) => line.level)).toEqual([40]);
    for (let minute = 0; minute < 21 * 60; minute += 1) {
      one.pass(60_000);
      one.clock.now();
    }
    expect(one.clock.now().getTime()).toBe(one.wall());
    expect(one.lines.map((line) => line.level)).toEqual([40, 30]);
  });

  it('follows a clock that is kept by the network without a word', () => {
    const one = machine();
    for (let second = 0; second < 600; second += 1) {
      one.pass(1_000);
      one.step(second % 2 ? 3 : -2);
      one.clock.now();
    }
    expect([Math.abs(one.clock.now().getTime() - one.wall()) < 5, one.lines]).toEqual([true, []]);
  });

  it('begins behind what is written already, and is led back from there', () => {
    const one = machine();
    const written = new Date(one.wall() + hour);
    one.clock.notBefore(written);
    one.clock.notBefore(new Date(one.wall()));
    expect(one.clock.now()).toEqual(written);
    const state = notBefore({ time: 10, monotonic: 0, offset: 0 }, 5_010);
    expect(advance(state, 1_000, 1_010)).toMatchObject({ time: 5_960 });
  });
});

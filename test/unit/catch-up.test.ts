import { describe, expect, it } from 'vitest';
import { catchUp } from '../../src/telephony/catch-up.ts';
import { until } from '../support/until.ts';

/** Work whose end the test decides. */
function workByHand() {
  const ends: { succeed: () => void; fail: () => void }[] = [];
  const errors: unknown[] = [];
  let isConnected = true;
  const work = (): Promise<void> => new Promise((resolve, reject) => ends.push({ succeed: resolve, fail: () => reject(new Error('no')) }));
  const one = catchUp(work, { isConnected: () => isConnected, onError: (error) => { errors.push(error); } });
  return { ...one, ends, errors, disconnect: () => { isConnected = false; }, begun: (count: number) => until(() => ends.length === count, `run ${count}`) };
}

describe('catching up after a connect', () => {
  it('never runs twice at once; asked while it runs, however often, it runs once more', async () => {
    const one = workByHand();
    for (const _ of [1, 2, 3]) one.ask();
    await one.begun(1);
    one.ends[0]?.succeed();
    await one.begun(2);
    one.ends[1]?.succeed();
    await one.stop();
    expect(one.ends).toHaveLength(2);
  });

  it('tries again until it succeeds', async () => {
    const one = workByHand();
    one.ask();
    for (const run of [0, 1]) {
      await one.begun(run + 1);
      one.ends[run]?.fail();
    }
    await one.begun(3);
    one.ends[2]?.succeed();
    await one.stop();
    expect([one.ends.length, one.errors.length]).toEqual([3, 2]);
  });

  it('gives up when the connection is lost, and begins again with the next', async () => {
    const one = workByHand();
    one.ask();
    await one.begun(1);
    one.disconnect();
    one.ends[0]?.fail();
    await until(() => one.errors.length === 1, 'it failed');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(one.ends).toHaveLength(1);
    one.ask();
    await one.begun(2);
    one.ends[1]?.succeed();
    await one.stop();
  });

  it('begins nothing once stopped, and its stop waits for what runs', async () => {
    const one = workByHand();
    one.ask();
    one.ask();
    await one.begun(1);
    let isStopped = false;
    const stopped = one.stop().then(() => { isStopped = true; });
    one.ask();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isStopped).toBe(false);
    one.ends[0]?.succeed();
    await stopped;
    expect(one.ends).toHaveLength(1);
  });
});

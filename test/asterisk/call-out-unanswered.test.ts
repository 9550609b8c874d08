import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { callsOut } from '../support/calls-out.ts';
import { hotline } from '../support/hotline.ts';

describe('an operator calls out and nobody answers, on the real Asterisk', () => {
  const city = hotline();
  let desks: Awaited<ReturnType<typeof city.seat>>[] = [];
  beforeAll(async () => {
    await city.pool.query('update queues set wrap_up_sec = 600');
    desks = [await city.seat(0, null), await city.seat(1, null), await city.seat(2, null)];
  });
  afterEach(() => city.quiet());
  afterAll(() => city.close());

  /** The desk of one test, for two of them wait at the same time. */
  const at = (index: number) => {
    const desk = desks[index];
    if (!desk) throw new Error('no such desk');
    return { desk, ...callsOut(city, () => desk) };
  };

  describe.concurrent('within the time of our own rules', () => {
    it('gives up a number that rings too long', async () => {
      const { desk, dial, outcomeOf } = at(0);
      await desk.play('seat-answers');
      const party = await city.party('seat-never-answers');
      const { callId } = await dial({ number: '13911110004' });
      const call = await outcomeOf(callId);
      expect(call).toMatchObject({ outcome: 'no_answer', endedBy: 'system', party: { outcome: 'no_answer' } });
      expect(call.ringSec).toBeGreaterThan(40);
      expect(await party.done).toBe(0);
    });

    it('dials nobody when the operator does not lift the own phone', async () => {
      const { desk, dial, outcomeOf } = at(1);
      const own = await desk.play('seat-never-answers');
      const { callId } = await dial({ number: '13911110008' });
      const call = await outcomeOf(callId);
      expect(call).toMatchObject({ outcome: 'seat_no_answer', endedBy: 'system', ringSec: null, own: { outcome: 'no_answer' }, party: undefined });
      expect(await own.done).toBe(0);
    });
  });

  it('finds a number unreachable when the trunk is silent', async () => {
    const { desk, dial, outcomeOf } = at(2);
    await desk.play('seat-answers');
    const { callId } = await dial({ number: '13911110005' });
    expect(await outcomeOf(callId)).toMatchObject({ outcome: 'unreachable', party: { outcome: 'unreachable' } });
  });
});

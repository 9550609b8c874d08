import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hotline } from '../support/hotline.ts';
import { until } from '../support/until.ts';

describe('a seat that answers in the moment the citizen hangs up', () => {
  const city = hotline();
  beforeAll(() => city.pool.query(`update queues set ring_timeout_sec = 60, wrap_up_sec = 600; update numbers set greeting_prompts = '{}'`));
  afterAll(() => city.close());

  it('ends the call, is free again, and leaves no leg behind, whichever came first', async () => {
    const seat = await city.seat(0, null);
    const seen = { answered: 0, abandoned_ringing: 0 };
    // The answer is moved towards the moment where the outcome turns over, and stays around it.
    let ringMs = 700;
    let step = 128;
    for (let round = 0; round < 40 && (round < 16 || seen.answered < 4 || seen.abandoned_ringing < 4); round += 1) {
      const caller = String(13_800_100_000 + round);
      await seat.play('phone-answers-or-is-cancelled', { RING_MS: ringMs });
      city.citizen('citizen-hangs-up', caller, { TALK_MS: 700 });
      const call = await city.callOf(caller);
      expect(['answered', 'abandoned_ringing']).toContain(call.outcome);
      seen[call.outcome as keyof typeof seen] += 1;
      await city.quiet();
      expect((await seat.state()).state).toBe(call.outcome === 'answered' ? 'wrap_up' : 'ready');
      expect(await city.caseOf(call)).toMatchObject({ state: call.outcome === 'answered' ? 'draft' : 'callback' });
      if (call.outcome === 'answered') await seat.act('ready');
      ringMs += call.outcome === 'answered' ? step : -step;
      step = Math.max(2, Math.round(step * 0.7));
      await until(() => seat.state().then((state) => state.state === 'ready'), 'the seat is ready');
    }
    expect(Math.min(seen.answered, seen.abandoned_ringing)).toBeGreaterThan(3);
    await seat.act('sign_out');
  });
});

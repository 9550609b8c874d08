import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hotline } from '../support/hotline.ts';
import { until } from '../support/until.ts';

describe('every way a call can end, on the real Asterisk', () => {
  const city = hotline();
  const signedIn: Awaited<ReturnType<typeof city.seat>>[] = [];
  const seat = async (...options: Parameters<typeof city.seat>) => {
    const one = await city.seat(...options);
    signedIn.push(one);
    return one;
  };
  beforeAll(() => city.pool.query(`update queues set ring_timeout_sec = 4, wrap_up_sec = 600; update numbers set greeting_prompts = '{number-1}'`));
  afterEach(async () => {
    await city.quiet();
    for (const one of signedIn.splice(0)) await one.act('sign_out');
    await city.pool.query('update queues set max_waiting = 200');
  });
  afterAll(() => city.close());
  /** A citizen calls, and hangs up once the call is so far. */
  const hangsUpWhen = async (state: string, caller: string) => {
    const phone = city.citizen('citizen-waits', caller);
    await city.callOf(caller, (call) => call.state === state);
    phone.hangUp();
    return city.callOf(caller);
  };

  it('a citizen who hangs up during the greeting leaves a case to call back', async () => {
    await city.pool.query(`update numbers set greeting_prompts = '{recording-notice,greeting}'`);
    await seat(0, null);
    city.citizen('citizen-hangs-up', '13800000001', { TALK_MS: 500 });
    const call = await city.callOf('13800000001');
    await city.pool.query(`update numbers set greeting_prompts = '{number-1}'`);
    expect(call).toMatchObject({ outcome: 'abandoned_greeting', endedBy: 'citizen' });
    expect(await city.caseOf(call)).toMatchObject({ state: 'callback', callbackReason: 'abandoned' });
  });

  it('a citizen who hangs up in the queue leaves a case to call back', async () => {
    const one = await seat(0, null);
    await one.act('not_ready', { reason: 'break' });
    const call = await hangsUpWhen('waiting', '13800000002');
    expect(call.outcome).toBe('abandoned_queue');
    expect(call.queuedAt).not.toBeNull();
    expect(await city.caseOf(call)).toMatchObject({ state: 'callback' });
  });

  it('a citizen who hangs up while the seat rings frees the seat', async () => {
    await city.pool.query('update queues set ring_timeout_sec = 60');
    const one = await seat(0, 'seat-never-answers');
    const call = await hangsUpWhen('ringing', '13800000003');
    await city.pool.query('update queues set ring_timeout_sec = 4');
    expect(call.outcome).toBe('abandoned_ringing');
    expect((await one.state()).state).toBe('ready');
  });

  it('a citizen who hangs up while talking ends an answered call; the seat wraps up', async () => {
    const one = await seat(0, 'seat-answers');
    const call = await hangsUpWhen('talking', '13800000004');
    expect(call).toMatchObject({ outcome: 'answered', endedBy: 'citizen', seatId: one.seatId });
    expect((await one.state()).state).toBe('wrap_up');
    expect(await city.caseOf(call)).toMatchObject({ state: 'draft', ownerId: (await one.api.get<{ userId: string }>('/api/auth/me')).userId });
  });

  it('an operator who hangs up ends the call for the citizen too', async () => {
    await seat(0, 'seat-hangs-up', { TALK_MS: 500 });
    const citizen = city.citizen('citizen-waits', '13800000005');
    const call = await city.callOf('13800000005');
    expect(call).toMatchObject({ outcome: 'answered', endedBy: 'operator' });
    expect(await citizen.done).toBe(0);
  });

  it('a seat that declines is not ready, and the citizen goes to the next seat with the place kept', async () => {
    const first = await seat(0, 'seat-declines');
    const second = await seat(1, 'seat-answers');
    const call = await hangsUpWhen('talking', '13800000006');
    expect(call).toMatchObject({ outcome: 'answered', seatId: second.seatId });
    expect(await first.state()).toMatchObject({ state: 'not_ready', notReadyReason: 'declined' });
  });

  it('a seat that does not answer in time is not ready with that reason, and the citizen keeps waiting', async () => {
    const one = await seat(0, 'seat-never-answers');
    const citizen = city.citizen('citizen-waits', '13800000007');
    await until(async () => (await one.state()).notReadyReason === 'no_answer', 'the seat is not ready: no answer');
    expect((await city.callOf('13800000007', () => true)).state).toBe('waiting');
    citizen.hangUp();
    expect((await city.callOf('13800000007')).outcome).toBe('abandoned_queue');
  });

  it('nobody signed in: the citizen is told, and the case waits for a callback', async () => {
    const citizen = city.citizen('citizen-waits', '13800000008');
    const call = await city.callOf('13800000008');
    expect(await citizen.done).toBe(0);
    expect(call).toMatchObject({ outcome: 'nobody_signed_in', endedBy: 'system' });
    expect(await city.caseOf(call)).toMatchObject({ state: 'callback' });
  });

  it('a full queue: the citizen is told, and the case waits for a callback', async () => {
    const one = await seat(0, null);
    await one.act('not_ready', { reason: 'meal' });
    await city.pool.query('update queues set max_waiting = 0');
    const citizen = city.citizen('citizen-waits', '13800000009');
    const call = await city.callOf('13800000009');
    expect(await citizen.done).toBe(0);
    expect(call.outcome).toBe('queue_full');
    expect(await city.caseOf(call)).toMatchObject({ state: 'callback' });
  });

  it('a number nobody configured is refused with 404 and opens no case', async () => {
    const citizen = city.citizen('citizen-expects-404', '13800000010', {}, '99999');
    expect(await citizen.done).toBe(0);
    expect(await city.callOf('13800000010')).toMatchObject({ outcome: 'number_unknown', caseId: null });
  });

  it('a citizen whose call cannot be written down is answered all the same, by Asterisk’s own queue', async () => {
    const one = await seat(0, 'seat-answers');
    await city.pool.query('alter table calls rename to calls_away');
    const citizen = city.citizen('citizen-hangs-up', '13800000012', { TALK_MS: 2_000 });
    const answered = await Promise.all([citizen.done, one.phone?.done]);
    await city.pool.query('alter table calls_away rename to calls');
    expect(answered).toEqual([0, 0]);
  });

  it('a seat whose phone loses its registration is offered no call, and is again when it registers', async () => {
    const one = await seat(0, null);
    await one.register(0);
    await until(async () => !(await one.state()).isRegistered, 'the registration is gone');
    const citizen = city.citizen('citizen-waits', '13800000013');
    await city.callOf('13800000013', (call) => call.state === 'waiting');
    expect(await one.state()).toMatchObject({ state: 'ready', callId: null });
    await one.register();
    await one.play('seat-answers');
    await city.callOf('13800000013', (call) => call.state === 'talking');
    citizen.hangUp();
    expect(await city.callOf('13800000013')).toMatchObject({ outcome: 'answered', seatId: one.seatId });
  });

  it('a seat whose phone is gone is found unreachable, and the citizen keeps the place', async () => {
    const one = await seat(0, null);
    const citizen = city.citizen('citizen-waits', '13800000011');
    await until(async () => (await one.state()).state === 'not_ready', 'the seat is not ready');
    citizen.hangUp();
    expect((await city.callOf('13800000011')).outcome).toBe('abandoned_queue');
  });
});

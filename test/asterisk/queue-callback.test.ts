import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { vault } from '../../src/cases/identity/vault.ts';
import { query } from '../../src/db/query.ts';
import { hotline, type CallRow } from '../support/hotline.ts';
import { until } from '../support/until.ts';

type Callback = CallRow & { callbackOf: string; attempts: number; retryAt: Date | null };

describe('a citizen asks to be called back and keeps the place, on the real Asterisk', () => {
  const city = hotline();
  let desk: Awaited<ReturnType<typeof city.seat>>;
  beforeAll(async () => {
    await city.pool.query(`update numbers set greeting_prompts = '{}'`);
    await city.pool.query('update queues set wrap_up_sec = 600, callback_offer_after_sec = 1, announce_every_sec = 0');
    desk = await city.seat(0, null);
  });
  afterEach(() => city.quiet());
  afterAll(async () => {
    await city.pool.query('update queues set callback_offer_after_sec = null, announce_every_sec = 30');
    await city.pool.query(`update numbers set greeting_prompts = '{recording-notice,greeting}'`);
    await city.close();
  });

  const callbackOf = (caller: string, test: (call: Callback) => boolean) => until(async () =>
    (await query<Callback>(city.pool, 'select * from calls where called_number = $1 and callback_of is not null order by id desc limit 1', [caller])).find(test), `the callback of ${caller}`);
  /** The citizen waits behind a seat that is not ready, presses 1, and the call ends. */
  const request = async (caller: string) => {
    await desk.act('not_ready', { reason: 'meal' });
    const citizen = city.citizen('citizen-presses', caller);
    const asked = await city.callOf(caller, (call) => call.state === 'dismissing');
    citizen.hangUp();
    return { asked: await city.endOf(asked.id), waiting: await callbackOf(caller, () => true) };
  };
  const retryNow = (callId: string) => city.pool.query(`update calls set retry_at = now() where id = $1`, [callId]);

  it('waits behind a busy seat, presses 1 and hangs up; the seat rings, the citizen presses 1 again, and the two talk', async () => {
    const caller = '13800002001';
    const { asked, waiting } = await request(caller);
    expect(asked).toMatchObject({ outcome: 'callback_requested' });
    expect(waiting).toMatchObject({ state: 'waiting', callbackOf: asked.id, caseId: asked.caseId, queuedAt: asked.queuedAt });
    expect(await city.caseOf(asked)).toMatchObject({ state: 'draft', callbackReason: null });
    expect(await desk.api.get('/api/callbacks')).toMatchObject({ items: [{ callId: waiting.id, callbackOf: asked.id, number: '138****2001', attempts: 0 }] });
    const screen = await city.listen(desk.api);
    await desk.play('seat-answers');
    await city.party('phone-presses', { KEY_MS: 1_000, FIRST_KEY: 5, SECOND_KEY: 1 });
    await desk.act('ready');
    await callbackOf(caller, (call) => call.state === 'confirming');
    expect(await city.ari<object>(`/bridges/${waiting.id}`)).toMatchObject({ message: 'Bridge not found' });
    await callbackOf(caller, (call) => call.state === 'talking');
    await until(async () => (await city.ari<{ channels?: string[] }>(`/bridges/${waiting.id}`)).channels?.length === 2, 'the two hear each other');
    expect(screen.events.find((event) => event.type === 'call.ringing')).toMatchObject({ callId: waiting.id, kind: 'callback', caller: { number: caller } });
    screen.close();
    await desk.api.post(`/api/calls/${waiting.id}/hang-up`);
    const over = await city.endOf(waiting.id);
    expect(over).toMatchObject({ outcome: 'answered', endedBy: 'operator', seatId: desk.seatId });
    const shown = await city.shownCall(desk.api, waiting.id);
    const { totalSec, wrapUpSec: _, ...parts } = shown.durations;
    expect(Object.values(parts).reduce<number>((sum, part) => sum + (part ?? 0), 0)).toBeCloseTo(totalSec ?? -1, 3);
    expect(await query(city.pool, 'select call_id from recordings where call_id in ($1, $2)', [asked.id, waiting.id])).toEqual([{ callId: waiting.id }]);
    expect(await query(city.pool, `select count(*)::integer from cases k join case_identities i on i.case_id = k.id where i.phone_index = any($1)`, [vault().indexesOf(caller)])).toEqual([{ count: 1 }]);
    expect((await city.caseOf(asked))?.ownerId).not.toBeNull();
  });

  it('is busy, does not answer in time, and lets a voicemail take the third try: then the case goes to those who call back by hand', async () => {
    const caller = '13800002002';
    const { waiting } = await request(caller);
    await desk.play('seat-answers');
    await city.party('phone-refuses', { STATUS: '486 Busy Here' });
    await desk.act('ready');
    expect(await callbackOf(caller, (call) => call.attempts === 1 && call.state === 'waiting')).toMatchObject({ queuedAt: waiting.queuedAt, seatId: null });
    expect(await desk.state()).toMatchObject({ state: 'wrap_up' });

    await desk.play('seat-answers');
    await city.party('phone-refuses', { STATUS: '480 Temporarily Unavailable' });
    await desk.act('ready');
    await retryNow(waiting.id);
    await callbackOf(caller, (call) => call.attempts === 2 && call.state === 'waiting');

    await desk.play('seat-answers');
    const voicemail = await city.party('seat-answers');
    await desk.act('ready');
    await retryNow(waiting.id);
    await callbackOf(caller, (call) => call.state === 'confirming');
    // As if it had been asked often enough: each question takes its time.
    await city.pool.query(`update calls set asked = 3, deadline_at = now() where id = $1`, [waiting.id]);
    await until(async () => {
      await city.pool.query(`update calls set deadline_at = now() where id = $1 and state = 'confirming'`, [waiting.id]);
      return (await query<CallRow>(city.pool, `select * from calls where id = $1 and state <> 'confirming'`, [waiting.id]))[0];
    }, 'nobody pressed 1');
    expect(await city.endOf(waiting.id)).toMatchObject({ outcome: 'not_confirmed', endedBy: 'system' });
    expect(await voicemail.done).toBe(0);
    expect(await city.caseOf(waiting)).toMatchObject({ state: 'callback', callbackReason: 'abandoned' });
  });

  it('calls again meanwhile: the new call takes the place and the case, and nobody is called back', async () => {
    const caller = '13800002003';
    const { asked, waiting } = await request(caller);
    const again = city.citizen('citizen-waits', caller);
    const call = await city.callOf(caller, (one) => one.state === 'waiting');
    expect(call).toMatchObject({ queuedAt: asked.queuedAt, caseId: asked.caseId });
    expect(call.id).not.toBe(asked.id);
    expect(await city.endOf(waiting.id)).toMatchObject({ outcome: 'settled', endedBy: 'citizen' });
    await desk.play('seat-answers');
    await desk.act('ready');
    await city.callOf(caller, (one) => one.state === 'talking');
    await desk.api.post(`/api/calls/${call.id}/hang-up`);
    expect(await again.done).toBe(0);
  });

  it('is taken out of the queue by whoever manages seats', async () => {
    const { waiting } = await request('13800002004');
    expect((await desk.api.send('POST', `/api/calls/${waiting.id}/actions/cancel_callback`)).status).toBe(403);
    await city.pool.query(`update users set roles = '{supervisor}' where id = (select operator_id from seats where id = $1)`, [desk.seatId]);
    expect((await desk.api.send('POST', `/api/calls/${waiting.id}/actions/cancel_callback`, { reason: 'asked by letter' })).status).toBe(204);
    expect((await desk.api.send('POST', `/api/calls/${waiting.id}/actions/cancel_callback`)).status).toBe(409);
    await city.pool.query(`update users set roles = '{operator}' where id = (select operator_id from seats where id = $1)`, [desk.seatId]);
    expect(await city.endOf(waiting.id)).toMatchObject({ outcome: 'cancelled', endedBy: 'supervisor' });
    expect(await city.caseOf(waiting)).toMatchObject({ state: 'callback', callbackReason: 'abandoned' });
    expect(await query(city.pool, `select action, reason from audit_log where entity_id = $1`, [waiting.id])).toEqual([{ action: 'callback.cancelled', reason: 'asked by letter' }]);
  });

  it('calls back by itself whom nobody answered, as soon as a seat is free', async () => {
    const caller = '13800002009';
    await city.pool.query('update queues set missed_callback_after_sec = 0');
    await desk.act('not_ready', { reason: 'meal' });
    const citizen = city.citizen('citizen-waits', caller);
    const missed = await city.callOf(caller, (call) => call.state === 'waiting');
    citizen.hangUp();
    expect(await city.endOf(missed.id)).toMatchObject({ outcome: 'abandoned_queue' });
    const waiting = await callbackOf(caller, () => true);
    expect(await desk.api.get('/api/callbacks')).toMatchObject({ items: [{ callId: waiting.id, kind: 'missed_callback', caseId: missed.caseId }] });
    await desk.play('seat-answers');
    await city.party('phone-presses', { KEY_MS: 1_000, FIRST_KEY: 1, SECOND_KEY: 1 });
    await desk.act('ready');
    await callbackOf(caller, (call) => call.state === 'talking');
    await desk.api.post(`/api/calls/${waiting.id}/hang-up`);
    expect(await city.endOf(waiting.id)).toMatchObject({ outcome: 'answered', caseId: missed.caseId });
    expect((await city.caseOf(missed))?.ownerId).not.toBeNull();
    await city.pool.query('update queues set missed_callback_after_sec = null');
  });
});

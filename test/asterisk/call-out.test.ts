import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { callsOut } from '../support/calls-out.ts';
import { hotline, type CallRow } from '../support/hotline.ts';
import { until } from '../support/until.ts';

describe('an operator calls out, on the real Asterisk', () => {
  const city = hotline();
  let desk: Awaited<ReturnType<typeof city.seat>>;
  beforeAll(async () => {
    await city.pool.query('update queues set wrap_up_sec = 600');
    desk = await city.seat(0, null);
  });
  afterEach(async () => {
    await city.quiet();
    await desk.act('ready');
  });
  afterAll(() => city.close());

  const { dial, outcomeOf } = callsOut(city, () => desk);
  const lastCallOut = () => until(async () => (await query<CallRow>(city.pool, `select * from calls where direction = 'outbound' order by id desc limit 1`))[0], 'a call out');

  it('speaks with the citizen of a case; the record is the same as of a call in', async () => {
    const opened = await desk.api.post<{ id: string }>('/api/cases', { channel: 'visit', phone: '13911110001' });
    await desk.play('seat-answers');
    await city.party('seat-hangs-up', { TALK_MS: 1_000 });
    const { callId, caseId } = await dial({ caseId: opened.id });
    expect(caseId).toBe(opened.id);
    const call = await outcomeOf(callId);
    expect(call).toMatchObject({ outcome: 'answered', endedBy: 'citizen', seatId: desk.seatId, greetingSec: null, waitSec: null, messageSec: null });
    expect(call.ownPhoneSec).toBeGreaterThan(0.2);
    expect(call.ringSec).toBeGreaterThan(0.2);
    expect(call.talkSec).toBeGreaterThan(0.9);
    await until(async () => (await city.pool.query('select 1 from recordings where call_id = $1 and stored_at is not null', [callId])).rowCount, 'the recording is stored');
    await desk.act('ready');
    expect((await city.shownCall(desk.api, callId)).durations.wrapUpSec).toBeGreaterThan(0);
  });

  it('ends the citizen’s leg too when the operator hangs up', async () => {
    await desk.play('seat-hangs-up', { TALK_MS: 2_000 });
    const party = await city.party('seat-answers');
    const { callId, caseId } = await dial({ number: '13911110002' });
    expect(await outcomeOf(callId)).toMatchObject({ outcome: 'answered', endedBy: 'operator' });
    expect(await party.done).toBe(0);
    expect(await city.caseOf({ caseId })).toMatchObject({ state: 'draft' });
  });

  it.each([['486 Busy Here', 'busy', 'busy'], ['480 Temporarily Unavailable', 'no_answer', 'no_answer'],
    ['603 Decline', 'rejected', 'declined'], ['404 Not Found', 'unreachable', 'unreachable']])('hears why when the network says %s, and the call counts as %s', async (status, outcome, legOutcome) => {
    const own = await desk.play('seat-answers');
    await city.party('phone-refuses', { STATUS: status });
    const { callId, caseId } = await dial({ number: '13911110003' });
    const call = await outcomeOf(callId);
    expect(call).toMatchObject({ outcome, endedBy: 'system', talkSec: null, party: { outcome: legOutcome } });
    expect(call.messageSec).toBeGreaterThan(0.5);
    expect(await own.done).toBe(0);
    expect(await city.caseOf({ caseId })).toMatchObject({ state: 'draft' });
  });

  it('stops ringing the citizen when the operator hangs up meanwhile', async () => {
    await desk.play('seat-hangs-up', { TALK_MS: 1_500 });
    const party = await city.party('seat-never-answers');
    const { callId } = await dial({ number: '13911110006' });
    expect(await outcomeOf(callId)).toMatchObject({ outcome: 'cancelled', endedBy: 'operator', party: { outcome: 'cancelled' } });
    expect(await party.done).toBe(0);
  });

  it('stops by the API while the citizen’s phone rings', async () => {
    await desk.play('seat-answers');
    const party = await city.party('seat-never-answers');
    const { callId } = await dial({ number: '13911110007' });
    await until(async () => (await city.pool.query(`select 1 from call_legs where call_id = $1 and role = 'citizen' and ringing_at is not null`, [callId])).rowCount, 'it rings');
    await desk.api.post(`/api/calls/${callId}/hang-up`);
    expect(await outcomeOf(callId)).toMatchObject({ outcome: 'cancelled', endedBy: 'operator' });
    expect(await party.done).toBe(0);
  });

  it('dials nobody when the operator declines the own phone', async () => {
    await desk.play('seat-declines');
    const { callId } = await dial({ number: '13911110009' });
    expect(await outcomeOf(callId)).toMatchObject({ outcome: 'seat_no_answer', endedBy: 'operator', own: { outcome: 'declined' }, party: undefined });
  });

  it('dials on the phone itself: the same record, with a case of its own', async () => {
    await city.party('seat-hangs-up', { TALK_MS: 1_000 });
    const own = await desk.dial('13911110010');
    const { id } = await until(async () => (await lastCallOut()).state === 'talking' && lastCallOut(), 'they talk');
    const call = await outcomeOf(id);
    expect(call).toMatchObject({ outcome: 'answered', endedBy: 'citizen', seatId: desk.seatId, ownPhoneSec: null });
    expect(await own.done).toBe(0);
    expect(await city.caseOf(call)).toMatchObject({ state: 'draft' });
  });

  it('hears on the phone itself that the party is busy', async () => {
    await city.party('phone-refuses', { STATUS: '486 Busy Here' });
    const own = await desk.dial('13911110011');
    expect(await own.done).toBe(0);
    expect(await outcomeOf((await lastCallOut()).id)).toMatchObject({ outcome: 'busy', endedBy: 'system' });
  });

  it('is refused for what cannot be dialled or found, and nothing is left of it', async () => {
    const problem = async (body: object) => (await (await desk.api.send('POST', '/api/calls', body)).json()) as { code: string };
    expect(await problem({ number: '12' })).toMatchObject({ code: 'number_not_dialable' });
    expect(await problem({ number: '13911110012', caseId: '00000000-0000-7000-8000-000000000000' })).toMatchObject({ code: 'not_found' });
    expect(await problem({ caseId: '00000000-0000-7000-8000-000000000000' })).toMatchObject({ code: 'not_found' });
    await desk.register(0);
    await until(async () => !(await desk.state()).isRegistered, 'the phone is gone');
    expect(await problem({ number: '13911110014' })).toMatchObject({ code: 'phone_not_registered' });
    await desk.register();
    await until(async () => (await desk.state()).isRegistered, 'the phone is there again');
    expect((await desk.state()).callId).toBeNull();
  });

  it('is refused on the phone for what is no number', async () => {
    expect(await (await desk.dial('00', 'seat-dials-is-refused')).done).toBe(0);
  });

  it('is refused on a phone whose seat nobody is signed in to', async () => {
    const before = await lastCallOut();
    await desk.act('sign_out');
    expect(await (await desk.dial('13911110013', 'seat-dials-is-refused')).done).toBe(0);
    await city.quiet();
    expect((await lastCallOut()).id).toBe(before.id);
    expect(await (await desk.api.send('POST', '/api/calls', { number: '13911110013' })).json()).toMatchObject({ code: 'seat_not_signed_in' });
    await desk.act('sign_in');
  });
});

import { describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { talks } from '../support/talks.ts';
import { until } from '../support/until.ts';

describe('a three-way call, on the real Asterisk', () => {
  const city = hotline();
  const { seat, talk, untilHeard, untilUp } = talks(city);

  it('brings a unit in: a consultation first, then all three, then whoever is left goes on', async () => {
    const one = await talk();
    const unit = await city.party('seat-answers');
    await one.act('consult', { target: { number: '057188880001' } });
    await untilUp(one, 'unit');
    await untilHeard(one.callId, ['operator', 'unit']);
    await one.act('join');
    await untilHeard(one.callId, ['citizen', 'operator', 'unit']);
    await one.act('leave');
    await untilHeard(one.callId, ['citizen', 'unit']);
    expect((await one.desk.state()).state).toBe('wrap_up');
    expect((await one.desk.api.send('POST', `/api/calls/${one.callId}/hang-up`)).status).toBe(403); // who left ends it no longer
    one.phone.hangUp();
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered' });
    expect(await unit.done).toBe(0);
    const { talks, legs } = await city.shownCall(one.desk.api, one.callId);
    const roles = talks.map((talkRow) => talkRow.legIds.map((id) => legs.find((leg) => leg.id === id)?.role).sort());
    expect(roles).toEqual([['citizen', 'operator'], ['operator', 'unit'], ['citizen', 'operator', 'unit'], ['citizen', 'unit']]);
    expect(talks.every((talkRow, index) => talkRow.endedAt !== null && (index === 0 || talkRow.startedAt >= (talks[index - 1]?.endedAt ?? '')))).toBe(true);
    const timeline = await query(city.pool, `select 1 from case_events e join calls c on c.case_id = e.case_id where c.id = $1 and e.type = 'talked'`, [one.callId]);
    expect(timeline).toHaveLength(4);
  });

  it('holds the citizen with music and takes the call up again', async () => {
    const one = await talk();
    await one.act('hold');
    await untilHeard(one.callId, []);
    expect((await one.legs()).filter((leg) => leg.isHeld).map((leg) => leg.role)).toEqual(['citizen']);
    await one.act('join');
    await untilHeard(one.callId, ['citizen', 'operator']);
    await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'operator' });
  });

  it('is one key for 119: citizen and operator go on talking while it rings, and all three talk when it answers', async () => {
    const one = await talk();
    await city.party('seat-hangs-up', { RING_MS: 1_000, TALK_MS: 1_500 });
    await one.act('consult', { target: { directoryCode: '119' }, isHolding: false });
    await untilHeard(one.callId, ['citizen', 'operator']);
    await untilHeard(one.callId, ['citizen', 'operator', 'unit']);
    await untilHeard(one.callId, ['citizen', 'operator']);
    const fire = await until(async () => (await one.legs()).find((leg) => leg.role === 'unit' && leg.state === 'ended'), 'the leg of 119 ended');
    expect(fire).toMatchObject({ directoryCode: '119', number: '119', outcome: 'answered' });
    await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
  });

  it.each([['486 Busy Here', 'busy'], ['480 Temporarily Unavailable', 'no_answer'], ['603 Decline', 'declined'], ['404 Not Found', 'unreachable']])(
    'tells the operator of %s, and the citizen is back with the operator', async (status, outcome) => {
      const one = await talk();
      await city.party('phone-refuses', { STATUS: status });
      const { legId } = await one.act('consult', { target: { number: '057188880002' } });
      const unit = await until(async () => (await one.legs()).find((leg) => leg.id === legId && leg.outcome !== null), 'the unit’s leg ended');
      expect(unit.outcome).toBe(outcome);
      await untilHeard(one.callId, ['citizen', 'operator']);
      await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
    });

  it('transfers blindly: the operator is free at once, and the citizen talks with the unit', async () => {
    const one = await talk();
    const unit = await city.party('seat-hangs-up', { RING_MS: 1_500, TALK_MS: 1_000 });
    await one.act('transfer', { target: { number: '057188880003' } });
    expect((await one.desk.state()).state).toBe('wrap_up');
    expect((await city.callOf(one.caller, () => true)).state).toBe('transferring');
    await untilHeard(one.callId, ['citizen', 'unit']);
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'unit' });
    expect([await unit.done, await one.phone.done]).toEqual([0, 0]);
  });

  it('takes the citizen back into the place of old when a blind transfer finds nobody', async () => {
    const one = await talk();
    const before = await city.callOf(one.caller, () => true);
    await city.party('phone-refuses', { STATUS: '486 Busy Here' });
    await one.act('transfer', { target: { number: '057188880004' } });
    expect(await city.callOf(one.caller, (call) => call.state === 'waiting')).toMatchObject({ queuedAt: before.queuedAt });
    const second = await seat(1, 'seat-hangs-up', { TALK_MS: 500 });
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'operator', seatId: second.seatId });
    const { totalSec, wrapUpSec: _, ...parts } = (await city.shownCall(second.api, one.callId)).durations;
    expect(Object.values(parts).reduce<number>((sum, part) => sum + (part ?? 0), 0)).toBeCloseTo(totalSec ?? -1, 3);
  });

  it('consults another seat, which takes the call and its case over', async () => {
    const one = await talk();
    const second = await seat(1, 'seat-answers');
    const [own, other] = [await city.listen(one.desk.api), await city.listen(second.api)];
    await one.act('consult', { target: { seatId: second.seatId } });
    await untilHeard(one.callId, ['operator', 'operator']);
    const pop = await until(() => other.events.find((event) => event.type === 'call.ringing'), 'the screen of the consulted seat pops');
    expect(pop).toMatchObject({ callId: one.callId, caller: { number: one.caller } });
    expect(own.events.filter((event) => event.type === 'call.ringing')).toEqual([]);
    own.close();
    other.close();
    await one.act('leave');
    await untilHeard(one.callId, ['citizen', 'operator']);
    const call = await city.callOf(one.caller, () => true);
    expect(call.seatId).toBe(second.seatId);
    expect((await city.caseOf(call))?.ownerId).toBe((await second.api.get<{ userId: string }>('/api/auth/me')).userId);
    await second.api.post(`/api/calls/${one.callId}/hang-up`);
    await city.endOf(one.callId);
    expect([(await one.desk.state()).state, (await second.state()).state]).toEqual(['wrap_up', 'wrap_up']);
  });

  it('shows a consulted seat nothing of who reported, not even the earlier cases of the number', async () => {
    const one = await talk();
    const second = await seat(1, 'seat-answers');
    await one.desk.api.post('/api/cases', { channel: 'visit', phone: one.caller });
    await city.pool.query('update cases set is_confidential = true where call_id = $1', [one.callId]);
    const other = await city.listen(second.api);
    await one.act('consult', { target: { seatId: second.seatId } });
    const pop = await until(() => other.events.find((event) => event.type === 'call.ringing'), 'the screen of the consulted seat pops');
    expect(pop).toMatchObject({ caller: null, history: { count: 0, items: [] } });
    const looks = await query(city.pool, `select 1 from identity_looks a join calls c on c.case_id = a.case_id where c.id = $1 and a.user_id = $2`,
      [one.callId, (await second.api.get<{ userId: string }>('/api/auth/me')).userId]);
    expect(looks).toEqual([]); // nothing was seen
    other.close();
    await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
  });

  it('does what the hold key of the operator’s phone asks', async () => {
    const one = await talk(['citizen-waits'], [0, 'seat-holds', { TALK_MS: 1_500 }]);
    await untilHeard(one.callId, ['citizen', 'operator']);
    await until(async () => (await one.legs()).find((leg) => leg.role === 'citizen')?.isHeld, 'the citizen is held');
    await untilHeard(one.callId, []);
    await untilHeard(one.callId, ['citizen', 'operator']);
    await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
    expect(await one.desk.phone?.done).toBe(0);
  });

  it('does what the transfer key of the operator’s phone asks', async () => {
    const unit = await city.party('seat-hangs-up', { RING_MS: 500, TALK_MS: 1_000 });
    const one = await talk(['citizen-waits'], [0, 'seat-refers', { TALK_MS: 1_000, NUMBER: '057188880005' }]);
    await untilHeard(one.callId, ['citizen', 'unit']);
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'unit' });
    expect([await unit.done, await one.desk.phone?.done, await one.phone.done]).toEqual([0, 0, 0]);
  });

  it('refuses a seat that is not ready, a step that does not fit, and a call of somebody else', async () => {
    const one = await talk();
    const second = await seat(1, null);
    await second.act('not_ready', { reason: 'meal' });
    const problem = async (path: string, body?: object, api = one.desk.api) => (await (await api.send('POST', `/api/calls/${one.callId}/actions/${path}`, body)).json()) as object;
    expect(await problem('consult', { target: { seatId: second.seatId } })).toMatchObject({ code: 'seat_not_ready' });
    expect(await problem('consult', { target: { number: '00' } })).toMatchObject({ code: 'number_not_dialable' });
    expect(await problem('consult', {})).toMatchObject({ code: 'fields_missing', fields: ['target'] });
    expect(await problem('join')).toMatchObject({ code: 'action_not_allowed', allowed: ['hold', 'consult', 'transfer'] });
    expect(await problem('hold', undefined, second.api)).toMatchObject({ code: 'forbidden' });
    await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
  });
});

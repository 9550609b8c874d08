import { describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { talks } from '../support/talks.ts';
import { until } from '../support/until.ts';

describe('a second line of an operator’s phone, on the real Asterisk', () => {
  const city = hotline();
  const { seat, talk, untilHeard } = talks(city);
  type Talk = Awaited<ReturnType<typeof talk>>;
  const citizen = ['citizen-waits'] as [string];
  /** Who talked with whom, one after the other. */
  const talked = async (one: Talk) => {
    const { talks: rows, legs } = await city.shownCall(one.desk.api, one.callId);
    return rows.map((row) => row.legIds.map((id) => legs.find((leg) => leg.id === id)?.role).sort().join('+'));
  };
  /** Not before the phone has had its answer to the key. */
  const end = async (one: Talk) => {
    await one.act('hold');
    await untilHeard(one.callId, []);
    await one.hangUp();
  };
  const untilState = (one: Talk, state: string) => city.callOf(one.caller, (call) => call.state === state);

  it('puts citizen and unit together: hold, second line, REFER with Replaces', async () => {
    const unit = await city.party('seat-hangs-up', { RING_MS: 500, TALK_MS: 4_500 });
    const one = await talk(citizen, [0, 'seat-transfers-attended', { TALK_MS: 300, LINE_MS: 800, NUMBER: '057188880011' }]);
    await untilHeard(one.callId, ['operator', 'unit']);
    await untilHeard(one.callId, ['citizen', 'unit']);
    expect(await one.desk.phone?.done).toBe(0);
    expect((await one.desk.state()).state).toBe('wrap_up');
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'unit' });
    expect(await talked(one)).toEqual(['citizen+operator', 'operator+unit', 'citizen+unit']);
    expect([await unit.done, await one.phone.done]).toEqual([0, 0]);
  });

  it('puts them together while the unit still rings', async () => {
    const unit = await city.party('seat-hangs-up', { RING_MS: 3_000, TALK_MS: 1_000 });
    const one = await talk(citizen, [0, 'seat-transfers-ringing', { TALK_MS: 300, LINE_MS: 300, NUMBER: '057188880012' }]);
    await untilState(one, 'transferring');
    expect(await one.desk.phone?.done).toBe(0);
    await untilHeard(one.callId, ['citizen', 'unit']);
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'unit' });
    expect([await unit.done, await one.phone.done]).toEqual([0, 0]);
  });

  it('hands the call over to another seat, with its case', async () => {
    const second = await seat(1, 'seat-answers');
    await second.act('not_ready', { reason: 'break' });
    const one = await talk(citizen, [0, 'seat-transfers-attended', { TALK_MS: 2_000, LINE_MS: 800, NUMBER: second.seatId }]);
    await second.act('ready');
    await untilHeard(one.callId, ['operator', 'operator']);
    await untilHeard(one.callId, ['citizen', 'operator']);
    expect(await one.desk.phone?.done).toBe(0);
    const call = await city.callOf(one.caller, (row) => row.seatId === second.seatId);
    expect((await city.caseOf(call))?.ownerId).toBe((await second.api.get<{ userId: string }>('/api/auth/me')).userId);
    await second.api.post(`/api/calls/${one.callId}/hang-up`);
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'operator' });
    expect(await second.phone?.done).toBe(0);
  });

  it.each([['the operator hangs it up', 'seat-consults', 'seat-answers'], ['the unit hangs up', 'seat-is-left-on-second-line', 'seat-hangs-up']])(
    'is over when %s, and the citizen is back when the first is taken up', async (_, phone, party) => {
      const unit = await city.party(party, { RING_MS: 300, TALK_MS: 800 });
      const one = await talk(citizen, [0, phone, { TALK_MS: 300, LINE_MS: 800, NUMBER: '057188880013' }]);
      await untilHeard(one.callId, ['operator', 'unit']);
      await untilHeard(one.callId, []);
      await untilHeard(one.callId, ['citizen', 'operator']);
      await end(one);
      expect([await one.desk.phone?.done, await unit.done, await one.phone.done]).toEqual([0, 0, 0]);
      expect(await talked(one)).toEqual(['citizen+operator', 'operator+unit', 'citizen+operator']);
    });

  it('stands for the first when that is hung up: the citizen hears music, and is back when the unit is gone', async () => {
    await city.party('seat-hangs-up', { RING_MS: 300, TALK_MS: 2_500 });
    const one = await talk(citizen, [0, 'seat-drops-first-line', { TALK_MS: 300, LINE_MS: 500, NUMBER: '057188880014' }]);
    await untilHeard(one.callId, ['operator', 'unit']);
    await until(async () => (await one.legs()).filter((leg) => leg.role === 'operator' && leg.state === 'ended').length === 1, 'the first line ended');
    await untilHeard(one.callId, ['citizen', 'operator']);
    expect((await one.desk.state()).state).toBe('on_call');
    await end(one);
    expect([await one.desk.phone?.done, await one.phone.done]).toEqual([0, 0]);
  });

  it.each([['a seat that is not free', '8003'], ['the own number', '8001'], ['no number', '00'], ['the hotline’s own number', '12345']])('is refused for %s, and the first goes on', async (_, number) => {
    const one = await talk(citizen, [0, 'seat-is-refused-second-line', { TALK_MS: 300, LINE_MS: 500, NUMBER: number }]);
    // Before the two talk nobody hears anybody either.
    await until(async () => (await query(city.pool, `select 1 from call_events where call_id = $1 and type = 'phone_hold'`, [one.callId])).length, 'the phone holds');
    await untilHeard(one.callId, []);
    await untilHeard(one.callId, ['citizen', 'operator']);
    await end(one);
    expect([await one.desk.phone?.done, await one.phone.done]).toEqual([0, 0]);
  });
});

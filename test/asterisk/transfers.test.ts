import { describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { talks } from '../support/talks.ts';

describe('transfers in every direction, on the real Asterisk', () => {
  const city = hotline();
  const { seat, talk, untilHeard } = talks(city);
  const citizen = ['citizen-waits'] as [string];
  const steps = async (callId: string) => (await query<{ type: string }>(city.pool, 'select type from call_events where call_id = $1 order by id', [callId])).map((row) => row.type);
  const refers = (number: string): Parameters<typeof talk>[1] => [0, 'seat-refers', { TALK_MS: 500, NUMBER: number }];

  it.each([['a unit’s number', '057188880021', null], ['a code of the directory', '119', '119']])('by the phone’s key to %s', async (_, number, code) => {
    await city.party('seat-hangs-up', { RING_MS: 300, TALK_MS: 1_000 });
    const one = await talk(citizen, refers(number));
    await untilHeard(one.callId, ['citizen', 'unit']);
    expect((await one.legs()).find((leg) => leg.role === 'unit')).toMatchObject({ directoryCode: code });
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'unit' });
    expect([await one.desk.phone?.done, await one.phone.done]).toEqual([0, 0]);
  });

  it.each([['by the phone’s key', true], ['by the screen', false]])('to another seat %s, with the case', async (_, isByPhone) => {
    const second = await seat(1, 'seat-answers');
    await second.act('not_ready', { reason: 'break' });
    const one = await talk(citizen, isByPhone ? [0, 'seat-refers', { TALK_MS: 2_000, NUMBER: second.seatId }] : undefined);
    await second.act('ready');
    if (!isByPhone) await one.act('transfer', { target: { seatId: second.seatId } });
    const call = await city.callOf(one.caller, (row) => row.seatId === second.seatId && row.state === 'talking');
    await untilHeard(one.callId, ['citizen', 'operator']);
    expect((await city.caseOf(call))?.ownerId).toBe((await second.api.get<{ userId: string }>('/api/auth/me')).userId);
    await second.api.post(`/api/calls/${one.callId}/hang-up`);
    expect([await one.desk.phone?.done, await second.phone?.done, await one.phone.done]).toEqual([0, 0, 0]);
  });

  it('by the phone’s key to a unit that is busy: the citizen waits in the place of old', async () => {
    await city.party('phone-refuses', { STATUS: '486 Busy Here' });
    const one = await talk(citizen, refers('057188880022'));
    await city.callOf(one.caller, (call) => call.state === 'waiting');
    expect(await one.desk.phone?.done).toBe(0);
    one.phone.hangUp();
    await city.endOf(one.callId);
  });

  /** What stands at the number a phone may be asked to reach; each is refused, and the two talk on. */
  const unreachable: readonly [string, (caller: string) => string][] = [
    ['no number', () => '00'], ['a seat that is not free', () => '8003'], ['the own seat', () => '8001'], ['the hotline itself', () => '12345'], ['the citizen’s own number', (caller) => caller]];

  it.each(unreachable)('is refused for %s, by the screen and by the phone’s key, and nobody goes', async (_, numberFor) => {
    const caller = '13800000290';
    const one = await talk(citizen, [0, 'seat-is-refused-transfer', { TALK_MS: 500, NUMBER: numberFor(caller) }], caller);
    const number = numberFor(one.caller);
    const target = /^8\d{3}$/.test(number) ? { seatId: number } : { number };
    const refused = await one.desk.api.send('POST', `/api/calls/${one.callId}/actions/transfer`, { target });
    expect([409, 422]).toContain(refused.status);
    await untilHeard(one.callId, ['citizen', 'operator']);
    expect([await one.desk.phone?.done, await one.phone.done]).toEqual([0, 0]);
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'operator' });
    expect(await steps(one.callId)).not.toContain('transfer');
  });

  it('is refused where it names a call that is none of ours', async () => {
    const one = await talk(citizen, [0, 'seat-transfers-elsewhere', { TALK_MS: 300, NUMBER: '057188880023' }]);
    await untilHeard(one.callId, ['citizen', 'operator']);
    expect([await one.desk.phone?.done, await one.phone.done]).toEqual([0, 0]);
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'operator' });
    expect(await steps(one.callId)).not.toContain('transfer');
  });

  it('is refused to citizen and unit, whose REFER comes from the trunk, and nothing changes', async () => {
    const unit = await city.party('unit-refers', { RING_MS: 100, TALK_MS: 500, NUMBER: '057188880024' });
    const one = await talk(['citizen-refers', { TALK_MS: 2_500, NUMBER: '057188880024' }]);
    await one.act('consult', { target: { number: '057188880025' }, isHolding: false });
    await untilHeard(one.callId, ['citizen', 'operator', 'unit']);
    // Each phone ends well only when its REFER was answered 603; it hangs up by itself.
    expect(await unit.done).toBe(0);
    await untilHeard(one.callId, ['citizen', 'operator']);
    expect(await one.phone.done).toBe(0);
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'citizen' });
    expect(await steps(one.callId)).toEqual(['offered', 'matched', 'leg_ringing', 'leg_answered', 'consult', 'leg_ringing', 'leg_answered', 'leg_ended', 'leg_ended']);
  });
});

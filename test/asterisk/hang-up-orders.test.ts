import { describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { talks } from '../support/talks.ts';

type Who = 'citizen' | 'operator' | 'unit';
const orders: readonly (readonly [Who, Who])[] = [['citizen', 'operator'], ['citizen', 'unit'], ['operator', 'citizen'], ['operator', 'unit'], ['unit', 'citizen'], ['unit', 'operator']];
const parties: readonly Who[] = ['citizen', 'operator', 'unit'];

describe('everyone hangs up in every order, on the real Asterisk', () => {
  const city = hotline();
  const { seat, talk, untilHeard } = talks(city);
  /** Whose channels are left: all ended but those. */
  const untilLeft = (callId: string, who: readonly string[]) => untilHeard(callId, [...who]);
  const timeline = async (callId: string) => (await query<{ parties: { role: string }[]; from: string; to: string }>(city.pool, `select e.data -> 'parties' as parties, e.data ->> 'from' as "from", e.data ->> 'to' as "to"
    from case_events e join calls c on c.case_id = e.case_id where c.id = $1 and e.type = 'talked' order by e.id`, [callId]))
    .map((row) => ({ who: row.parties.map((party) => party.role).sort().join('+'), isTimed: row.from <= row.to }));

  it.each(orders)('citizen, operator and unit: %s, then %s', async (first, second) => {
    const unit = await city.party('seat-answers', { RING_MS: 100 });
    const one = await talk();
    await one.act('consult', { target: { directoryCode: '119' }, isHolding: false });
    await untilHeard(one.callId, [...parties]);
    const hangUp = { citizen: one.phone.hangUp, operator: () => one.desk.phone?.hangUp(), unit: unit.hangUp };
    hangUp[first]();
    const left = parties.filter((party) => party !== first);
    await untilLeft(one.callId, left);
    hangUp[second]();
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: second });
    expect(await timeline(one.callId)).toEqual([{ who: 'citizen+operator', isTimed: true }, { who: 'citizen+operator+unit', isTimed: true }, { who: left.join('+'), isTimed: true }]);
    expect((await one.desk.state()).state).toBe('wrap_up');
  });

  it.each(parties)('the citizen is held while operator and unit talk, and the %s hangs up first', async (first) => {
    const unit = await city.party('seat-answers', { RING_MS: 100 });
    const one = await talk();
    await one.act('consult', { target: { directoryCode: '119' } });
    await untilHeard(one.callId, ['operator', 'unit']);
    ({ citizen: one.phone.hangUp, operator: () => one.desk.phone?.hangUp(), unit: unit.hangUp })[first]();
    if (first === 'citizen') await city.callOf(one.caller, (call) => call.state === 'talking'); // operator and unit were talking, and may finish
    await untilLeft(one.callId, parties.filter((party) => party !== first));
    const { legs } = await city.shownCall(one.desk.api, one.callId);
    expect(legs.filter((leg) => leg.state === 'up' && leg.isHeld)).toEqual([]);
    const [next] = parties.filter((party) => party !== first);
    ({ citizen: one.phone.hangUp, operator: () => one.desk.phone?.hangUp(), unit: unit.hangUp })[next ?? 'unit']();
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: next });
  });

  it.each([0, 1])('two operators and the citizen: whichever of the operators hangs up, the other goes on (%i)', async (leaver) => {
    const one = await talk();
    const second = await seat(1, 'seat-answers');
    await one.act('consult', { target: { seatId: second.seatId }, isHolding: false });
    await untilHeard(one.callId, ['citizen', 'operator', 'operator']);
    const desks = [one.desk, second];
    desks[leaver]?.phone?.hangUp();
    await untilHeard(one.callId, ['citizen', 'operator']);
    const stayed = desks[1 - leaver];
    expect((await city.callOf(one.caller, () => true)).seatId).toBe(stayed?.seatId);
    stayed?.phone?.hangUp();
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'operator' });
    expect([(await one.desk.state()).state, (await second.state()).state]).toEqual(['wrap_up', 'wrap_up']);
  });
});

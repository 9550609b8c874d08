import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { talks } from '../support/talks.ts';
import { until } from '../support/until.ts';

type Who = 'citizen' | 'operator' | 'unit';
const orders: readonly (readonly [Who, Who])[] = [['citizen', 'operator'], ['citizen', 'unit'], ['operator', 'citizen'], ['operator', 'unit'], ['unit', 'citizen'], ['unit', 'operator']];
const parties: readonly Who[] = ['citizen', 'operator', 'unit'];

describe('everyone hangs up in every order, on the real Asterisk', () => {
  const city = hotline();
  const { seat, talk, untilHeard } = talks(city);
  const talkAt = () => talk(['citizen-waits'], [0, 'phone-hangs-up-when-told', { RING_MS: 100 }]);
  const unitAnswers = () => city.party('phone-hangs-up-when-told', { RING_MS: 100 });
  /** The phone of that leg hangs up: a BYE from its side. */
  const hangUp = async (one: Awaited<ReturnType<typeof talk>>, who: Who) => (who === 'citizen' ? one.phone.hangUp() : tellToHangUp(await one.legOf(who)));
  const tellToHangUp = async (legId: string) => {
    const ask = async (item: string) => (await city.ari<{ value: string }>(`/channels/${legId}/variable?variable=${encodeURIComponent(`CHANNEL(pjsip,${item})`)}`)).value;
    const [callId, address] = [await ask('call-id'), /127\.0\.0\.1:\d+/.exec(await ask('target_uri'))?.[0] ?? ''];
    const message = `MESSAGE sip:phone@${address} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-told\r\nFrom: <sip:test@127.0.0.1>;tag=test\r\nTo: <sip:phone@127.0.0.1>\r\nCall-ID: ${callId}\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n`;
    const socket = createSocket('udp4');
    socket.send(message, Number(address.split(':')[1]), '127.0.0.1', () => socket.close());
  };
  const timeline = async (callId: string) => (await query<{ parties: { role: string }[]; from: string; to: string }>(city.pool, `select e.data -> 'parties' as parties, e.data ->> 'from' as "from", e.data ->> 'to' as "to"
    from case_events e join calls c on c.case_id = e.case_id where c.id = $1 and e.type = 'talked' order by e.id`, [callId]))
    .map((row) => ({ who: row.parties.map((party) => party.role).sort().join('+'), isTimed: row.from <= row.to }));

  it.each(orders)('citizen, operator and unit: %s, then %s', async (first, second) => {
    await unitAnswers();
    const one = await talkAt();
    await one.act('consult', { target: { directoryCode: '119' }, isHolding: false });
    await untilHeard(one.callId, [...parties]);
    await hangUp(one, first);
    const left = parties.filter((party) => party !== first);
    await untilHeard(one.callId, left);
    await hangUp(one, second);
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: second });
    expect(await timeline(one.callId)).toEqual([{ who: 'citizen+operator', isTimed: true }, { who: 'citizen+operator+unit', isTimed: true }, { who: left.join('+'), isTimed: true }]);
    expect((await one.desk.state()).state).toBe('wrap_up');
  });

  it.each(parties)('the citizen is held while operator and unit talk, and the %s hangs up first', async (first) => {
    await unitAnswers();
    const one = await talkAt();
    await one.act('consult', { target: { directoryCode: '119' } });
    await untilHeard(one.callId, ['operator', 'unit']);
    await hangUp(one, first);
    const [next = 'unit', last = 'unit'] = parties.filter((party) => party !== first);
    await until(async () => (await one.legOf(first)) === '', `the ${first} left`);
    await untilHeard(one.callId, [next, last]);
    expect((await one.legs()).filter((leg) => leg.state === 'up' && leg.isHeld)).toEqual([]);
    await hangUp(one, next);
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: next });
  });

  it('a second unit is brought in, and they leave one after the other', async () => {
    await city.party('phone-hangs-up-when-told', { RING_MS: 100 }, { calls: 2 });
    const one = await talkAt();
    await one.act('consult', { target: { directoryCode: '119' }, isHolding: false });
    await untilHeard(one.callId, [...parties]);
    await one.act('consult', { target: { directoryCode: '120' }, isHolding: false });
    await untilHeard(one.callId, [...parties, 'unit']);
    await hangUp(one, 'unit');
    await untilHeard(one.callId, [...parties]);
    await hangUp(one, 'operator');
    await untilHeard(one.callId, ['citizen', 'unit']);
    await hangUp(one, 'unit');
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'unit' });
    expect((await timeline(one.callId)).map((row) => row.who)).toEqual(['citizen+operator', 'citizen+operator+unit', 'citizen+operator+unit+unit', 'citizen+operator+unit', 'citizen+unit']);
  });

  it.each([0, 1])('two operators and the citizen: whichever of the operators hangs up, the other goes on (%i)', async (leaver) => {
    const one = await talkAt();
    const second = await seat(1, 'phone-hangs-up-when-told', { RING_MS: 100 });
    await one.act('consult', { target: { seatId: second.seatId }, isHolding: false });
    await untilHeard(one.callId, ['citizen', 'operator', 'operator']);
    const desks = [one.desk, second];
    const legIds = (await one.legs()).filter((leg) => leg.role === 'operator').map((leg) => leg.id);
    await tellToHangUp(legIds[leaver] ?? '');
    await untilHeard(one.callId, ['citizen', 'operator']);
    const stayed = desks[1 - leaver];
    await city.callOf(one.caller, (call) => call.seatId === stayed?.seatId);
    await tellToHangUp(legIds[1 - leaver] ?? '');
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'operator' });
    expect([(await one.desk.state()).state, (await second.state()).state]).toEqual(['wrap_up', 'wrap_up']);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newCall } from '../../src/calls/call.ts';
import { isWaiting, talkingSeats } from '../../src/calls/own-queue/carried-call.ts';
import { endCarried } from '../../src/calls/own-queue/carried-rules.ts';
import { readCarriedCall } from '../../src/telephony/own-queue-record-rules.ts';

const id = 'hotline-1795575756.2';
/** A call that was declined by one seat and answered by another, which hung up. */
const lines = [
  '1795575756.575 queued 1795575756.500 12345 night 13800000202', '1795575756.576 rings hotline-1795575756.3 seat-8001', '1795575757.600 gone hotline-1795575756.3 21',
  '1795575758.000 rings hotline-1795575758.4 seat-8002', '1795575760.882 answered hotline-1795575758.4', '1795575790.884 gone hotline-1795575758.4 16',
  '1795575790.884 left CONTINUE', '1795575790.885 ended 16',
];
const record = lines.map((line) => `${line}\n`).join('');
const time = (seconds: number): Date => new Date(Math.round(seconds * 1000));
const ended = (text: string, lost = time(1795575900)) => {
  const carried = readCarriedCall(id, text);
  if (!carried) throw new Error('no call');
  const call = newCall({ id: 'call', direction: 'inbound', calledNumber: carried.calledNumber, callerRaw: carried.callerRaw, callerNumber: null, callerKind: 'unknown', legs: [] }, carried.offeredAt);
  return endCarried(call, carried, new Map([['hotline-1795575758.4', 'u']]), carried.endedAt ? { at: carried.endedAt, by: carried.endedBy } : { at: lost, by: 'system' });
};

describe('a record of Asterisk’s own queue', () => {
  it('tells of one call, with its times, seats and who ended it', () => {
    expect(readCarriedCall(id, record)).toEqual({
      channelId: id, calledNumber: '12345', queueId: 'night', callerRaw: '13800000202', offeredAt: time(1795575756.5), queuedAt: time(1795575756.575), isReturned: false,
      endedAt: time(1795575790.885), endedBy: 'operator', lastAt: time(1795575790.885),
      offers: [
        { legId: 'hotline-1795575756.3', seatId: '8001', ringingAt: time(1795575756.576), answeredAt: null, endedAt: time(1795575757.6), cause: 21 },
        { legId: 'hotline-1795575758.4', seatId: '8002', ringingAt: time(1795575758), answeredAt: time(1795575760.882), endedAt: time(1795575790.884), cause: 16 },
      ],
    });
  });

  it('tells the same in any order, doubled, and with other lines in between', () => {
    const noise = fc.constantFrom('', ' ', 'x', '1795575756.575', '1795575756.575 sings', '99 ended 16', '\0\0\0', '1795575756 queued', '1795575757.000 rings hotline-1.1 trunk');
    const parts = fc.shuffledSubarray([...lines, ...lines], { minLength: lines.length * 2 });
    fc.assert(fc.property(parts, fc.array(noise), (told, more) => {
      expect(readCarriedCall(id, [...more, ...told, ...more, ''].join('\n'))).toEqual(readCarriedCall(id, record));
    }));
  });

  it('cut anywhere tells of that call or of none, and never of something that did not happen', () => {
    fc.assert(fc.property(fc.nat({ max: record.length }), (length) => {
      const carried = readCarriedCall(id, record.slice(0, length));
      expect(carried === null).toBe(length < (lines[0]?.length ?? 0) + 1);
      if (!carried) return;
      const whole = readCarriedCall(id, record);
      expect(carried).toMatchObject({ channelId: id, callerRaw: '13800000202', offeredAt: whole?.offeredAt, queuedAt: whole?.queuedAt });
      for (const [index, offer] of carried.offers.entries()) {
        for (const [key, value] of Object.entries(offer)) expect([whole?.offers[index]?.[key as keyof typeof offer], null]).toContainEqual(value);
      }
    }));
  });

  it('any bytes are no reason to fail', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...lines), (text, line) => {
      readCarriedCall(id, `${line}\n${text}\n`);
      expect(readCarriedCall(id, `1795575756.575 queued 1795575756.500 12345 night ${text.replaceAll(/\s/g, '')}\n`)?.calledNumber).toBe('12345');
    }));
  });

  it('who came over to the service is with the service until given away again', () => {
    const over = `${lines[0] ?? ''}\n1795575760.000 returned\n`;
    expect(readCarriedCall(id, over)?.isReturned).toBe(true);
    expect(readCarriedCall(id, `${over}1795575760.000 queued 1795575756.500 12345 night 13800000202\n`)).toMatchObject({ isReturned: false, queuedAt: time(1795575756.575) });
  });

  it.each([['', ''], ['anonymous', 'anonymous'], ['%2b8613800000202', '+8613800000202'], ['%ff%fe', ''], ['%00', '']])('a caller %j is %j', (told, caller) => {
    expect(readCarriedCall(id, `1795575756.575 queued 1795575756.500 12345 night ${told}\n`)?.callerRaw).toBe(caller);
  });

  it('a seat talks from its answer until it is gone, or the call is over', () => {
    const state = (text: string) => { const call = readCarriedCall(id, text); return call && [talkingSeats(call).join(), isWaiting(call)]; };
    expect([4, 5, 6].map((count) => state(lines.slice(0, count).map((line) => `${line}\n`).join('')))).toEqual([['', true], ['8002', false], ['', true]]);
    expect(state(`${lines.slice(0, 5).join('\n')}\n1795575790.885 ended 16\n`)).toEqual(['', false]);
    expect(state(`${lines[0] ?? ''}\n1795575790.885 returned\n`)).toEqual(['', false]);
  });
});

describe('a call that Asterisk’s own queue carried', () => {
  it('answered: its operator’s, with a talk; the seat that declined is told', () => {
    const { call, legs, changes, talk, steps } = ended(record);
    expect(call).toMatchObject({ state: 'ended', carriedBy: 'asterisk', outcome: 'answered', endedBy: 'operator', seatId: '8002', operatorId: 'u', connectedAt: time(1795575760.882), endedAt: time(1795575790.885) });
    expect(legs.map((leg) => `${leg.role} ${leg.outcome ?? ''}`)).toEqual(['citizen answered', 'operator declined', 'operator answered']);
    expect(changes).toEqual([{ type: 'case_owned', operatorId: 'u' }]);
    expect(talk).toEqual({ legIds: [id, 'hotline-1795575758.4'], startedAt: time(1795575760.882), endedAt: time(1795575790.884) });
    expect(steps.map((step) => step.to)).toEqual(['waiting', 'ringing', 'waiting', 'ringing', 'talking']);
  });

  it('answered where nobody is known to have sat: somebody asks what came of it', () => {
    const { call, changes } = ended(record.replaceAll('1795575758.4', '1795575758.9'));
    expect([call.operatorId, changes]).toEqual([null, [{ type: 'case_to_survey' }]]);
  });

  it.each([
    [3, '', 'abandoned_queue', 'citizen cancelled,operator declined'],
    [4, '1795575759.000 gone hotline-1795575758.4 0\n1795575759.001 ended 127\n', 'abandoned_ringing', 'citizen cancelled,operator declined,operator cancelled'],
    [4, '1795575778.000 gone hotline-1795575758.4 0\n1795575788.000 ended 127\n', 'abandoned_queue', 'citizen cancelled,operator declined,operator no_answer'],
    [4, '', 'abandoned_ringing', 'citizen cancelled,operator declined,operator cancelled'],
  ])('with %i lines and %j: to be called back', (count, end, outcome, legs) => {
    const one = ended(lines.slice(0, count).map((line) => `${line}\n`).join('') + end);
    expect(one.call).toMatchObject({ outcome, seatId: null, operatorId: null, connectedAt: null });
    expect(one.legs.map((leg) => `${leg.role} ${leg.outcome ?? ''}`).join()).toBe(legs);
    expect([one.changes, one.talk]).toEqual([[{ type: 'case_abandoned' }], null]);
  });
});

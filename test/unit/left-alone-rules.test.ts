import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leftAlone, type Look, type SeenChannel } from '../../src/telephony/left-alone-rules.ts';
import { Talks } from '../../src/telephony/talks.ts';

const channel = (id: string, role: string | null = 'inbound', callId: string | null = null): SeenChannel => ({ id, role, callId });
const look = (...channels: SeenChannel[]): Look => ({ channels, bridges: [] });
const talk = { callId: 'call', partyIds: ['citizen', 'desk'], dialedIds: [] as string[], isWhole: true };
const desk = channel('desk', 'operator', 'call');

describe('whoever is left alone while the database is away', () => {
  const ended = (known: Partial<typeof talk>, seen: Look) => leftAlone([{ ...talk, ...known }], seen).flatMap((one) => one.channelIds);

  it('is hung up once the other is gone, also when held', () => {
    expect(ended({}, look(channel('citizen')))).toEqual(['citizen']);
    expect(ended({}, look(desk))).toEqual(['desk']);
  });
  it('is not touched while two are there, whoever they are', () => {
    expect(ended({}, look(channel('citizen'), desk))).toEqual([]);
    expect(ended({ partyIds: ['citizen', 'desk', 'unit'] }, look(channel('citizen'), channel('unit', 'party', 'call')))).toEqual([]);
    // Answered since the database went.
    expect(ended({}, look(channel('citizen'), channel('unit', 'party', 'call')))).toEqual([]);
  });
  it('is not touched while a party is dialled, nor when the one who left was written down before', () => {
    expect(ended({ dialedIds: ['unit'] }, look(channel('citizen'), channel('unit', null)))).toEqual([]);
    expect(ended({ partyIds: ['citizen'] }, look(channel('citizen')))).toEqual([]);
  });
  it('takes a supervisor who listens along, and does not count as two with one', () => {
    const seen: Look = { channels: [channel('citizen'), channel('boss', 'operator', 'call')], bridges: [{ id: 'boss-spy', isSpy: true, channelIds: ['boss', 'boss-snoop'] }] };
    expect(ended({}, seen).sort()).toEqual(['boss', 'citizen']);
  });
  it('is spared as an operator of a call that is known from Asterisk only: somebody may be on hold', () => {
    expect(ended({ isWhole: false }, look(desk))).toEqual([]);
    expect(ended({ isWhole: false }, look(channel('citizen')))).toEqual(['citizen']);
  });
  it('never loses a call of two: whatever goes, those who are hung up are all that is left of their call', () => {
    const ids = ['a', 'b', 'c', 'd'];
    fc.assert(fc.property(fc.subarray(ids), fc.subarray(ids), fc.subarray(ids), (partyIds, dialedIds, there) => {
      const seen = look(...there.map((id) => channel(id)));
      const parties = partyIds.filter((id) => there.includes(id));
      const lonely = ended({ partyIds, dialedIds: dialedIds.filter((id) => !partyIds.includes(id)) }, seen);
      expect(lonely).toEqual(parties.length === 1 && partyIds.length > 1 ? parties : []);
    }));
  });
});

describe('what is remembered of calls', () => {
  it('is who was bridged until their end is written down, and the first moment at which an end was seen', () => {
    const talks = new Talks();
    talks.note('call', ['citizen', 'desk']);
    talks.note('call', ['citizen', 'desk', 'unit'], true);
    expect(talks.list()).toEqual([{ callId: 'call', partyIds: ['citizen', 'desk', 'unit'], dialedIds: [], isWhole: true }]);
    talks.noteEnd('desk', new Date(1));
    talks.noteEnd('desk', new Date(2));
    expect(talks.endOf('desk')).toEqual(new Date(1));
    talks.forget('desk');
    talks.keepOnly(new Set(['citizen']));
    expect([talks.channelIds, talks.endOf('desk')]).toEqual([['citizen'], undefined]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/calls/call.ts';
import type { CallEvent } from '../../src/calls/call-event.ts';
import { nextCall } from '../../src/calls/call-machine.ts';
import { after, at, consult, consultSeat, facts, heard, held, play } from '../support/call-steps.ts';

describe('a second line of the operator’s phone', () => {
  const line: CallEvent = { type: 'second_line', lineId: 'line-2', seatId: '8001', legId: 'unit-1', party: consult.party };
  const hold: CallEvent = { type: 'phone_hold', legId: 'a' };
  const resume: CallEvent = { type: 'phone_resume', legId: 'a' };
  const talked: readonly CallEvent[] = [hold, line, { type: 'leg_answered', legId: 'unit-1' }];
  const gone = (legId: string, cause = 16): CallEvent => ({ type: 'leg_ended', legId, cause });
  const ids = (call: Call): string[] => call.legs.map((leg) => leg.id).sort();

  it('is a consultation of the call: ringing, then the two talk, and the citizen hears music', () => {
    const ringing = play(hold, line).at(-1);
    expect(ringing?.decision.effects).toEqual([{ type: 'start_ringing', channelId: 'line-2' },
      { type: 'dial_number', channelId: 'unit-1', number: '119', timeoutSec: 30 }]);
    const answeredStep = play(...talked).at(-1);
    expect(answeredStep?.decision.effects[0]).toEqual({ type: 'answer', channelId: 'line-2' });
    expect([heard(after(...talked)), held(after(...talked))]).toEqual([['line-2', 'unit-1'], ['citizen']]);
  });

  it.each<[string, readonly CallEvent[]]>([
    ['asked by the first line', [{ type: 'leave', deskId: 'a', askedBy: 'a' }]], ['asked by the second', [{ type: 'leave', deskId: 'line-2', askedBy: 'line-2' }]]])(
    'is an attended transfer when the two are put together, %s', (_, events) => {
      const last = play(...talked, ...events).at(-1);
      expect([last && heard(last.after), last && ids(last.after)]).toEqual([['citizen', 'unit-1'], ['citizen', 'unit-1']]);
      const [told, ...others] = last?.decision.effects ?? [];
      expect(told).toEqual({ type: 'answer_transfer', channelId: events[0]?.type === 'leave' ? events[0].askedBy : '' });
      expect(others.flatMap((effect) => (effect.type === 'hang_up' ? [effect.channelId] : [])).sort()).toEqual(['a', 'line-2']);
      expect(last?.decision.changes).toEqual([{ type: 'seat', seatId: '8001', event: { type: 'release', callId: 'call', wrapUpSec: 30 } }]);
    });

  it('frees the seat when the operator ends the call because of abuse', () => {
    const last = play(...talked, { type: 'abuse', isWarning: false, playbackId: '' }, { type: 'abuse_goodbye' }).at(-1);
    expect(last?.after).toMatchObject({ state: 'dismissing', outcome: 'answered', legs: [{ id: 'citizen' }] });
    expect(last?.decision.changes).toEqual([{ type: 'seat', seatId: '8001', event: { type: 'release', callId: 'call', wrapUpSec: 30 } }]);
  });

  it('ends the call when it ends after the citizen hung up: nobody is left alone on the first line', () => {
    const seat = { ...line, legId: 'seat-2', party: consultSeat.party } as CallEvent;
    const last = play(hold, seat, { type: 'leg_answered', legId: 'seat-2' }, gone('citizen'), gone('line-2')).at(-1);
    expect(last?.after).toMatchObject({ state: 'ended', outcome: 'answered', legs: [] });
    expect(last?.decision.changes.map((change) => (change.type === 'seat' ? change.seatId : change.type)).sort()).toEqual(['8001', '8003']);
  });

  it('may be put together while the party still rings', () => {
    expect(after(hold, line, { type: 'leave', deskId: 'a' })).toMatchObject({ state: 'transferring', legs: [{ id: 'citizen' }, { id: 'unit-1' }] });
  });

  it('hands the call over when it reached another seat', () => {
    const call = after(hold, { ...line, legId: 'seat-2', party: consultSeat.party }, { type: 'leg_answered', legId: 'seat-2' }, { type: 'leave', deskId: 'a' });
    expect(call).toMatchObject({ seatId: '8003', operatorId: 'w', legs: [{ id: 'citizen' }, { id: 'seat-2' }] });
  });

  it('ends with its party, and the citizen waits at the music until the phone takes the first line up', () => {
    for (const end of [gone('unit-1'), gone('line-2')]) {
      const call = after(...talked, end);
      expect([ids(call), heard(call), held(call)]).toEqual([['a', 'citizen'], [], ['citizen']]);
      expect(heard(after(...talked, end, resume))).toEqual(['a', 'citizen']);
    }
    expect(heard(after(line, { type: 'leg_answered', legId: 'unit-1' }, gone('unit-1')))).toEqual(['a', 'citizen']); // a phone that does not hold
  });

  it('hears why its party is not there, and ends', () => {
    const why = play(hold, line, gone('unit-1', 17)).at(-1)?.decision.effects;
    expect(why?.slice(-2)).toEqual([{ type: 'answer', channelId: 'line-2' }, { type: 'play', channelId: 'line-2', playbackId: 'unit-1-why', prompts: ['dial-busy'] }]);
    const told = play(hold, line, gone('unit-1', 17), { type: 'playback_finished', playbackId: 'unit-1-why' }).at(-1);
    expect([told && ids(told.after), told && held(told.after)]).toEqual([['a', 'citizen'], ['citizen']]);
    expect(told?.decision.effects).toContainEqual({ type: 'hang_up', channelId: 'line-2', cause: 'normal' });
    expect(held(after(hold, line, gone('unit-1', 17), gone('line-2')))).toEqual(['citizen']);
  });

  it('stops ringing its party when it is given up, or the first line is taken up', () => {
    for (const end of [gone('line-2'), resume]) {
      const last = play(hold, line, end, resume).find((step) => step.event === end);
      expect(last?.decision.effects).toContainEqual({ type: 'hang_up', channelId: 'unit-1', cause: 'normal' });
      expect(heard(after(hold, line, end, resume))).toEqual(['a', 'citizen']);
    }
  });

  it('is one of two lines between which the operator turns', () => {
    const turned = after(...talked, { type: 'phone_hold', legId: 'line-2' }, resume);
    expect([heard(turned), held(turned)]).toEqual([['a', 'citizen'], ['unit-1']]);
    const back = after(...talked, { type: 'phone_hold', legId: 'line-2' }, resume, hold, { type: 'phone_resume', legId: 'line-2' });
    expect([heard(back), held(back)]).toEqual([['line-2', 'unit-1'], ['citizen']]);
  });

  it('takes all into one conference when the phone mixes both lines, and the others go on when it hangs up both', () => {
    expect(heard(after(...talked, resume))).toEqual(['citizen', 'line-2', 'unit-1']);
    for (const [one, two] of [['a', 'line-2'], ['line-2', 'a']] as const) {
      expect(heard(after(...talked, resume, gone(one)))).toContain('unit-1');
      expect(heard(after(...talked, resume, gone(one), gone(two)))).toEqual(['citizen', 'unit-1']);
    }
  });

  it('keeps the citizen when the first line is hung up: at the music, and back when the party is gone', () => {
    const call = after(...talked, gone('a'));
    expect([heard(call), held(call)]).toEqual([['line-2', 'unit-1'], ['citizen']]);
    expect(heard(after(...talked, gone('a'), gone('unit-1')))).toEqual(['citizen', 'line-2']);
    expect(after(...talked, gone('a'), gone('line-2'))).toMatchObject({ state: 'talking', legs: [{ id: 'citizen' }, { id: 'unit-1' }] });
  });

  it('is refused to a seat that was only consulted, to a third line, and while somebody rings', () => {
    const other = after(consultSeat, { type: 'leg_answered', legId: 'seat-2' });
    expect(nextCall(other, { ...line, seatId: '8003' }, facts, at)).toBeNull();
    expect(nextCall(after(...talked), { ...line, lineId: 'line-3', legId: 'unit-2' }, facts, at)).toBeNull();
    expect(nextCall(after(consult), { ...line, legId: 'unit-2' }, facts, at)).toBeNull();
  });
});

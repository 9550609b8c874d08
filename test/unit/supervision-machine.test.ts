import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../src/calls/call-event.ts';
import { nextCall } from '../../src/calls/call-machine.ts';
import { listener } from '../../src/calls/talking/place-rules.ts';
import { after, at, consult, consultSeat, facts, heard, held, late, play, threeWay } from '../support/call-steps.ts';

describe('a supervisor on the call', () => {
  const supervise = (mode: 'listen' | 'whisper' | 'barge'): CallEvent[] => [{ type: 'supervise', legId: 'super-1', seatId: '8009', operatorId: 's', mode },
    { type: 'leg_answered', legId: 'super-1' }];
  const toSeat: readonly CallEvent[] = [consultSeat, { type: 'leg_answered', legId: 'seat-2' }, { type: 'leave', deskId: 'a' }];

  it('follows the operator to whom the call goes', () => {
    expect(listener(after(...supervise('listen'), ...toSeat))).toEqual({ legId: 'super-1', heardLegId: 'seat-2', mode: 'listen' });
  });

  it.each(['listen', 'whisper'] as const)('is let go when no operator is left, keeping nobody: %s', (mode) => {
    const last = play(...threeWay, ...supervise(mode), { type: 'leave' }).at(-1);
    expect(last?.after.legs.map((leg) => leg.id)).toEqual(['citizen', 'unit-1']);
    expect(last?.decision.changes).toContainEqual({ type: 'seat', seatId: '8009', event: { type: 'supervision_over', callId: 'call' } });
    expect(after(...supervise(mode), { type: 'leg_ended', legId: 'a', cause: 16 }).state).toBe('ended');
  });

  it.each(['listen', 'whisper', 'barge'] as const)('changes nothing for the others by leaving: %s', (mode) => {
    const call = after(...supervise(mode), { type: 'leg_ended', legId: 'super-1', cause: 16 });
    expect([call.state, heard(call), call.legs.length]).toEqual(['talking', ['a', 'citizen'], 2]);
  });

  it('talks on with the citizen when the operator leaves a talk of three', () => {
    const call = after(...supervise('barge'), { type: 'leg_ended', legId: 'a', cause: 16 });
    expect(call).toMatchObject({ state: 'talking', seatId: '8009', operatorId: 's' });
    expect(heard(call)).toEqual(['citizen', 'super-1']);
  });

  it.each(['listen', 'whisper', 'barge'] as const)('takes over the call and its case, and the operator wraps up: %s', (mode) => {
    const last = play(...supervise(mode), { type: 'take_over', legId: 'super-1' }).at(-1);
    expect(last?.after).toMatchObject({ state: 'talking', seatId: '8009', operatorId: 's' });
    expect(last && heard(last.after)).toEqual(['citizen', 'super-1']);
    expect(last?.decision.changes).toEqual([{ type: 'seat', seatId: '8001', event: { type: 'release', callId: 'call', wrapUpSec: 30 } }, { type: 'case_owned', operatorId: 's' }]);
    expect(last?.decision.effects).toContainEqual({ type: 'hang_up', channelId: 'a', cause: 'normal' });
    expect(after(...supervise(mode), { type: 'take_over', legId: 'super-1' }, { type: 'leg_ended', legId: 'super-1', cause: 16 }).state).toBe('ended');
  });

  it('is one a call, and no operator drops it', () => {
    const call = after(...supervise('listen'));
    for (const event of [{ type: 'supervise', legId: 'super-2', seatId: '8010', operatorId: 't', mode: 'listen' }, { type: 'drop', legId: 'super-1' },
      { type: 'take_over', legId: 'super-2' }] as const) expect(nextCall(call, event, facts, at)).toBeNull();
  });

  it('is given up when the own phone is not answered, long after the ring should have ended', () => {
    const ringing = after(...supervise('listen').slice(0, 1));
    expect(nextCall(ringing, { type: 'overdue' }, facts, at)).toBeNull();
    expect(nextCall(ringing, { type: 'overdue' }, facts, late)?.call.legs).toHaveLength(2);
  });
});

describe('abuse', () => {
  const warning: CallEvent = { type: 'abuse', isWarning: true, playbackId: 'call-abuse', deskId: 'a' };

  it('is warned of, the citizen alone hearing it, and all are back together', () => {
    const last = play(warning).at(-1);
    expect(last?.decision.effects).toContainEqual({ type: 'play', channelId: 'citizen', playbackId: 'call-abuse', prompts: ['abuse-warning'] });
    expect(last && [held(last.after), heard(last.after)]).toEqual([['citizen'], []]);
    expect(heard(after(warning, { type: 'playback_finished', playbackId: 'call-abuse' }))).toEqual(['a', 'citizen']);
    // Whoever talked with whom before does so again.
    const over: CallEvent = { type: 'playback_finished', playbackId: 'call-abuse' };
    const unit: readonly CallEvent[] = [consult, { type: 'leg_answered', legId: 'unit-1' }];
    expect(heard(after(...unit, { type: 'join' }, warning, over))).toEqual(['a', 'citizen', 'unit-1']);
    expect(heard(after(...unit, warning, over))).toEqual(['a', 'unit-1']);
    const lost = last && nextCall(last.after, { type: 'overdue' }, facts, late);
    expect(lost && heard(lost.call)).toEqual(['a', 'citizen']);
  });

  it('ends the call only after the flag, with a last message, and frees the operator at once', () => {
    expect(nextCall(after(), { type: 'abuse_goodbye', deskId: 'a' }, facts, at)).toBeNull();
    const last = play({ ...warning, isWarning: false }, { type: 'abuse_goodbye', deskId: 'a' }).at(-1);
    expect(last?.after).toMatchObject({ state: 'dismissing', legs: [{ id: 'citizen' }] });
    expect(last?.decision.changes).toEqual([{ type: 'seat', seatId: '8001', event: { type: 'release', callId: 'call', wrapUpSec: 30 } }]);
    const ended = last && nextCall(last.after, { type: 'playback_finished', playbackId: 'call-last' }, facts, at);
    expect(ended?.call).toMatchObject({ state: 'ended', outcome: 'answered', endedBy: 'operator' });
  });

  it('lets nobody else end it so', () => {
    expect(nextCall(after(warning), { type: 'abuse_goodbye', deskId: 'unit-1' }, facts, at)).toBeNull();
  });
});

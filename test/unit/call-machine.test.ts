import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call, Leg } from '../../src/calls/call.ts';
import type { CallEvent, QueueFacts } from '../../src/calls/call-event.ts';
import { newLeg, nextCall } from '../../src/calls/call-machine.ts';
import { newCall } from '../../src/calls/offer-call.ts';
import { numberPrompts, positionPrompts } from '../../src/calls/position-rules.ts';

const at = new Date(0);
const facts: QueueFacts = { waiting: 0, signedIn: 1, maxWaiting: 10, wrapUpSec: 30, announceEverySec: 30, musicClass: 'default' };
const citizen: Leg = { ...newLeg({ id: 'citizen', role: 'citizen' }, at), state: 'up' };
const offered: Call = { ...newCall({ id: 'call', direction: 'inbound', calledNumber: '12345', callerRaw: '', callerNumber: null, callerKind: 'withheld', legs: [citizen] }, at), queueId: '12345', caseId: 'case', playbackId: 'greeting' };
const events: CallEvent[] = [
  { type: 'playback_finished', playbackId: 'greeting' }, { type: 'playback_finished', playbackId: 'call-last' }, { type: 'matched', legId: 'a', seatId: '8001', operatorId: 'u', ringTimeoutSec: 20 },
  { type: 'matched', legId: 'b', seatId: '8002', operatorId: 'v', ringTimeoutSec: 20 }, { type: 'leg_ringing', legId: 'a' }, { type: 'leg_answered', legId: 'a' }, { type: 'leg_answered', legId: 'b' },
  { type: 'leg_ended', legId: 'a', cause: 21 }, { type: 'leg_ended', legId: 'b', cause: 19 }, { type: 'leg_ended', legId: 'citizen', cause: 16 }, { type: 'ring_overdue' }, { type: 'hang_up', by: 'system' }];

describe('a call, whatever events come in whatever order', () => {
  it('never loses the citizen and ends once, with every leg ended', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), (sequence) => {
      let call = offered;
      for (const event of sequence) {
        const decision = nextCall(call, event, facts, at);
        if (!decision) continue;
        if (call.state === 'ended') expect(decision.call).toEqual(call);
        if (decision.call.state === 'ended') expect(decision.legs.filter((leg) => leg.state !== 'ended')).toEqual([]);
        const remaining = decision.call.state === 'ended' ? { ...decision.call, legs: [] } : decision.call;
        if (remaining.state !== 'ended') expect(remaining.legs.some((leg) => leg.id === 'citizen')).toBe(true);
        expect(remaining.state === 'talking' || remaining.state === 'ringing').toBe(remaining.legs.some((leg) => leg.role === 'operator'));
        call = remaining;
      }
    }), { numRuns: 2_000 });
  });

  it('hangs up a seat that answers in the moment the citizen hangs up', () => {
    const ended: Call = { ...offered, state: 'ended', legs: [] };
    expect(nextCall(ended, { type: 'leg_answered', legId: 'late' }, facts, at)?.effects).toEqual([{ type: 'hang_up', channelId: 'late', cause: 'normal' }]);
  });
});

describe('the place in the queue, spoken', () => {
  it('says numbers as Mandarin does', () => {
    expect([10, 12, 20, 35, 100].map((value) => numberPrompts(value).join(' '))).toEqual(['number-10', 'number-10 number-2', 'number-2 number-10', 'number-3 number-10 number-5', 'number-1 number-100']);
    expect(positionPrompts(1)).toEqual(['queue-position-next']);
  });
});

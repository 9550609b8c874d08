import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newCall, type Call } from '../../src/calls/call.ts';
import type { CallEvent, QueueFacts } from '../../src/calls/call-event.ts';
import { nextCall } from '../../src/calls/call-machine.ts';
import type { Decision } from '../../src/calls/decision.ts';
import { greet } from '../../src/calls/inbound-machine.ts';
import { arrivedLeg, newLeg } from '../../src/calls/leg.ts';
import { ringOwnPhone } from '../../src/calls/outbound-machine.ts';

const at = new Date(0);
/** Past every deadline. */
const late = new Date(1_000_000);
const facts: QueueFacts = { waiting: 0, signedIn: 1, maxWaiting: 10, wrapUpSec: 30, announceEverySec: 30, musicClass: 'default' };

const citizen = arrivedLeg({ id: 'citizen', role: 'citizen' }, at);
const offered = greet({ ...newCall({ id: 'call', direction: 'inbound', calledNumber: '12345', callerRaw: '', callerNumber: null, callerKind: 'withheld',
  legs: [citizen] }, at), queueId: '12345', caseId: 'case' }, ['greeting'], at).call;
const ownPhone = newLeg({ id: 'a', role: 'operator', seatId: '8001', operatorId: 'u' }, at);
const dialed = ringOwnPhone({ ...newCall({ id: 'call', direction: 'outbound', calledNumber: '13800001111', callerRaw: '', callerNumber: null,
  callerKind: 'unknown', legs: [ownPhone] }, at), caseId: 'case', seatId: '8001', operatorId: 'u' }, at).call;

const legIds = ['a', 'b', 'citizen', 'call-party'];
const anyEvent: fc.Arbitrary<CallEvent> = fc.oneof(
  fc.constantFrom<CallEvent>({ type: 'playback_finished', playbackId: 'call-greeting' }, { type: 'playback_finished', playbackId: 'call-last' },
    { type: 'playback_finished', playbackId: 'place' }, { type: 'announcement_due', playbackId: 'place', position: 3, everySec: 30 }, { type: 'overdue' },
    { type: 'matched', legId: 'a', seatId: '8001', operatorId: 'u', ringTimeoutSec: 20 },
    { type: 'matched', legId: 'b', seatId: '8002', operatorId: 'v', ringTimeoutSec: 20 }),
  fc.record({ type: fc.constantFrom('leg_ringing', 'leg_answered'), legId: fc.constantFrom(...legIds) }),
  fc.record({ type: fc.constant('leg_ended'), legId: fc.constantFrom(...legIds), cause: fc.constantFrom(null, 1, 16, 17, 19, 20, 21, 102) }),
  fc.record({ type: fc.constant('hang_up'), by: fc.constantFrom('operator', 'system') }));
const anyMoment = fc.constantFrom(at, late);

type Step = { readonly before: Call; readonly event: CallEvent; readonly decision: Decision; readonly after: Call };

/** The call through the events, as its door would lead it: ended legs are no longer with it. */
function lead(call: Call, events: readonly (readonly [CallEvent, Date])[]): Step[] {
  const steps: Step[] = [];
  for (const [event, now] of events) {
    const decision = nextCall(call, event, facts, now);
    if (!decision) continue;
    const ended = new Set(decision.legs.filter((leg) => leg.state === 'ended').map((leg) => leg.id));
    const after = { ...decision.call, legs: decision.call.legs.filter((leg) => !ended.has(leg.id)) };
    steps.push({ before: call, event, decision, after });
    call = after;
  }
  return steps;
}

/** Holds for every call: it ends once with an outcome, no leg stays, its seat is let go exactly once, what waits has a deadline. */
function expectSound({ before, decision, after }: Step): void {
  if (before.state === 'ended') {
    expect(decision.call).toEqual(before);
    expect(decision.changes).toEqual([]);
    return;
  }
  expect(after.state === 'ended').toBe(after.endedAt !== null);
  expect(after.state === 'ended' || after.state === 'dismissing').toBe(after.outcome !== null);
  if (after.state === 'ended') {
    expect(after.legs).toEqual([]);
    const hungUp = decision.effects.flatMap((effect) => (effect.type === 'hang_up' ? [effect.channelId] : []));
    const gone = decision.legs[0]?.id;
    for (const leg of before.legs) expect(hungUp.includes(leg.id) || leg.id === gone).toBe(true);
  }
  const isTimed = after.state === 'greeting' || after.state === 'dismissing' || after.legs.some((leg) => leg.state === 'dialing');
  expect(after.deadlineAt !== null).toBe(isTimed);
  const heldSeat = before.state === 'ringing' || before.direction === 'outbound' || before.state === 'talking';
  const holdsSeat = after.state === 'ringing' || after.state === 'talking' || (after.direction === 'outbound' && after.state !== 'ended');
  const lettingGo = decision.changes.filter((change) => change.type === 'seat' && ['release', 'caller_left', 'ring_failed'].includes(change.event.type));
  expect(lettingGo.length).toBe(heldSeat && !holdsSeat ? 1 : 0);
}

describe('an inbound call, whatever events come in whatever order', () => {
  it('never loses the citizen and ends once, with every leg ended and the seat let go', () => {
    fc.assert(fc.property(fc.array(fc.tuple(anyEvent, anyMoment), { maxLength: 40 }), (events) => {
      for (const step of lead(offered, events)) {
        expectSound(step);
        if (step.after.state === 'ended') continue;
        expect(step.after.legs.some((leg) => leg.id === 'citizen')).toBe(true);
        expect(step.after.state === 'talking' || step.after.state === 'ringing').toBe(step.after.legs.some((leg) => leg.role === 'operator'));
      }
    }), { numRuns: 2_000 });
  });

  it('leaves the case to call back exactly when nobody spoke with the citizen', () => {
    fc.assert(fc.property(fc.array(fc.tuple(anyEvent, anyMoment), { maxLength: 40 }), (events) => {
      for (const { before, after, decision } of lead(offered, events)) {
        const isAbandoned = decision.changes.some((change) => change.type === 'case_abandoned');
        expect(isAbandoned).toBe(before.state !== 'ended' && after.state === 'ended' && after.outcome !== 'answered');
        if (after.outcome === 'answered') expect(after.connectedAt).not.toBeNull();
      }
    }), { numRuns: 2_000 });
  });

  it('hangs up a seat that answers in the moment the citizen hangs up', () => {
    const ended: Call = { ...offered, state: 'ended', legs: [] };
    expect(nextCall(ended, { type: 'leg_answered', legId: 'late' }, facts, at)?.effects).toEqual([{ type: 'hang_up', channelId: 'late', cause: 'normal' }]);
  });

  it('goes back into its place when the operator hangs up a call that only rings', () => {
    const [, rung, declined] = lead(offered, [[{ type: 'playback_finished', playbackId: 'call-greeting' }, at],
      [{ type: 'matched', legId: 'a', seatId: '8001', operatorId: 'u', ringTimeoutSec: 20 }, at], [{ type: 'hang_up', by: 'operator' }, at]]);
    expect(declined?.after).toMatchObject({ state: 'waiting', queuedAt: rung?.before.queuedAt, seatId: null });
    expect(declined?.decision.changes).toEqual([{ type: 'seat', seatId: '8001', event: { type: 'ring_failed', callId: 'call', reason: 'declined' } }]);
    expect(declined?.decision.effects).toContainEqual({ type: 'hang_up', channelId: 'a', cause: 'normal' });
  });

  it('goes on when the end of its greeting was never told', () => {
    expect(nextCall(offered, { type: 'overdue' }, facts, at)).toBeNull();
    expect(nextCall(offered, { type: 'overdue' }, facts, late)?.call).toMatchObject({ state: 'waiting', deadlineAt: null });
  });

  it('ends when the end of its last message was never told', () => {
    const full = nextCall(offered, { type: 'playback_finished', playbackId: 'call-greeting' }, { ...facts, maxWaiting: 0 }, at);
    expect(full?.call.state).toBe('dismissing');
    expect(full && nextCall(full.call, { type: 'overdue' }, facts, late)?.call).toMatchObject({ state: 'ended', outcome: 'queue_full', endedBy: 'system' });
  });
});

describe('a call out, whatever events come in whatever order', () => {
  it('keeps the operator until it ends once, with every leg ended and the seat in wrap-up', () => {
    fc.assert(fc.property(fc.array(fc.tuple(anyEvent, anyMoment), { maxLength: 40 }), (events) => {
      for (const step of lead(dialed, events)) {
        expectSound(step);
        if (step.after.state !== 'ended') expect(step.after.legs.some((leg) => leg.role === 'operator')).toBe(true);
        expect(['dialing_seat', 'dialing_party', 'talking', 'dismissing', 'ended']).toContain(step.after.state);
        expect(step.decision.changes.some((change) => change.type === 'case_abandoned')).toBe(false);
      }
    }), { numRuns: 2_000 });
  });

  it('is never matched with a seat, and announces no place', () => {
    expect(nextCall(dialed, { type: 'matched', legId: 'b', seatId: '8002', operatorId: 'v', ringTimeoutSec: 20 }, facts, at)).toBeNull();
    expect(nextCall(dialed, { type: 'announcement_due', playbackId: 'place', position: 1, everySec: 30 }, facts, late)).toBeNull();
  });
});

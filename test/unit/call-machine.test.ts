import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/calls/call.ts';
import { nextCall } from '../../src/calls/call-machine.ts';
import { anyEvent, anyMoment, at, dialed, expectSound, facts, late, lead, offered } from '../support/call-steps.ts';

describe('an inbound call, whatever events come in whatever order', () => {
  it('never loses the citizen and ends once, with every leg ended and the seat let go', () => {
    fc.assert(fc.property(fc.array(fc.tuple(anyEvent, anyMoment), { maxLength: 40 }), (events) => {
      for (const step of lead(offered, events)) {
        expectSound(step);
        if (step.after.state === 'ended') continue;
        if (step.after.state === 'talking') expect(step.after.legs.filter((leg) => leg.state === 'up').length).toBeGreaterThan(1);
        else expect(step.after.legs.some((leg) => leg.id === 'citizen')).toBe(true);
        if (step.after.state === 'ringing') expect(step.after.legs.some((leg) => leg.role === 'operator')).toBe(true);
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
    const full = nextCall(offered, { type: 'playback_finished', playbackId: 'call-greeting' }, { ...facts, entrance: { start: '12345', queueId: '12345', path: [], hops: [], refusal: 'queue_full', priority: 0 } }, at);
    expect(full?.call.state).toBe('dismissing');
    expect(full && nextCall(full.call, { type: 'overdue' }, facts, late)?.call).toMatchObject({ state: 'ended', outcome: 'queue_full', endedBy: 'system' });
  });
});

describe('a call out, whatever events come in whatever order', () => {
  it('keeps the operator until it ends once, with every leg ended and the seat in wrap-up', () => {
    fc.assert(fc.property(fc.array(fc.tuple(anyEvent, anyMoment), { maxLength: 40 }), (events) => {
      for (const step of lead(dialed, events)) {
        expectSound(step);
        if (!['talking', 'transferring', 'ended'].includes(step.after.state)) expect(step.after.legs.some((leg) => leg.role === 'operator')).toBe(true);
        expect(['dialing_seat', 'dialing_party', 'talking', 'transferring', 'dismissing', 'ended']).toContain(step.after.state);
        expect(step.decision.changes.some((change) => change.type === 'case_abandoned')).toBe(false);
      }
    }), { numRuns: 2_000 });
  });

  it('is never matched with a seat, and announces no place', () => {
    expect(nextCall(dialed, { type: 'matched', legId: 'b', seatId: '8002', operatorId: 'v', ringTimeoutSec: 20 }, facts, at)).toBeNull();
    expect(nextCall(dialed, { type: 'announcement_due', playbackId: 'place', position: 1, everySec: 30, wait: null }, facts, late)).toBeNull();
  });
});

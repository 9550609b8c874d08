import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSeat, type SeatEvent } from '../../src/seats/seat-machine.ts';
import type { Seat } from '../../src/seats/seat.ts';

const signedOut: Seat = { id: '8001', state: 'signed_out', stateSince: new Date(0), idleSince: null, operatorId: null, notReadyReason: null, callId: null, wrapUpUntil: null, wrapUpExtended: false, pendingState: null, pendingReason: null, pendingBy: null, ownQueueChannel: null, isRegistered: true, version: 1 };
const anyEvent: fc.Arbitrary<SeatEvent> = fc.constantFrom<SeatEvent>(
  { type: 'sign_in', operatorId: 'u' }, { type: 'sign_out' }, { type: 'ready' }, { type: 'not_ready', reason: 'break' }, { type: 'reserve', callId: 'c' }, { type: 'ring', callId: 'c' },
  { type: 'answer', callId: 'c' }, { type: 'caller_left', callId: 'c' }, { type: 'answer', callId: 'other' }, { type: 'ring_failed', callId: 'c', reason: 'no_answer' }, { type: 'dial', callId: 'd' },
  { type: 'release', callId: 'c', wrapUpSec: 30 }, { type: 'release', callId: 'd', wrapUpSec: 0 }, { type: 'extend_wrap_up', wrapUpSec: 60 }, { type: 'wrap_up_over' },
  { type: 'supervise', callId: 'c' }, { type: 'supervision_over', callId: 'c' }, { type: 'force_later', pendingState: 'signed_out', pendingReason: null, forcedBy: 's' },
  { type: 'force_later', pendingState: 'not_ready', pendingReason: 'forced', forcedBy: 's' }, { type: 'force_later', pendingState: 'ready', pendingReason: null, forcedBy: 's' });

describe('a seat', () => {
  it('keeps the database’s own rules through any events', () => {
    fc.assert(fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      let seat = signedOut;
      for (const event of events) seat = nextSeat(seat, event, new Date(seat.version * 1000)) ?? seat;
      expect(seat.state === 'signed_out').toBe(seat.operatorId === null);
      expect(seat.state === 'not_ready').toBe(seat.notReadyReason !== null);
      expect(['reserved', 'ringing', 'on_call'].includes(seat.state)).toBe(seat.callId !== null);
      expect(seat.state === 'wrap_up').toBe(seat.wrapUpUntil !== null);
      if (seat.pendingState) expect(seat.callId).not.toBeNull();
      expect(seat.pendingState === 'not_ready').toBe(seat.pendingReason !== null);
      if (seat.pendingBy) expect(seat.pendingState).not.toBeNull();
      if (seat.state === 'ready') expect(seat.idleSince).not.toBeNull();
    }));
  });

  it('extends its wrap-up once, from its end', () => {
    const wrapUp: Seat = { ...signedOut, state: 'wrap_up', operatorId: 'u', wrapUpUntil: new Date(30_000) };
    const extended = nextSeat(wrapUp, { type: 'extend_wrap_up', wrapUpSec: 60 }, new Date(10_000));
    expect(extended?.wrapUpUntil).toEqual(new Date(90_000));
    expect(extended && nextSeat(extended, { type: 'extend_wrap_up', wrapUpSec: 60 }, new Date(11_000))).toBeNull();
  });

  it('is let go only by the call it is on', () => {
    const onCall: Seat = { ...signedOut, state: 'on_call', operatorId: 'u', callId: 'c' };
    expect(nextSeat(onCall, { type: 'release', callId: 'other', wrapUpSec: 30 }, new Date(0))).toBeNull();
    expect(nextSeat(onCall, { type: 'release', callId: 'c', wrapUpSec: 30 }, new Date(0))?.state).toBe('wrap_up');
  });

  it('keeps its place among the idle seats when the caller leaves', () => {
    const ringing: Seat = { ...signedOut, state: 'ringing', operatorId: 'u', callId: 'c', idleSince: new Date(1_000) };
    expect(nextSeat(ringing, { type: 'caller_left', callId: 'c' }, new Date(9_000))).toMatchObject({ state: 'ready', idleSince: new Date(1_000), callId: null });
  });

  it('becomes after its call what a supervisor said, and then takes no call that was not meant for it', () => {
    const onCall: Seat = { ...signedOut, state: 'on_call', operatorId: 'u', callId: 'c' };
    const later = nextSeat(onCall, { type: 'force_later', pendingState: 'signed_out', pendingReason: null, forcedBy: 's' }, new Date(0));
    expect(later).toMatchObject({ state: 'on_call', callId: 'c', pendingState: 'signed_out', pendingBy: 's' });
    expect(later && nextSeat(later, { type: 'release', callId: 'c', wrapUpSec: 30 }, new Date(1))).toMatchObject({ state: 'signed_out', operatorId: null, pendingState: null, pendingBy: null });
    const ringing: Seat = { ...onCall, state: 'ringing', pendingState: 'ready' };
    expect(nextSeat(ringing, { type: 'ring_failed', callId: 'c', reason: 'unreachable' }, new Date(1))).toMatchObject({ state: 'not_ready', pendingState: null });
  });

  it('is after supervising what it was before', () => {
    const resting: Seat = { ...signedOut, state: 'not_ready', operatorId: 'u', notReadyReason: 'meeting' };
    const supervising = nextSeat(resting, { type: 'supervise', callId: 'c' }, new Date(0));
    expect(supervising).toMatchObject({ state: 'on_call', callId: 'c' });
    expect(supervising && nextSeat(supervising, { type: 'supervision_over', callId: 'c' }, new Date(1))).toMatchObject({ state: 'not_ready', notReadyReason: 'meeting' });
    const ready = nextSeat({ ...resting, state: 'ready', notReadyReason: null }, { type: 'supervise', callId: 'c' }, new Date(0));
    expect(ready && nextSeat(ready, { type: 'supervision_over', callId: 'c' }, new Date(1))).toMatchObject({ state: 'ready' });
  });
});

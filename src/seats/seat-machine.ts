import type { Seat, SeatState } from './seat.ts';

/*
 * The life of a seat.
 *   signed_out  nobody sits here             ended by sign_in
 *   not_ready   with a reason                the operator, or the system after a ring that failed
 *   ready       may be offered a call        longest idle first; only while its phone is registered
 *   reserved    matched, not ringing yet     row committed before the phone rings
 *   ringing     the phone rings              ended by answer, refusal, time, or the citizen leaving
 *   on_call     talking, dialling out, or supervising another's call   ended by release or supervision_over
 *   wrap_up     after a call, until a time   ended early, by time, or extended once
 */
const idle: readonly SeatState[] = ['ready', 'not_ready', 'wrap_up'];

export const seatTransitions = {
  sign_in: { from: ['signed_out'], to: 'not_ready' },
  sign_out: { from: idle, to: 'signed_out' },
  ready: { from: ['not_ready', 'wrap_up'], to: 'ready' },
  not_ready: { from: idle, to: 'not_ready' },
  reserve: { from: ['ready'], to: 'reserved' },
  ring: { from: ['reserved'], to: 'ringing' },
  answer: { from: ['reserved', 'ringing'], to: 'on_call' },
  caller_left: { from: ['reserved', 'ringing'], to: 'ready' },
  ring_failed: { from: ['reserved', 'ringing'], to: 'not_ready' },
  dial: { from: idle, to: 'on_call' },
  release: { from: ['on_call'], to: 'wrap_up' },
  supervise: { from: idle, to: 'on_call' },
  supervision_over: { from: ['on_call'], to: 'ready' },
  /** A supervisor says what the seat becomes when its call ends: nobody is torn from a talk. */
  force_later: { from: ['reserved', 'ringing', 'on_call'], to: 'on_call' },
  extend_wrap_up: { from: ['wrap_up'], to: 'wrap_up' },
  wrap_up_over: { from: ['wrap_up'], to: 'ready' },
} as const satisfies Record<string, { readonly from: readonly SeatState[]; readonly to: SeatState }>;

export type SeatEventType = keyof typeof seatTransitions;

export type SeatEvent =
  | { readonly type: 'sign_in'; readonly operatorId: string }
  | { readonly type: 'not_ready'; readonly reason: string; /** The supervisor who made the seat so. */ readonly forcedBy?: string | undefined }
  | { readonly type: 'reserve' | 'dial' | 'supervise'; readonly callId: string }
  | { readonly type: 'force_later'; readonly pendingState: 'signed_out' | 'not_ready' | 'ready'; readonly pendingReason: string | null; readonly forcedBy: string }
  | { readonly type: 'ring' | 'answer' | 'caller_left' | 'supervision_over'; readonly callId: string }
  | { readonly type: 'ring_failed'; readonly callId: string; readonly reason: string }
  | { readonly type: 'release'; readonly callId: string; readonly wrapUpSec: number }
  | { readonly type: 'extend_wrap_up'; readonly wrapUpSec: number }
  | { readonly type: 'sign_out' | 'ready'; readonly forcedBy?: string | undefined }
  | { readonly type: 'wrap_up_over' };

/** The events a person may give to a seat in `state`; the API's list of allowed actions. */
export function allowedSeatEvents(state: SeatState): SeatEventType[] {
  return (Object.keys(seatTransitions) as SeatEventType[]).filter((type) => isAllowed(type, state));
}

function isAllowed(type: SeatEventType, state: SeatState): boolean {
  return (seatTransitions[type].from as readonly SeatState[]).includes(state);
}

/** The seat after `event`, or null when the seat's state does not allow it (a late or doubled event). */
export function nextSeat(seat: Seat, event: SeatEvent, now: Date): Seat | null {
  if (!isAllowed(event.type, seat.state)) return null;
  // What a call does to its seat counts for that call only; one that starts a call names the new one.
  if ('callId' in event && !isStart(event) && event.callId !== seat.callId) return null;
  if (event.type === 'extend_wrap_up' && seat.wrapUpExtended) return null;
  if (event.type === 'reserve' && seat.ownQueueChannel !== null) return null;
  if (event.type === 'force_later') return forceLater(seat, event);
  const state = nextState(seat, event);
  const notReadyReason = event.type === 'sign_in' ? 'signed_in' : 'reason' in event ? event.reason : seat.pendingReason;
  return {
    ...seat,
    state,
    stateSince: state === seat.state ? seat.stateSince : now,
    idleSince: idleSince(seat, state, event, now),
    operatorId: event.type === 'sign_in' ? event.operatorId : state === 'signed_out' ? null : seat.operatorId,
    notReadyReason: state === 'not_ready' ? notReadyReason : null,
    callId: isStart(event) ? event.callId : holdsCall(state) ? seat.callId : null,
    wrapUpUntil: wrapUpUntil(seat, state, event, now),
    wrapUpExtended: event.type === 'extend_wrap_up',
    ...pending(seat, state, event),
    version: seat.version + 1,
  };
}

function isStart(event: SeatEvent): event is SeatEvent & { type: 'reserve' | 'dial' | 'supervise' } {
  return event.type === 'reserve' || event.type === 'dial' || event.type === 'supervise';
}

/** Where the table leads, unless something was said for after the call; a queue without wrap-up frees the seat at once. */
function nextState(seat: Seat, event: SeatEvent): SeatState {
  const { to } = seatTransitions[event.type];
  const isPending = seat.pendingState && holdsCall(seat.state) && !holdsCall(to);
  // A phone that does not answer is not made ready for the next call.
  if (isPending && !(event.type === 'ring_failed' && seat.pendingState === 'ready')) return seat.pendingState;
  return event.type === 'release' && event.wrapUpSec === 0 ? 'ready' : to;
}

type Pending = Pick<Seat, 'pendingState' | 'pendingReason' | 'pendingBy'>;

/** One who was not ready before supervising is so again after it; what was said for after the call stays until then. */
function pending(seat: Seat, state: SeatState, event: SeatEvent): Pending {
  if (event.type === 'supervise' && seat.state === 'not_ready') return { pendingState: 'not_ready', pendingReason: seat.notReadyReason, pendingBy: null };
  const { pendingState, pendingReason, pendingBy } = seat;
  return holdsCall(state) ? { pendingState, pendingReason, pendingBy } : { pendingState: null, pendingReason: null, pendingBy: null };
}

function forceLater(seat: Seat, { pendingState, pendingReason, forcedBy }: SeatEvent & { type: 'force_later' }): Seat {
  return { ...seat, pendingState, pendingReason, pendingBy: forcedBy, version: seat.version + 1 };
}

function holdsCall(state: SeatState): boolean {
  return state === 'reserved' || state === 'ringing' || state === 'on_call';
}

/** A seat whose caller left keeps its place among the idle ones. */
function idleSince(seat: Seat, state: SeatState, event: SeatEvent, now: Date): Date | null {
  if (state === 'reserved' || state === 'ringing') return seat.idleSince;
  if (state !== 'ready') return null;
  return event.type === 'caller_left' ? seat.idleSince : now;
}

function wrapUpUntil(seat: Seat, state: SeatState, event: SeatEvent, now: Date): Date | null {
  if (state !== 'wrap_up' || !('wrapUpSec' in event)) return null;
  const from = event.type === 'extend_wrap_up' && seat.wrapUpUntil ? seat.wrapUpUntil : now;
  return new Date(from.getTime() + event.wrapUpSec * 1000);
}

import { isSpareLine, type Call } from '../../src/calls/call.ts';
import type { CallEvent } from '../../src/calls/call-event.ts';
import { talkers } from '../../src/calls/place-rules.ts';
import { at, lead, offered, type Step } from './call-steps.ts';

export const answered: readonly CallEvent[] = [{ type: 'playback_finished', playbackId: 'call-greeting' },
  { type: 'matched', legId: 'a', seatId: '8001', operatorId: 'u', ringTimeoutSec: 20 }, { type: 'leg_answered', legId: 'a' }];
export const consult: CallEvent & { type: 'consult' } = { type: 'consult', legId: 'unit-1', isHolding: true,
  party: { role: 'unit', seatId: null, operatorId: null, number: '119', directoryCode: '119' } };
export const consultSeat: CallEvent & { type: 'consult' } = { type: 'consult', legId: 'seat-2', isHolding: true,
  party: { role: 'operator', seatId: '8003', operatorId: 'w', number: null, directoryCode: null } };
export const threeWay: readonly CallEvent[] = [consult, { type: 'leg_answered', legId: 'unit-1' }, { type: 'join' }];
export const transfer: CallEvent & { type: 'transfer' } = { ...consult, type: 'transfer' };

/** A call in which citizen and operator talk, through the events. */
export function play(...events: readonly CallEvent[]): Step[] {
  return lead(offered, [...answered, ...events].map((event) => [event, at] as const));
}
export function after(...events: readonly CallEvent[]): Call {
  const last = play(...events).at(-1)?.after;
  if (!last) throw new Error('nothing happened');
  return last;
}
export const heard = (call: Call): string[] => talkers(call).map((leg) => leg.id).sort();
export const held = (call: Call): string[] => call.legs.filter((leg) => leg.isHeld && !isSpareLine(call, leg)).map((leg) => leg.id).sort();

import fc from 'fast-check';
import { expect } from 'vitest';
import { isSpareLine, newCall, type Call } from '../../src/calls/call.ts';
import type { CallEvent, QueueFacts } from '../../src/calls/call-event.ts';
import { nextCall } from '../../src/calls/call-machine.ts';
import type { Decision } from '../../src/calls/decision.ts';
import { greet } from '../../src/calls/inbound/inbound-machine.ts';
import { arrivedLeg, newLeg } from '../../src/calls/leg.ts';
import { ringOwnPhone } from '../../src/calls/outbound/outbound-machine.ts';
import { talkers } from '../../src/calls/talking/place-rules.ts';

export const at = new Date(0);
/** Past every deadline. */
export const late = new Date(1_000_000);
export const facts: QueueFacts = { wrapUpSec: 30, announceEverySec: 30, musicClass: 'default', overflowAfterSec: null, entrance: null };

const citizen = arrivedLeg({ id: 'citizen', role: 'citizen' }, at);
export const offered = greet({ ...newCall({ id: 'call', direction: 'inbound', calledNumber: '12345', callerRaw: '', callerNumber: null, callerKind: 'withheld',
  legs: [citizen] }, at), queueId: '12345', caseId: 'case' }, ['greeting'], at).call;
const ownPhone = newLeg({ id: 'a', role: 'operator', seatId: '8001', operatorId: 'u' }, at);
export const dialed = ringOwnPhone({ ...newCall({ id: 'call', direction: 'outbound', calledNumber: '13800001111', callerRaw: '', callerNumber: null,
  callerKind: 'unknown', legs: [ownPhone] }, at), caseId: 'case', seatId: '8001', operatorId: 'u' }, at).call;

const legIds = ['a', 'b', 'citizen', 'call-party', 'unit-1', 'unit-2', 'seat-2', 'super-1', 'super-2', 'line-2', 'line-3'];
const supervisors = ['super-1', 'super-2'] as const;
const modes = ['listen', 'whisper', 'barge'] as const;
const newcomer = fc.constantFrom(
  { legId: 'unit-1', party: { role: 'unit', seatId: null, operatorId: null, number: '119', directoryCode: '119' } } as const,
  { legId: 'unit-2', party: { role: 'unit', seatId: null, operatorId: null, number: '057188880000', directoryCode: null } } as const,
  { legId: 'seat-2', party: { role: 'operator', seatId: '8003', operatorId: 'w', number: null, directoryCode: null } } as const);
export const anyEvent: fc.Arbitrary<CallEvent> = fc.oneof(
  fc.constantFrom<CallEvent>({ type: 'playback_finished', playbackId: 'call-greeting' }, { type: 'playback_finished', playbackId: 'call-last' },
    { type: 'playback_finished', playbackId: 'place' }, { type: 'announcement_due', playbackId: 'place', position: 3, everySec: 30, wait: null }, { type: 'overdue' },
    { type: 'matched', legId: 'a', seatId: '8001', operatorId: 'u', ringTimeoutSec: 20 },
    { type: 'matched', legId: 'b', seatId: '8002', operatorId: 'v', ringTimeoutSec: 20 }),
  fc.record({ type: fc.constantFrom('leg_ringing', 'leg_answered'), legId: fc.constantFrom(...legIds) }),
  fc.record({ type: fc.constant('leg_ended'), legId: fc.constantFrom(...legIds), cause: fc.constantFrom(null, 1, 16, 17, 19, 20, 21, 102) }),
  fc.constantFrom<CallEvent>({ type: 'hold' }, { type: 'join' }, { type: 'leave' }, { type: 'pause_recording', userId: 'u', reason: null },
    { type: 'resume_recording', why: 'time' }),
  fc.record({ type: fc.constantFrom('switch', 'drop'), legId: fc.constantFrom(...legIds) }),
  fc.tuple(newcomer, fc.boolean()).map(([one, isHolding]): CallEvent => ({ type: 'consult', ...one, isHolding })),
  newcomer.map((one): CallEvent => ({ type: 'transfer', ...one })),
  fc.record({ type: fc.constantFrom('phone_hold', 'phone_resume'), legId: fc.constantFrom('a', 'b', 'line-2', 'seat-2') }),
  fc.tuple(newcomer, fc.constantFrom('line-2', 'line-3'), fc.constantFrom('8001', '8002', '8003')).map(([one, lineId, seatId]): CallEvent => ({ type: 'second_line', ...one, lineId, seatId })),
  fc.constantFrom('unit-1', 'unit-2', 'seat-2').map((id): CallEvent => ({ type: 'playback_finished', playbackId: `${id}-why` })),
  fc.constantFrom<CallEvent>({ type: 'abuse', isWarning: true, playbackId: 'call-abuse' }, { type: 'abuse', isWarning: false, playbackId: '' }, { type: 'abuse_goodbye' },
    { type: 'playback_finished', playbackId: 'call-abuse' }),
  fc.record({ type: fc.constant('supervise'), legId: fc.constantFrom(...supervisors), seatId: fc.constantFrom('8009', '8003'), operatorId: fc.constant('s'), mode: fc.constantFrom(...modes) }),
  fc.record({ type: fc.constant('supervision_mode'), legId: fc.constantFrom(...supervisors), mode: fc.constantFrom(...modes) }),
  fc.record({ type: fc.constantFrom('supervision_ended', 'take_over'), legId: fc.constantFrom(...supervisors) }),
  fc.constantFrom(...supervisors).map((legId): CallEvent => ({ type: 'leg_answered', legId })),
  fc.record({ type: fc.constant('hang_up'), by: fc.constantFrom('operator', 'system') }));
export const anyMoment = fc.constantFrom(at, late);

export type Step = { readonly before: Call; readonly event: CallEvent; readonly decision: Decision; readonly after: Call };

/** The call through the events, as its door would lead it: ended legs are no longer with it. */
export function lead(call: Call, events: readonly (readonly [CallEvent, Date])[]): Step[] {
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

/** Each seat's legs: let go exactly once, when the leg ends; the seats of others are not touched. */
function expectSeatsLetGo({ before, decision, after }: Step): void {
  const seatsOf = (call: Call) => [...new Set(call.legs.flatMap((leg) => (leg.seatId ? [leg.seatId] : [])))];
  const gone = seatsOf(before).filter((seatId) => !seatsOf(after).includes(seatId));
  const lettingGo = decision.changes.flatMap((change) =>
    (change.type === 'seat' && ['release', 'caller_left', 'ring_failed', 'supervision_over'].includes(change.event.type) ? [change.seatId] : []));
  expect(lettingGo.sort()).toEqual(gone.sort());
}

/** Holds for every call: it ends once with an outcome, no leg stays, its seats are let go exactly once, what waits has a deadline. */
export function expectSound(step: Step): void {
  const { before, decision, after } = step;
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
  const dialing = after.legs.filter((leg) => leg.state === 'dialing' && leg.role !== 'supervisor').length;
  expect(dialing).toBeLessThan(2);
  const isMessage = after.state === 'greeting' || after.state === 'menu' || after.state === 'dismissing' || after.state === 'confirming' || (after.state === 'talking' && after.playbackId !== null);
  expect(after.deadlineAt !== null).toBe(isMessage || dialing > 0);
  expectSeatsLetGo(step);
}

export const answered: readonly CallEvent[] = [{ type: 'playback_finished', playbackId: 'call-greeting' },
  { type: 'matched', legId: 'a', seatId: '8001', operatorId: 'u', ringTimeoutSec: 20 }, { type: 'leg_answered', legId: 'a' }];
export const consult = { type: 'consult', legId: 'unit-1', isHolding: true,
  party: { role: 'unit', seatId: null, operatorId: null, number: '119', directoryCode: '119' } } as const satisfies CallEvent;
export const consultSeat = { type: 'consult', legId: 'seat-2', isHolding: true,
  party: { role: 'operator', seatId: '8003', operatorId: 'w', number: null, directoryCode: null } } as const satisfies CallEvent;
export const threeWay: readonly CallEvent[] = [consult, { type: 'leg_answered', legId: 'unit-1' }, { type: 'join' }];
export const transfer = { ...consult, type: 'transfer' } as const satisfies CallEvent;

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

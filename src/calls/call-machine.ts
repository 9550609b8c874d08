import { assertNever } from '../errors.ts';
import { legOf, legOutcome, type Call, type EndedBy, type Leg, type LegOutcome, type Outcome } from './call.ts';
import type { CallEvent, QueueFacts } from './call-event.ts';
import type { Effect, SideChange } from './effect.ts';
import { positionPrompts } from './position-rules.ts';

export type Decision = {
  readonly call: Call;
  /** Legs that are new or changed, ended ones included. */
  readonly legs: readonly Leg[];
  readonly changes: readonly SideChange[];
  readonly effects: readonly Effect[];
};

/** How long a number that is dialled may ring, seconds. */
const dialTimeoutSec = 45;

/** The call after `event`, or null when it changes nothing (late, doubled, or of another leg). */
export function nextCall(call: Call, event: CallEvent, facts: QueueFacts, now: Date): Decision | null {
  if (call.state === 'ended') return strayLeg(call, event);
  switch (event.type) {
    case 'playback_finished': return event.playbackId === call.playbackId ? afterPlayback(call, facts, now) : null;
    case 'matched': return call.state === 'waiting' ? ringSeat(call, event, now) : null;
    case 'announcement_due': return call.state === 'waiting' ? announce(call, event, now) : null;
    case 'leg_ringing': return legRinging(call, event.legId, now);
    case 'leg_answered': return legAnswered(call, event.legId, now);
    case 'leg_ended': return legEnded(call, event.legId, event.cause, facts, now);
    case 'ring_overdue': return ringOverdue(call, facts, now);
    case 'hang_up': return endCall(call, hangUpOutcome(call, event.by), event.by, facts, now);
    default: return assertNever(event);
  }
}

/** Into the queue, or a last message when it is full or nobody is there. Also the first step where no greeting plays. */
export function enterQueue(call: Call, facts: QueueFacts, now: Date): Decision {
  const citizen = legOf(call, 'citizen');
  if (!citizen) throw new Error('a call enters the queue without a citizen');
  if (facts.signedIn === 0) return dismiss(call, citizen, 'nobody_signed_in', ['nobody-signed-in']);
  if (facts.waiting >= facts.maxWaiting) return dismiss(call, citizen, 'queue_full', ['queue-full']);
  const announceAt = facts.announceEverySec > 0 ? new Date(now.getTime() + facts.announceEverySec * 1000) : null;
  return {
    call: { ...call, state: 'waiting', queuedAt: call.queuedAt ?? now, announceAt, playbackId: null },
    legs: [],
    changes: [],
    effects: [
      { type: 'match_queue', queueId: call.queueId ?? '' },
      { type: 'start_music', channelId: citizen.id, musicClass: facts.musicClass },
    ],
  };
}

function dismiss(call: Call, hearer: Leg, outcome: Outcome, prompts: readonly string[]): Decision {
  const playbackId = `${call.id}-last`;
  return {
    call: { ...call, state: 'dismissing', outcome, announceAt: null, ringDeadlineAt: null, playbackId },
    legs: [],
    changes: [],
    effects: [{ type: 'answer', channelId: hearer.id }, { type: 'play', channelId: hearer.id, playbackId, prompts }],
  };
}

function afterPlayback(call: Call, facts: QueueFacts, now: Date): Decision | null {
  const citizen = legOf(call, 'citizen');
  if (call.state === 'greeting') return enterQueue(call, facts, now);
  if (call.state === 'dismissing') return endCall(call, call.outcome ?? 'failed', 'system', facts, now);
  const effects: Effect[] = citizen && (call.state === 'waiting' || call.state === 'ringing')
    ? [{ type: 'start_music', channelId: citizen.id, musicClass: facts.musicClass }]
    : [];
  return { call: { ...call, playbackId: null }, legs: [], changes: [], effects };
}

function announce(call: Call, event: CallEvent & { type: 'announcement_due' }, now: Date): Decision | null {
  const citizen = legOf(call, 'citizen');
  if (!citizen || !call.announceAt || call.announceAt > now) return null;
  return {
    call: { ...call, playbackId: event.playbackId, announceAt: new Date(now.getTime() + event.everySec * 1000) },
    legs: [],
    changes: [],
    effects: [{ type: 'play', channelId: citizen.id, playbackId: event.playbackId, prompts: positionPrompts(event.position) }],
  };
}

function ringSeat(call: Call, match: CallEvent & { type: 'matched' }, now: Date): Decision {
  const leg = newLeg({ id: match.legId, role: 'operator', seatId: match.seatId, operatorId: match.operatorId }, now);
  const ringDeadlineAt = new Date(now.getTime() + (match.ringTimeoutSec + 5) * 1000);
  return {
    call: { ...call, state: 'ringing', seatId: match.seatId, operatorId: match.operatorId, ringingAt: now, ringDeadlineAt, legs: [...call.legs, leg] },
    legs: [leg],
    changes: [{ type: 'seat', seatId: match.seatId, event: { type: 'reserve', callId: call.id } }],
    effects: [{ type: 'ring_seat', channelId: leg.id, seatId: match.seatId, callerNumber: call.callerNumber ?? '', timeoutSec: match.ringTimeoutSec }],
  };
}

/** A new leg that is being dialled. */
export function newLeg(leg: { id: string; role: Leg['role']; seatId?: string; operatorId?: string | null; number?: string | null }, now: Date): Leg {
  return {
    id: leg.id, role: leg.role, seatId: leg.seatId ?? null, operatorId: leg.operatorId ?? null, number: leg.number ?? null,
    state: 'dialing', startedAt: now, ringingAt: null, answeredAt: null, endedAt: null, outcome: null, hangupCause: null,
  };
}

function legRinging(call: Call, legId: string, now: Date): Decision | null {
  const leg = call.legs.find((one) => one.id === legId);
  if (!leg || leg.state !== 'dialing' || leg.ringingAt) return null;
  const ringing = { ...leg, ringingAt: now };
  const isOffer = call.state === 'ringing' && leg.seatId !== null;
  return {
    call: withLeg(call, ringing),
    legs: [ringing],
    changes: isOffer && leg.seatId ? [{ type: 'seat', seatId: leg.seatId, event: { type: 'ring', callId: call.id } }] : [],
    effects: [],
  };
}

function legAnswered(call: Call, legId: string, now: Date): Decision | null {
  const leg = call.legs.find((one) => one.id === legId);
  if (!leg) return { call, legs: [], changes: [], effects: [{ type: 'hang_up', channelId: legId, cause: 'normal' }] };
  if (leg.state !== 'dialing') return null;
  const up: Leg = { ...leg, state: 'up', answeredAt: now, outcome: 'answered' };
  const answered = withLeg(call, up);
  if (call.state === 'ringing' && leg.role === 'operator') return connect(answered, up, now);
  if (call.state === 'dialing_seat' && leg.role === 'operator') return dialParty(answered, up, now);
  if (call.state === 'dialing_party' && leg.role === 'citizen') return connect(answered, up, now);
  return { call: answered, legs: [up], changes: [], effects: [{ type: 'hang_up', channelId: legId, cause: 'normal' }] };
}

/** Both are there: one bridge, one recording. */
function connect(call: Call, newcomer: Leg, now: Date): Decision {
  const citizen = legOf(call, 'citizen');
  const operator = legOf(call, 'operator');
  if (!citizen || !operator) throw new Error('a call connects without two legs');
  const seatAnswer: SideChange[] = call.direction === 'inbound' && call.seatId
    ? [{ type: 'seat', seatId: call.seatId, event: { type: 'answer', callId: call.id } }]
    : [];
  const owner: SideChange[] = call.operatorId ? [{ type: 'case_owned', operatorId: call.operatorId }] : [];
  const waiting = newcomer.role === 'operator' ? citizen : operator;
  const quiet: Effect[] = newcomer.role === 'operator'
    ? [...(call.playbackId ? [{ type: 'stop_playback', playbackId: call.playbackId } as const] : []), { type: 'stop_music', channelId: waiting.id }]
    : [{ type: 'stop_ringing', channelId: waiting.id }, { type: 'answer', channelId: waiting.id }];
  return {
    call: { ...call, state: 'talking', connectedAt: now, ringDeadlineAt: null, announceAt: null, playbackId: null },
    legs: [newcomer],
    changes: [...seatAnswer, ...owner],
    effects: [...quiet, { type: 'bridge', channelIds: [citizen.id, operator.id] }, { type: 'record', channelId: citizen.id }],
  };
}

function dialParty(call: Call, operator: Leg, now: Date): Decision {
  const leg = newLeg({ id: `${call.id}-party`, role: 'citizen', number: call.calledNumber }, now);
  return {
    call: { ...call, state: 'dialing_party', answeredAt: now, ringingAt: now, ringDeadlineAt: new Date(now.getTime() + (dialTimeoutSec + 5) * 1000), legs: [...call.legs, leg] },
    legs: [operator, leg],
    changes: [],
    effects: [
      { type: 'start_ringing', channelId: operator.id },
      { type: 'dial_number', channelId: leg.id, number: call.calledNumber, timeoutSec: dialTimeoutSec },
    ],
  };
}

/** The operator lifted the phone and dialled: the number is called at once. */
export function dialFromPhone(call: Call, now: Date): Decision {
  const operator = legOf(call, 'operator');
  if (!operator) throw new Error('a call is dialled without an operator');
  return dialParty(call, operator, now);
}

function legEnded(call: Call, legId: string, cause: number | null, facts: QueueFacts, now: Date): Decision | null {
  const leg = call.legs.find((one) => one.id === legId);
  if (!leg) return null;
  const ended = endLeg(leg, leg.outcome ?? legOutcome(cause), cause, now);
  const left: Call = { ...call, legs: call.legs.filter((one) => one.id !== legId) };
  const decision = leg.role === 'citizen' ? citizenLeft(left, ended, facts, now) : operatorLeft(left, ended, facts, now);
  return { ...decision, legs: [ended, ...decision.legs] };
}

function citizenLeft(call: Call, leg: Leg, facts: QueueFacts, now: Date): Decision {
  switch (call.state) {
    case 'greeting': return endCall(call, 'abandoned_greeting', 'citizen', facts, now);
    case 'waiting': return endCall(call, 'abandoned_queue', 'citizen', facts, now);
    case 'ringing': return endCall(call, 'abandoned_ringing', 'citizen', facts, now);
    case 'talking': return endCall(call, 'answered', 'citizen', facts, now);
    case 'dialing_party': return partyNotReached(call, leg, facts, now);
    case 'dismissing': return endCall(call, call.outcome ?? 'failed', call.direction === 'inbound' ? 'citizen' : 'system', facts, now);
    case 'dialing_seat':
    case 'ended': return endCall(call, 'failed', 'system', facts, now);
    default: return assertNever(call.state);
  }
}

const notReachedPrompt: Record<LegOutcome, string> = {
  answered: 'dial-unreachable', cancelled: 'dial-unreachable', unreachable: 'dial-unreachable',
  busy: 'dial-busy', declined: 'dial-rejected', no_answer: 'dial-no-answer',
};

/** The operator hears why. */
function partyNotReached(call: Call, leg: Leg, facts: QueueFacts, now: Date): Decision {
  const reached = leg.outcome ?? 'unreachable';
  const outcome: Outcome = reached === 'declined' ? 'rejected' : reached === 'answered' ? 'failed' : reached;
  const operator = legOf(call, 'operator');
  if (!operator) return endCall(call, outcome, 'system', facts, now);
  const decision = dismiss(call, operator, outcome, [notReachedPrompt[reached]]);
  return { ...decision, effects: [{ type: 'stop_ringing', channelId: operator.id }, ...decision.effects] };
}

function operatorLeft(call: Call, leg: Leg, facts: QueueFacts, now: Date): Decision {
  switch (call.state) {
    case 'ringing': return backToQueue(call, leg, facts, now);
    case 'talking': return endCall(call, 'answered', 'operator', facts, now);
    case 'dialing_seat': return endCall(call, 'seat_no_answer', 'operator', facts, now);
    case 'dialing_party': return endCall(call, 'cancelled', 'operator', facts, now);
    case 'dismissing': return endCall(call, call.outcome ?? 'failed', 'operator', facts, now);
    case 'greeting':
    case 'waiting':
    case 'ended': return { call, legs: [], changes: [], effects: [] };
    default: return assertNever(call.state);
  }
}

/** The seat did not take it: the citizen keeps the place in the queue, the seat is not ready with that reason. */
function backToQueue(call: Call, leg: Leg, facts: QueueFacts, now: Date): Decision {
  const reason = leg.outcome === 'busy' || leg.outcome === 'declined' ? 'declined' : leg.outcome === 'no_answer' ? 'no_answer' : 'unreachable';
  const announceAt = facts.announceEverySec > 0 ? new Date(now.getTime() + facts.announceEverySec * 1000) : null;
  return {
    call: { ...call, state: 'waiting', seatId: null, operatorId: null, ringingAt: null, ringDeadlineAt: null, announceAt },
    legs: [],
    changes: leg.seatId ? [{ type: 'seat', seatId: leg.seatId, event: { type: 'ring_failed', reason } }] : [],
    effects: [{ type: 'match_queue', queueId: call.queueId ?? '' }],
  };
}

/** Asterisk's own ring limit did not fire (events were lost): we end the ringing leg ourselves. */
function ringOverdue(call: Call, facts: QueueFacts, now: Date): Decision | null {
  if (!call.ringDeadlineAt || call.ringDeadlineAt > now) return null;
  const leg = call.legs.find((one) => one.state === 'dialing');
  if (!leg) return null;
  const decision = legEnded(call, leg.id, 19, facts, now);
  return decision && { ...decision, effects: [{ type: 'hang_up', channelId: leg.id, cause: 'normal' }, ...decision.effects] };
}

function hangUpOutcome(call: Call, by: EndedBy): Outcome {
  if (call.state === 'talking') return 'answered';
  if (call.outcome) return call.outcome;
  return call.direction === 'outbound' ? 'cancelled' : by === 'citizen' ? 'abandoned_queue' : 'failed';
}

/** Every leg is hung up, the seat goes into wrap-up or back, an unanswered citizen's case goes to callback. */
function endCall(call: Call, outcome: Outcome, endedBy: EndedBy, facts: QueueFacts, now: Date): Decision {
  const isOffer = call.state === 'ringing';
  const seatChange: SideChange[] = call.seatId
    ? [{ type: 'seat', seatId: call.seatId, event: isOffer ? { type: 'caller_left', callId: call.id } : { type: 'release', wrapUpSec: facts.wrapUpSec } }]
    : [];
  const isAbandoned = call.direction === 'inbound' && outcome !== 'answered';
  return {
    call: { ...call, state: 'ended', outcome, endedBy, endedAt: now, ringDeadlineAt: null, announceAt: null, playbackId: null,
      ...(isOffer ? { seatId: null, operatorId: null } : {}) },
    legs: call.legs.map((leg) => endLeg(leg, leg.outcome ?? 'cancelled', null, now)),
    changes: [...seatChange, ...(isAbandoned ? [{ type: 'case_abandoned' } as const] : [])],
    effects: [
      ...call.legs.map((leg) => ({ type: 'hang_up', channelId: leg.id, cause: 'normal' }) as const),
      ...(call.connectedAt ? [{ type: 'destroy_bridge' } as const, { type: 'store_recording' } as const] : []),
    ],
  };
}

/** A seat that answers in the moment the citizen hangs up: the leg leads nowhere and is hung up. */
function strayLeg(call: Call, event: CallEvent): Decision | null {
  if (event.type !== 'leg_answered') return null;
  return { call, legs: [], changes: [], effects: [{ type: 'hang_up', channelId: event.legId, cause: 'normal' }] };
}

function endLeg(leg: Leg, outcome: LegOutcome, cause: number | null, now: Date): Leg {
  return { ...leg, state: 'ended', endedAt: now, outcome, hangupCause: cause };
}

function withLeg(call: Call, leg: Leg): Call {
  return { ...call, legs: call.legs.map((one) => (one.id === leg.id ? leg : one)) };
}

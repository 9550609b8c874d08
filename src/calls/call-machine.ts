import { assertNever } from '../errors.ts';
import { legOf, withLeg, type Call, type EndedBy, type Outcome } from './call.ts';
import type { CallEvent, QueueFacts } from './call-event.ts';
import type { Decision } from './decision.ts';
import * as inbound from './inbound-machine.ts';
import { answerLeg, endLeg, legOutcome, type Leg } from './leg.ts';
import * as outbound from './outbound-machine.ts';
import { endCall } from './shared-machine.ts';

/** The call after `event`, or null when it changes nothing (late, doubled, or of another leg). */
export function nextCall(call: Call, event: CallEvent, facts: QueueFacts, now: Date): Decision | null {
  if (call.state === 'ended') return event.type === 'leg_answered' ? hangUpStray(call, event.legId) : null;
  switch (event.type) {
    case 'playback_finished': return event.playbackId === call.playbackId ? promptOver(call, facts, now) : null;
    case 'matched': return inbound.ringSeat(call, event, now);
    case 'announcement_due': return inbound.announcePlace(call, event, now);
    case 'leg_ringing': return legRinging(call, event.legId, now);
    case 'leg_answered': return legAnswered(call, event.legId, now);
    case 'leg_ended': return legEnded(call, event.legId, event.cause, { facts, now });
    case 'overdue': return overdue(call, facts, now);
    case 'hang_up': return hangUp(call, event.by, facts, now);
    default: return assertNever(event);
  }
}

function promptOver(call: Call, facts: QueueFacts, now: Date): Decision {
  if (call.state === 'greeting') return inbound.enterQueue(call, facts, now);
  if (call.state === 'dismissing') return endCall(call, { outcome: call.outcome ?? 'failed', by: 'system' }, facts, now);
  return inbound.resumeMusic(call, facts);
}

function legRinging(call: Call, legId: string, now: Date): Decision | null {
  const leg = call.legs.find((one) => one.id === legId);
  if (!leg || leg.state !== 'dialing' || leg.ringingAt) return null;
  const ringing = { ...leg, ringingAt: now };
  const isOffer = call.state === 'ringing' && leg.seatId !== null;
  return {
    call: withLeg(call, ringing),
    legs: [ringing],
    changes: isOffer ? [{ type: 'seat', seatId: leg.seatId, event: { type: 'ring', callId: call.id } }] : [],
    effects: [],
  };
}

function legAnswered(call: Call, legId: string, now: Date): Decision | null {
  const leg = call.legs.find((one) => one.id === legId);
  if (!leg) return hangUpStray(call, legId);
  if (leg.state !== 'dialing') return null;
  const up = answerLeg(leg, now);
  const answered = withLeg(call, up);
  if (call.state === 'ringing' && leg.role === 'operator') return inbound.seatAnswered(answered, up, now);
  if (call.state === 'dialing_seat' && leg.role === 'operator') return outbound.dialParty(answered, now);
  if (call.state === 'dialing_party' && leg.role === 'citizen') return outbound.partyAnswered(answered, up, now);
  return { ...hangUpStray(answered, legId), legs: [up] };
}

/** A leg that leads nowhere, such as a seat that answers in the moment the citizen hangs up. */
function hangUpStray(call: Call, legId: string): Decision {
  return { call, legs: [], changes: [], effects: [{ type: 'hang_up', channelId: legId, cause: 'normal' }] };
}

function legEnded(call: Call, legId: string, cause: number | null, { facts, now }: { facts: QueueFacts; now: Date }): Decision | null {
  const leg = call.legs.find((one) => one.id === legId);
  if (!leg) return null;
  const ended = endLeg(leg, leg.outcome ?? legOutcome(leg, cause), cause, now);
  const left: Call = { ...call, legs: call.legs.filter((one) => one.id !== legId) };
  const decision = legLeft(left, ended, facts, now);
  return { ...decision, legs: [ended, ...decision.legs] };
}

function legLeft(call: Call, leg: Leg, facts: QueueFacts, now: Date): Decision {
  if (call.direction === 'outbound') return leg.role === 'citizen' ? outbound.partyLeft(call, leg, facts, now) : outbound.operatorLeft(call, leg, facts, now);
  return leg.role === 'citizen' ? inbound.citizenLeft(call, facts, now) : inbound.seatLeft(call, leg, facts, now);
}

/** The event that ends a prompt or a ring was lost: we go on without it. */
function overdue(call: Call, facts: QueueFacts, now: Date): Decision | null {
  if (!call.deadlineAt || call.deadlineAt > now) return null;
  if (call.playbackId && (call.state === 'greeting' || call.state === 'dismissing')) {
    const decision = promptOver(call, facts, now);
    return { ...decision, effects: [{ type: 'stop_playback', playbackId: call.playbackId }, ...decision.effects] };
  }
  return dropLeg(call, call.legs.find((one) => one.state === 'dialing'), noAnswerCause, { facts, now });
}

/** Q.850: no answer, call rejected. */
const noAnswerCause = 19;
const declinedCause = 21;

/** We end a leg ourselves: as if it had ended by `cause`, and its channel is hung up. */
function dropLeg(call: Call, leg: Leg | undefined, cause: number, moment: { facts: QueueFacts; now: Date }): Decision | null {
  const decision = leg && legEnded(call, leg.id, cause, moment);
  return decision ? { ...decision, effects: [{ type: 'hang_up', channelId: leg.id, cause: 'normal' }, ...decision.effects] } : null;
}

/** An operator who hangs up before answering declines: that must never end the citizen's call. */
function hangUp(call: Call, by: EndedBy, facts: QueueFacts, now: Date): Decision | null {
  if (call.state === 'ringing' && by === 'operator') return dropLeg(call, legOf(call, 'operator'), declinedCause, { facts, now });
  return endCall(call, { outcome: hangUpOutcome(call, by), by }, facts, now);
}

function hangUpOutcome(call: Call, by: EndedBy): Outcome {
  if (call.state === 'talking' && by !== 'system') return 'answered';
  return call.outcome ?? (call.direction === 'outbound' && by !== 'system' ? 'cancelled' : 'failed');
}

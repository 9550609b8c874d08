import { assertNever } from '../errors.ts';
import { deskLeg, deskLines, isSpareLine, legOf, partiesOf, withLeg, withoutLeg, type Call, type EndedBy, type Outcome } from './call.ts';
import type { CallEvent, QueueFacts } from './call-event.ts';
import type { Decision } from './decision.ts';
import * as abuse from './abuse/abuse-machine.ts';
import * as callback from './callback/callback-machine.ts';
import * as inbound from './inbound/inbound-machine.ts';
import { answerLeg, droppedCause, endLeg, legOutcome, type Leg } from './leg.ts';
import * as line from './talking/line-machine.ts';
import * as menu from './menu/menu-machine.ts';
import * as outbound from './outbound/outbound-machine.ts';
import { endCall, hangUp as hangUpLeg, letGo, stopPlayback } from './lifecycle-machine.ts';
import * as surveying from './surveying/surveying-machine.ts';
import * as supervision from './supervision/supervision-machine.ts';
import * as talking from './talking/talking-machine.ts';

type Moment = { readonly facts: QueueFacts; readonly now: Date };

/** The call after `event`, or null when it changes nothing (late, doubled, or of another leg). */
export function nextCall(call: Call, event: CallEvent, facts: QueueFacts, now: Date): Decision | null {
  if (call.state === 'ended') return event.type === 'leg_answered' ? hangUpStray(call, event.legId) : null;
  const own = supervision.nextOfSupervisor(call, event, now);
  if (own) return own.decision;
  const heir = supervision.heirOf(call, event);
  if (event.type === 'take_over' && !heir) return null;
  const course = heir ? supervision.promote(call, heir) : partiesOf(call);
  const decision = nextOfParties(course, event, facts, now);
  if (!decision) return null;
  return heir ? supervision.inherit(call, course, decision) : supervision.follow(call, decision, now);
}

function nextOfParties(call: Call, event: CallEvent, facts: QueueFacts, now: Date): Decision | null {
  if ('deskId' in event && !isOfDesk(call, event.deskId)) return null;
  switch (event.type) {
    case 'playback_finished': return event.playbackId === call.playbackId ? promptOver(call, facts, now) : null;
    case 'matched': return inbound.ringSeat(call, event, now);
    case 'announcement_due': return inbound.announcePlace(call, event, now);
    case 'overflow_due': return inbound.passOn(call, facts, now);
    case 'leg_ringing': return legRinging(call, event.legId, now);
    case 'leg_answered': return legAnswered(call, event.legId, { facts, now });
    case 'leg_ended': return legEnded(call, event.legId, event.cause, { facts, now });
    case 'digit': return pressKey(call, event, { facts, now });
    case 'callback_offered': return callback.offerCallback(call, event.playbackId, now);
    case 'callback_settled': return callback.settle(call, facts, now);
    case 'callback_cancelled': return callback.cancel(call, facts, now);
    case 'hold': return talking.hold(call, facts);
    case 'join': return talking.join(call, facts);
    case 'switch': return talking.switchTo(call, event.legId, facts);
    case 'consult': return talking.consult(call, event, facts, now);
    case 'drop': return dropParty(call, event.legId, { facts, now });
    case 'leave': return leave(call, event.askedBy, { facts, now });
    case 'phone_hold': return line.phoneHold(call, event.legId, { facts, now });
    case 'phone_resume': return line.phoneResume(call, event.legId, { facts, now });
    case 'second_line': return line.dialOnSecondLine(call, event, { facts, now });
    case 'transfer': return transfer(call, event, { facts, now });
    case 'take_over': return leave(call, undefined, { facts, now });
    case 'abuse': return abuse.flagAbuse(call, event, facts, now);
    case 'abuse_goodbye': return abuse.sayGoodbye(call, facts, now);
    case 'supervise':
    case 'supervision_mode':
    case 'supervision_ended': return null; // the supervisor's own, decided before
    case 'pause_recording': return talking.pauseRecording(call, event);
    case 'resume_recording': return talking.resumeRecording(call, event);
    case 'overdue': return overdue(call, facts, now);
    case 'hang_up': return isThere(call, event.askerId) ? hangUp(call, event.by, facts, now) : null;
    default: return assertNever(event);
  }
}

function promptOver(call: Call, facts: QueueFacts, now: Date): Decision | null {
  if (callback.isOnItsWay(call)) return callback.promptOver(call, facts, now);
  if (call.state === 'greeting') return menu.leadOn(call, facts, now);
  if (call.state === 'menu') return menu.menuPromptOver(call, facts, now);
  if (call.state === 'surveying') return surveying.questionHeard(call, now);
  if (call.state === 'dismissing') return endCall(call, { outcome: call.outcome ?? 'failed', by: call.endedBy ?? 'system' }, facts, now);
  return isTalking(call) ? talking.whyWasTold(call, facts, now) : inbound.resumeMusic(call, facts);
}

function pressKey(call: Call, event: CallEvent & { type: 'digit' }, { facts, now }: Moment): Decision | null {
  if (call.state === 'menu') return menu.pressKey(call, event, facts, now);
  return call.state === 'surveying' ? surveying.pressKey(call, event, facts, now) : callback.pressKey(call, event, facts, now);
}

/** Keys of another party's phone place nobody, nor does a screen whose operator has just left. */
function isOfDesk(call: Call, legId: string | undefined): boolean {
  return legId === undefined || deskLines(call).some((leg) => leg.id === legId);
}

function isThere(call: Call, legId: string | undefined): boolean {
  return legId === undefined || call.legs.some((leg) => leg.id === legId);
}

function isTalking(call: Call): boolean {
  return call.state === 'talking' || call.state === 'transferring';
}

function legRinging(call: Call, legId: string, now: Date): Decision | null {
  const leg = call.legs.find((one) => one.id === legId);
  if (!leg || leg.state !== 'dialing' || leg.ringingAt) return null;
  const ringing = { ...leg, ringingAt: now };
  const isOffer = (call.state === 'ringing' || isTalking(call)) && leg.seatId !== null;
  return {
    call: withLeg(call, ringing),
    legs: [ringing],
    changes: isOffer ? [{ type: 'seat', seatId: leg.seatId, event: { type: 'ring', callId: call.id } }] : [],
    effects: [],
  };
}

function legAnswered(call: Call, legId: string, { facts, now }: Moment): Decision | null {
  const leg = call.legs.find((one) => one.id === legId);
  if (!leg) return hangUpStray(call, legId);
  if (leg.state !== 'dialing') return null;
  const up = answerLeg(leg, now);
  const answered = withLeg(call, up);
  if (callback.isOnItsWay(call)) return callback.legAnswered(answered, up, now) ?? { ...hangUpStray(answered, legId), legs: [up] };
  if (call.state === 'ringing' && leg.role === 'operator') return inbound.seatAnswered(answered, up, now);
  if (call.state === 'dialing_seat' && leg.role === 'operator') return outbound.dialParty(answered, now);
  if (surveying.isSurvey(call)) return surveying.citizenAnswered(answered, up, now);
  if (call.state === 'dialing_party' && leg.role === 'citizen') return outbound.partyAnswered(answered, up, now);
  if (menu.isDirect(call)) return menu.unitAnswered(call, answered, up, { facts, now });
  if (isTalking(call)) return talking.partyAnswered(call, answered, up, facts);
  return { ...hangUpStray(answered, legId), legs: [up] };
}

/** A leg that leads nowhere, such as a seat that answers in the moment the citizen hangs up. */
function hangUpStray(call: Call, legId: string): Decision {
  return { call, legs: [], changes: [], effects: [{ type: 'hang_up', channelId: legId, cause: 'normal' }] };
}

function legEnded(call: Call, legId: string, cause: number | null, { facts, now }: Moment): Decision | null {
  const leg = call.legs.find((one) => one.id === legId);
  if (!leg) return null;
  const ended = endLeg(leg, leg.outcome ?? legOutcome(leg, cause), cause, now);
  const decision = menu.isDirect(call) ? menu.directLeft(call, ended, { facts, now }) : legGone(call, ended, leg, { facts, now });
  return { ...decision, legs: [ended, ...decision.legs], changes: [...letGo(call, leg, ended.outcome, facts.wrapUpSec), ...decision.changes] };
}

function legGone(call: Call, ended: Leg, was: Leg, moment: Moment): Decision {
  if (!isTalking(call)) return legLeft(withoutLeg(call, was.id), ended, moment.facts, moment.now);
  const lines = deskLines(call);
  if (lines.length > 1 && lines.includes(was)) return line.lineLeft(call, ended, moment);
  return talking.partyLeft(call, ended, was.state === 'up', moment);
}

function legLeft(call: Call, leg: Leg, facts: QueueFacts, now: Date): Decision {
  if (callback.isOnItsWay(call)) return callback.legLeft(call, leg, facts, now);
  if (call.state === 'surveying') return surveying.citizenLeft(call, facts, now);
  // A citizen who was called back and whom the next party did not take waits like a caller.
  const isQueued = call.state === 'waiting' || call.state === 'ringing';
  if (call.direction === 'outbound' && !isQueued) return leg.role === 'citizen' ? outbound.partyLeft(call, leg, facts, now) : outbound.operatorLeft(call, leg, facts, now);
  return leg.role === 'citizen' ? inbound.citizenLeft(call, facts, now) : inbound.seatLeft(call, facts, now);
}

/** The event that ends a prompt or a ring was lost: we go on without it. */
function overdue(call: Call, facts: QueueFacts, now: Date): Decision | null {
  if (!call.deadlineAt || call.deadlineAt > now) return null;
  if (call.state === 'menu' && !call.playbackId) return menu.menuSilence(call, facts, now);
  if (call.state === 'surveying' && !call.playbackId) return surveying.silence(call, facts, now);
  if (call.playbackId && (call.state === 'greeting' || call.state === 'menu' || call.state === 'dismissing' || call.state === 'confirming' || call.state === 'surveying' || isTalking(call))) {
    const decision = promptOver(call, facts, now);
    return decision && { ...decision, effects: [...stopPlayback(call), ...decision.effects] };
  }
  if (call.state === 'confirming') return callback.askAgain(call, now) ?? dropLeg(call, legOf(call, 'citizen'), normalCause, { facts, now });
  return dropLeg(call, call.legs.find((one) => one.state === 'dialing'), noAnswerCause, { facts, now });
}

/** The operator ends one party's leg; the own one is left by `leave`, and the citizen's ends the call only by `hang_up`. */
function dropParty(call: Call, legId: string, moment: Moment): Decision | null {
  const leg = call.legs.find((one) => one.id === legId);
  if (!isTalking(call) || !leg || leg.role === 'citizen' || leg === deskLines(call)[0]) return null;
  return dropLeg(call, leg, leg.state === 'up' ? normalCause : droppedCause, moment);
}

/** Blind transfer: the party is dialled and the operator leaves the citizen to it at once. */
function transfer(call: Call, event: CallEvent & { type: 'transfer' }, moment: Moment): Decision | null {
  const { legId, party, askedBy } = event;
  if (!legOf(call, 'citizen')) return null;
  const dialled = talking.consult(call, { type: 'consult', legId, party, isHolding: true }, moment.facts, moment.now);
  const left = dialled && leave(dialled.call, askedBy, moment);
  return dialled && left && inTurn(dialled, left);
}

/** The operator leaves, with every line of the phone; the others go on. A phone that asked for it is told before it is hung up. */
function leave(call: Call, askedBy: string | undefined, moment: Moment): Decision | null {
  const desk = isTalking(call) ? deskLeg(call) : undefined;
  if (!desk) return null;
  const spare = call.legs.find((leg) => isSpareLine(call, leg));
  const without: Decision = {
    call: spare ? withoutLeg(call, spare.id) : call, legs: spare ? [endLeg(spare, 'answered', normalCause, moment.now)] : [], changes: [],
    effects: [...(askedBy ? [{ type: 'answer_transfer', channelId: askedBy } as const] : []),
      ...(spare ? [hangUpLeg(spare)] : [])],
  };
  const left = dropLeg(without.call, desk, normalCause, moment);
  return left && inTurn(without, left);
}

/** Two decisions, the second on what the first made of the call. */
function inTurn(first: Decision, then: Decision): Decision {
  const legs = new Map([...first.legs, ...then.legs].map((leg) => [leg.id, leg]));
  return { call: then.call, legs: [...legs.values()], changes: [...first.changes, ...then.changes], effects: [...first.effects, ...then.effects] };
}

/** Q.850: normal clearing, no answer, call rejected. */
const normalCause = 16;
const noAnswerCause = 19;
const declinedCause = 21;

/** We end a leg ourselves: as if it had ended by `cause`, and its channel is hung up. */
function dropLeg(call: Call, leg: Leg | undefined, cause: number, moment: Moment): Decision | null {
  const decision = leg && legEnded(call, leg.id, cause, moment);
  return decision ? { ...decision, effects: [hangUpLeg(leg), ...decision.effects] } : null;
}

/** An operator who hangs up before answering declines: that must never end the citizen's call. */
function hangUp(call: Call, by: EndedBy, facts: QueueFacts, now: Date): Decision | null {
  if (call.state === 'ringing' && by === 'operator') return dropLeg(call, legOf(call, 'operator'), declinedCause, { facts, now });
  // An operator leaves a callback; it stays in its place.
  const operator = legOf(call, 'operator');
  if (callback.isOnItsWay(call) && by === 'operator' && operator) return dropLeg(call, operator, normalCause, { facts, now });
  const rating = call.state === 'talking' && by === 'operator' ? surveying.askForMark(call, { facts, by, now }) : null;
  return rating ?? endCall(call, { outcome: hangUpOutcome(call, by), by }, facts, now);
}

function hangUpOutcome(call: Call, by: EndedBy): Outcome {
  if (isTalking(call) && !menu.isDirect(call) && by !== 'system') return 'answered';
  return call.outcome ?? (call.direction === 'outbound' && by !== 'system' ? 'cancelled' : 'failed');
}

import { inVainOutcomes, kindOf, legOf, requireLeg, withLegs, type Call, type Outcome } from '../call.ts';
import type { CallEvent, QueueFacts } from '../call-event.ts';
import type { Decision } from '../decision.ts';
import { endLeg, newLeg, type Leg } from '../leg.ts';
import { dialTimeoutSec, notReachedPrompt, outcomeOf } from '../outbound/outbound-machine.ts';
import { connect, dismiss, endCall, hangUp, inSec, letAllGo, promptDeadline, ringDeadline, stopPlayback } from '../lifecycle-machine.ts';

/*
 * A caller who does not want to wait presses 1: that call ends, and a new one (`callbackOf`) waits in its place, without a leg. So does one for whoever
 * hung up before anybody answered, behind all who are on the line.
 *   waiting        offered to a seat like any caller, from `retryAt` on
 *   ringing        one seat rings                                     not answered: waiting, no try counted
 *   dialing_party  the operator hears ringing, the citizen is dialled answered: confirming; else dismissing
 *   confirming     the citizen alone is asked to press 1              1: talking; no 1: dismissing
 *   dismissing     the operator hears why nobody is there             its end: waiting again, or ended after the last try
 *   talking        from here on it is a call like any other
 * The row keeps `queuedAt` and `priority` whatever happens: they are the place.
 */

/** How often a citizen is tried to be reached before the case goes to those who call back by hand. */
export const maxAttempts = 3;
/** The pause before the next try, seconds: long enough to end another call or to come back to the phone. */
const retryPauseSec = 300;
/** How long after each question the key is waited for, seconds. */
const keyWaitSec = 5;
/** How often the citizen is asked in one try; a voicemail listens to all of it. */
const maxAsked = 3;

export const offerPrompt = 'callback-offer';

/** Still on the way to the citizen: this file's rules hold. */
export function isOnItsWay(call: Call): boolean {
  return call.callbackOf !== null && call.connectedAt === null && call.state !== 'ended';
}

/** A number the city's telephones can dial, of somebody who called us. */
function canBeCalledBack(call: Call): boolean {
  return call.direction === 'inbound' && call.callerNumber !== null && (call.callerKind === 'mobile' || call.callerKind === 'landline');
}

/** Ended before anybody answered, by somebody who can be dialled: called back by itself (漏接回拨). */
export function isMissed(call: Call): boolean {
  return canBeCalledBack(call) && call.queueId !== null && call.connectedAt === null && call.outcome !== null && inVainOutcomes.includes(call.outcome);
}

/** Once a call; later announcements of the place repeat it. */
export function offerCallback(call: Call, playbackId: string, now: Date): Decision | null {
  if (call.state !== 'waiting' || call.callbackOfferedAt || call.playbackId || !canBeCalledBack(call)) return null;
  return {
    call: { ...call, callbackOfferedAt: now, playbackId },
    legs: [],
    changes: [],
    effects: [{ type: 'play', channelId: requireLeg(call, 'citizen').id, playbackId, prompts: [offerPrompt] }],
  };
}

/** The key 1 of the citizen's phone: asks for a callback that was offered, or takes one. Any other key does nothing. */
export function pressKey(call: Call, event: CallEvent & { type: 'digit' }, facts: QueueFacts, now: Date): Decision | null {
  if (event.digit !== '1' || event.legId !== legOf(call, 'citizen')?.id) return null;
  if (call.state === 'confirming') return takeCallback(call, now);
  const isWaiting = call.state === 'waiting' || call.state === 'ringing';
  return call.callbackOfferedAt && isWaiting ? requestCallback(call, facts, now) : null;
}

/**
 * The caller hears that the place is kept, and the call ends; who waits in the place is the call made by `callback_requested`.
 * For a caller without a place yet, in a menu, the place is now. Null for whom it is not possible.
 */
export function requestCallback(call: Call, facts: QueueFacts, now: Date): Decision | null {
  const citizen = legOf(call, 'citizen');
  if (!citizen || !call.queueId || !canBeCalledBack(call)) return null;
  // A seat that rings for the caller is free again, and the first to be offered the callback.
  const seats = call.legs.filter((leg) => leg !== citizen);
  const alone = { ...withLegs(call, [citizen]), seatId: null, operatorId: null, ringingAt: null, menu: null };
  const message = dismiss(alone, { hearer: citizen, outcome: 'callback_requested', prompts: ['callback-promised'] }, now);
  return {
    ...message,
    legs: seats.map((leg) => endLeg(leg, 'cancelled', null, now)),
    changes: [...letAllGo(call, seats, facts.wrapUpSec), { type: 'callback_requested' }],
    effects: [...seats.map(hangUp), ...stopPlayback(call), { type: 'stop_music', channelId: citizen.id }, ...message.effects],
  };
}

/** A leg answered; `call` has it up. Null for one that leads nowhere. */
export function legAnswered(call: Call, leg: Leg, now: Date): Decision | null {
  if (call.state === 'ringing' && leg.role === 'operator') return dialCitizen(call, leg, now);
  if (call.state !== 'dialing_party' || leg.role !== 'citizen') return null;
  const question = ask(call, now);
  return { ...question, legs: [leg] };
}

function dialCitizen(call: Call, operator: Leg, now: Date): Decision {
  // A name of its own for each try, so that the end of an earlier one is not taken for this one's.
  const party = newLeg({ id: `${call.id}-party-${call.version}`, role: 'citizen', number: call.calledNumber }, now);
  return {
    call: { ...call, state: 'dialing_party', answeredAt: now, retryAt: null, deadlineAt: ringDeadline(dialTimeoutSec, now), legs: [...call.legs, party] },
    legs: [operator, party],
    changes: operator.seatId ? [{ type: 'seat', seatId: operator.seatId, event: { type: 'answer', callId: call.id } }] : [],
    effects: [
      { type: 'start_ringing', channelId: operator.id },
      { type: 'dial_number', channelId: party.id, number: call.calledNumber, timeoutSec: dialTimeoutSec },
    ],
  };
}

/** The operator goes on hearing the ringing. */
function ask(call: Call, now: Date): Decision {
  const playbackId = `${call.id}-confirm-${call.version}`;
  return {
    call: { ...call, state: 'confirming', asked: call.asked + 1, playbackId, deadlineAt: promptDeadline(now) },
    legs: [],
    changes: [],
    effects: [{ type: 'play', channelId: requireLeg(call, 'citizen').id, playbackId, prompts: [kindOf(call) === 'missed_callback' ? 'missed-confirm' : 'callback-confirm'] }],
  };
}

/** The question was not answered in time: asked once more, or null when it was asked often enough. */
export function askAgain(call: Call, now: Date): Decision | null {
  return call.asked < maxAsked ? ask(call, now) : null;
}

function takeCallback(call: Call, now: Date): Decision {
  const talk = connect({ ...call, asked: 0 }, requireLeg(call, 'citizen'), now);
  return { ...talk, effects: [...stopPlayback(call), { type: 'stop_ringing', channelId: requireLeg(call, 'operator').id }, ...talk.effects] };
}

/** A prompt of ours is over: the citizen's key is waited for, or the operator knows why nobody is there. */
export function promptOver(call: Call, facts: QueueFacts, now: Date): Decision {
  if (call.state === 'dismissing') return endTry(call, facts, now);
  return { call: { ...call, playbackId: null, deadlineAt: inSec(keyWaitSec, now) }, legs: [], changes: [], effects: [] };
}

/** `call` is without the leg that left. */
export function legLeft(call: Call, leg: Leg, facts: QueueFacts, now: Date): Decision {
  return leg.role === 'citizen' ? citizenLeft(call, leg, now) : operatorLeft(call, facts, now);
}

/** The operator hears why. A channel of which nothing was ever heard is our own loss, found later: no try of the citizen's. */
function citizenLeft(call: Call, leg: Leg, now: Date): Decision {
  const operator = requireLeg(call, 'operator');
  const reached = leg.outcome ?? 'unreachable';
  const outcome = call.state === 'confirming' ? 'not_confirmed' : outcomeOf(reached);
  const wasTried = leg.ringingAt !== null || leg.answeredAt !== null || leg.hangupCause !== null;
  const counted = wasTried ? countTry(call, now) : call;
  const prompts = [outcome === 'not_confirmed' ? 'callback-not-confirmed' : notReachedPrompt[reached]];
  const message = dismiss(counted, { hearer: operator, outcome, prompts }, now);
  return { ...message, changes: wasTried ? [{ type: 'callback_tried', outcome }] : [], effects: [{ type: 'stop_ringing', channelId: operator.id }, ...message.effects] };
}

function countTry(call: Call, now: Date): Call {
  return { ...call, attempts: call.attempts + 1, retryAt: inSec(retryPauseSec, now) };
}

/** An operator who gives up before the citizen's phone rang has tried nothing. */
function operatorLeft(call: Call, facts: QueueFacts, now: Date): Decision {
  const citizen = legOf(call, 'citizen');
  if (!citizen || (!citizen.ringingAt && citizen.state !== 'up')) return endTry(call, facts, now);
  const outcome: Outcome = 'cancelled';
  const over = endTry({ ...countTry(call, now), outcome }, facts, now);
  return { ...over, changes: [{ type: 'callback_tried', outcome }, ...over.changes] };
}

/** Whoever is still there is hung up; the row waits in its place, or ends after the last try. */
function endTry(call: Call, facts: QueueFacts, now: Date): Decision {
  if (call.attempts >= maxAttempts) return endCall(call, { outcome: call.outcome ?? 'cancelled', by: 'system' }, facts, now);
  return {
    call: { ...withLegs(call, []), state: 'waiting', outcome: null, seatId: null, operatorId: null, answeredAt: null, ringingAt: null,
      deadlineAt: null, announceAt: null, playbackId: null, asked: 0 },
    legs: call.legs.map((leg) => endLeg(leg, leg.outcome ?? 'cancelled', null, now)),
    changes: letAllGo(call, call.legs, facts.wrapUpSec),
    effects: [...stopPlayback(call), ...call.legs.map(hangUp)],
  };
}

/** The citizen called again: that call takes the place. A seat that was busy with this one is free for it at once. */
export function settle(call: Call, facts: QueueFacts, now: Date): Decision | null {
  return isOnItsWay(call) ? endCall(call, { outcome: 'settled', by: 'citizen' }, { ...facts, wrapUpSec: 0 }, now) : null;
}

/** Whoever manages seats takes it out of the queue; the case goes to those who call back by hand. */
export function cancel(call: Call, facts: QueueFacts, now: Date): Decision | null {
  return isOnItsWay(call) ? endCall(call, { outcome: 'cancelled', by: 'supervisor' }, facts, now) : null;
}

import { requireLeg, type Call, type EndedBy, type Outcome } from './call.ts';
import type { QueueFacts } from './call-event.ts';
import type { Decision } from './decision.ts';
import type { Effect, SideChange } from './effect.ts';
import { endLeg, type Leg, type LegOutcome } from './leg.ts';

/** No prompt plays longer, seconds: above the longest greeting a city records, else it would be cut. */
const promptLimitSec = 120;
/** Asterisk ends a ring by its own limit; this much later we take the event of that as lost, seconds. */
const ringGraceSec = 5;

export function inSec(seconds: number, now: Date): Date {
  return new Date(now.getTime() + seconds * 1000);
}

export function promptDeadline(now: Date): Date {
  return inSec(promptLimitSec, now);
}

export function ringDeadline(timeoutSec: number, now: Date): Date {
  return inSec(timeoutSec + ringGraceSec, now);
}

/** The prompt that plays on the call, if any, ends. */
export function stopPlayback(call: Call): Effect[] {
  return call.playbackId === null ? [] : [{ type: 'stop_playback', playbackId: call.playbackId }];
}

export function hangUp(leg: Leg): Effect {
  return { type: 'hang_up', channelId: leg.id, cause: 'normal' };
}

/** A last message, after which the call ends with `outcome`. */
export function dismiss(call: Call, message: { hearer: Leg; outcome: Outcome; prompts: readonly string[] }, now: Date): Decision {
  const playbackId = `${call.id}-last`;
  const channelId = message.hearer.id;
  return {
    call: { ...call, state: 'dismissing', outcome: message.outcome, announceAt: null, overflowAt: null, deadlineAt: promptDeadline(now), playbackId },
    legs: [],
    changes: [],
    effects: [{ type: 'answer', channelId }, { type: 'play', channelId, playbackId, prompts: message.prompts }],
  };
}

/** Both are there: one bridge, one recording, and the operator owns the case. What the one who waited hears is stopped by the caller. */
export function connect(call: Call, newcomer: Leg, now: Date): Decision {
  const citizen = requireLeg(call, 'citizen');
  const operator = requireLeg(call, 'operator');
  return {
    call: { ...call, state: 'talking', connectedAt: call.connectedAt ?? now, deadlineAt: null, announceAt: null, overflowAt: null, playbackId: null },
    legs: [newcomer],
    changes: call.operatorId ? [{ type: 'case_owned', operatorId: call.operatorId }] : [],
    effects: [{ type: 'bridge', channelIds: [citizen.id, operator.id] }, { type: 'record', channelId: citizen.id }],
  };
}

/**
 * What the end of a leg means to its seat: free again when it was only offered the call, not ready when it did not take it,
 * wrap-up when it was on it. `leg` is as before its end; `outcome` is null when we ended it.
 */
export function letGo(call: Call, leg: Leg, outcome: LegOutcome | null, wrapUpSec: number): SideChange[] {
  if (leg.role !== 'operator' || leg.seatId === null) return [];
  const { seatId } = leg;
  // Its other line holds the seat.
  if (call.legs.some((one) => one.id !== leg.id && one.role === 'operator' && one.seatId === seatId)) return [];
  const callId = call.id;
  const isOwnPhone = call.state === 'dialing_seat';
  const isOffered = leg.state === 'dialing' && !isOwnPhone;
  if (!isOffered) return [{ type: 'seat', seatId, event: { type: 'release', callId, wrapUpSec } }];
  if (outcome === null || outcome === 'cancelled') return [{ type: 'seat', seatId, event: { type: 'caller_left', callId } }];
  const reason = outcome === 'busy' || outcome === 'declined' ? 'declined' : outcome === 'no_answer' ? 'no_answer' : 'unreachable';
  return [{ type: 'seat', seatId, event: { type: 'ring_failed', callId, reason } }];
}

/** The same for several legs that end at once; a seat with two lines is released once. */
export function letAllGo(call: Call, legs: readonly Leg[], wrapUpSec: number): SideChange[] {
  return legs.flatMap((leg, index) => letGo({ ...call, legs: legs.slice(index) }, leg, null, wrapUpSec));
}

/**
 * What the end of a call from a citizen means to its case: to be called back when nobody spoke with the citizen, done when the
 * menus told what was asked. A talk with a unit alone is asked about by the callback group: none of us heard it.
 */
function caseAfter(call: Call, outcome: Outcome): SideChange[] {
  if ((call.direction !== 'inbound' && call.callbackOf === null) || outcome === 'settled') return [];
  if (outcome === 'informed') return [{ type: 'case_informed' }];
  if (outcome !== 'answered') return [{ type: 'case_abandoned' }];
  return call.operatorId === null ? [{ type: 'case_to_survey' }] : [];
}

/** Every leg is hung up, each seat goes into wrap-up or back, the case of a citizen nobody spoke with goes to callback. */
export function endCall(call: Call, end: { outcome: Outcome; by: EndedBy }, facts: QueueFacts, now: Date): Decision {
  const isOffer = call.state === 'ringing';
  return {
    call: { ...call, state: 'ended', menu: null, outcome: end.outcome, endedBy: end.by, endedAt: now, deadlineAt: null, announceAt: null, overflowAt: null, playbackId: null,
      ...(isOffer ? { seatId: null, operatorId: null } : {}) },
    legs: call.legs.map((leg) => endLeg(leg, leg.outcome ?? 'cancelled', null, now)),
    changes: [...letAllGo(call, call.legs, facts.wrapUpSec), ...caseAfter(call, end.outcome)],
    effects: [
      ...call.legs.map(hangUp),
      ...(call.connectedAt ? [{ type: 'destroy_bridge' } as const, { type: 'store_recording' } as const] : []),
    ],
  };
}

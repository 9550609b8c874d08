import { assertNever } from '../../errors.ts';
import { legOf, requireLeg, type Call } from '../call.ts';
import { offerPrompt } from '../callback/callback-machine.ts';
import type { CallEvent, Entrance, QueueFacts } from '../call-event.ts';
import type { Decision } from '../decision.ts';
import type { Effect, SideChange } from '../effect.ts';
import { newLeg, type Leg } from '../leg.ts';
import { positionPrompts, waitPrompts } from '../waiting/position-rules.ts';
import type { RefusalReason } from '../../routing/entrance-rules.ts';
import { nextTold } from '../waiting/wait-rules.ts';
import { connect, dismiss, endCall, inSec, promptDeadline, ringDeadline, stopPlayback } from '../lifecycle-machine.ts';

/** The citizen hears the recording notice and the greeting. */
export function greet(call: Call, prompts: readonly string[], now: Date): Decision {
  const playbackId = `${call.id}-greeting`;
  return {
    call: { ...call, playbackId, deadlineAt: promptDeadline(now) },
    legs: [],
    changes: [],
    effects: [{ type: 'play', channelId: requireLeg(call, 'citizen').id, playbackId, prompts }],
  };
}

/** Into the queue, or a last message when it is full or nobody is there. Also the first step where no greeting plays. */
export function enterQueue(call: Call, facts: QueueFacts, now: Date): Decision {
  const citizen = requireLeg(call, 'citizen');
  // Facts of another queue than the call's own tell nothing of it.
  const entrance = facts.entrance?.start === call.queueId ? facts.entrance : null;
  const routed = entrance ? { ...call, queueId: entrance.queueId, queuePath: entrance.path, priority: entrance.priority } : call;
  const changes = hopChanges(entrance);
  if (entrance?.refusal) return { ...refuse(routed, citizen, entrance.refusal, now), changes };
  return {
    call: { ...routed, state: 'waiting', queuedAt: now, ...waitFrom(facts, now), deadlineAt: null, playbackId: null },
    legs: [],
    changes,
    effects: [{ type: 'start_music', channelId: citizen.id, musicClass: facts.musicClass }],
  };
}

function hopChanges(entrance: Entrance | null): SideChange[] {
  return (entrance?.hops ?? []).map((hop) => ({ type: 'queue_passed_on', hop }));
}

const refusalPrompts: Record<RefusalReason, string> = { closed: 'closed', queue_full: 'queue-full', nobody_signed_in: 'nobody-signed-in' };

function refuse(call: Call, hearer: Leg, refusal: RefusalReason, now: Date): Decision {
  return dismiss(call, { hearer, outcome: refusal, prompts: [refusalPrompts[refusal]] }, now);
}

/** A number that is blocked hears so; no queue, no case. */
export function block(call: Call, now: Date): Decision {
  return dismiss(call, { hearer: requireLeg(call, 'citizen'), outcome: 'blocked', prompts: ['blocked'] }, now);
}

/** A queue that passes nobody on at once is asked again after so long, seconds. */
const overflowAgainSec = 30;

/**
 * The caller goes to the end of no line: place in time and priority stay. Without a queue that takes the call the caller stays,
 * unless nobody is there at all: then a citizen hears so, and a call that has no citizen on the line yet stays.
 */
export function passOn(call: Call, facts: QueueFacts, now: Date): Decision | null {
  const { entrance } = facts;
  if (call.state !== 'waiting' || !entrance) return null;
  const citizen = legOf(call, 'citizen');
  if (entrance.refusal) return citizen ? stopped(call, refuse(call, citizen, entrance.refusal, now)) : null;
  if (entrance.queueId === call.queueId) {
    const overflowAt = facts.overflowAfterSec === null ? null : inSec(Math.max(facts.overflowAfterSec, overflowAgainSec), now);
    return { call: { ...call, overflowAt }, legs: [], changes: [], effects: [] };
  }
  // A place that is being told is told to the end, and the music after it is the new queue's.
  const music: Effect[] = citizen && !call.playbackId ? [{ type: 'start_music', channelId: citizen.id, musicClass: facts.musicClass }] : [];
  const waits = citizen ? waitFrom(facts, now) : { ...waitFrom(facts, now), announceAt: null };
  return { call: { ...call, queueId: entrance.queueId, queuePath: entrance.path, toldWait: null, ...waits }, legs: [], changes: hopChanges(entrance), effects: music };
}

/** What plays to the citizen ends before the last message. */
function stopped(call: Call, decision: Decision): Decision {
  return { ...decision, effects: [...stopPlayback(call), { type: 'stop_music', channelId: requireLeg(call, 'citizen').id }, ...decision.effects] };
}

/** What is due while a caller waits, from the moment of coming into the queue. */
export function waitFrom(facts: QueueFacts, now: Date): Pick<Call, 'announceAt' | 'overflowAt'> {
  return { announceAt: nextAnnouncement(facts.announceEverySec, now), overflowAt: facts.overflowAfterSec === null ? null : inSec(facts.overflowAfterSec, now) };
}

export function nextAnnouncement(everySec: number, now: Date): Date | null {
  return everySec > 0 ? inSec(everySec, now) : null;
}

export function announcePlace(call: Call, event: CallEvent & { type: 'announcement_due' }, now: Date): Decision | null {
  const citizen = legOf(call, 'citizen');
  if (call.state !== 'waiting' || !citizen || !call.announceAt || call.announceAt > now) return null;
  const told = event.wait && nextTold(call.toldWait, event.wait);
  return {
    call: { ...call, toldWait: told ?? call.toldWait, playbackId: event.playbackId, announceAt: nextAnnouncement(event.everySec, now) },
    legs: [],
    changes: [],
    effects: [...stopPlayback(call), { type: 'play', channelId: citizen.id, playbackId: event.playbackId,
      prompts: [...positionPrompts(event.position, call.language), ...waitPrompts(told?.waitSec ?? 0, call.language), ...(call.callbackOfferedAt ? [offerPrompt] : [])] }],
  };
}

/** The place was told; the music goes on, also while a seat rings. */
export function resumeMusic(call: Call, facts: QueueFacts): Decision {
  const citizen = legOf(call, 'citizen');
  const isWaiting = call.state === 'waiting' || call.state === 'ringing';
  const effects: Effect[] = citizen && isWaiting ? [{ type: 'start_music', channelId: citizen.id, musicClass: facts.musicClass }] : [];
  return { call: { ...call, playbackId: null }, legs: [], changes: [], effects };
}

export function ringSeat(call: Call, match: CallEvent & { type: 'matched' }, now: Date): Decision | null {
  if (call.state !== 'waiting') return null;
  const { seatId, operatorId, ringTimeoutSec } = match;
  const leg = newLeg({ id: match.legId, role: 'operator', seatId, operatorId }, now);
  return {
    call: { ...call, state: 'ringing', seatId, operatorId, ringingAt: now, deadlineAt: ringDeadline(ringTimeoutSec, now), legs: [...call.legs, leg] },
    legs: [leg],
    changes: [{ type: 'seat', seatId, event: { type: 'reserve', callId: call.id } }],
    effects: [{ type: 'ring_seat', channelId: leg.id, seatId, callerNumber: (call.direction === 'outbound' ? call.calledNumber : call.callerNumber) ?? '', timeoutSec: ringTimeoutSec }],
  };
}

/** The seat took it: music and announcement stop, the two talk. */
export function seatAnswered(call: Call, seat: Leg, now: Date): Decision {
  const talk = connect(call, seat, now);
  const quiet: Effect[] = [{ type: 'stop_music', channelId: requireLeg(call, 'citizen').id }];
  return {
    ...talk,
    changes: [...(call.seatId ? [{ type: 'seat', seatId: call.seatId, event: { type: 'answer', callId: call.id } } as const] : []), ...talk.changes],
    effects: [...stopPlayback(call), ...quiet, ...talk.effects],
  };
}

/** `call` is without the leg that left. */
export function citizenLeft(call: Call, facts: QueueFacts, now: Date): Decision {
  switch (call.state) {
    case 'greeting': return endCall(call, { outcome: 'abandoned_greeting', by: 'citizen' }, facts, now);
    case 'menu': return endCall(call, { outcome: call.menu?.isServed ? 'informed' : 'abandoned_menu', by: 'citizen' }, facts, now);
    // Whom an operator has spoken with, and who waits again after a transfer that failed, was answered: the case stays with that
    // operator, who knows the matter, instead of going to the callbacks as one that nobody has heard of.
    case 'waiting': return endCall(call, { outcome: call.connectedAt ? 'answered' : 'abandoned_queue', by: 'citizen' }, facts, now);
    case 'ringing': return endCall(call, { outcome: call.connectedAt ? 'answered' : 'abandoned_ringing', by: 'citizen' }, facts, now);
    case 'dismissing': return endCall(call, { outcome: call.outcome ?? 'failed', by: 'citizen' }, facts, now);
    case 'talking':
    case 'transferring':
    case 'dialing_seat':
    case 'dialing_party':
    case 'confirming':
    case 'surveying':
    case 'ended': return endCall(call, { outcome: 'failed', by: 'system' }, facts, now);
    default: return assertNever(call.state);
  }
}

/** `call` is without the leg that left: a seat that did not take it. The citizen keeps the place in the queue. */
export function seatLeft(call: Call, facts: QueueFacts, now: Date): Decision {
  if (call.state !== 'ringing') return { call, legs: [], changes: [], effects: [] };
  return {
    call: { ...call, state: 'waiting', seatId: null, operatorId: null, ringingAt: null, deadlineAt: null,
      announceAt: nextAnnouncement(facts.announceEverySec, now) },
    legs: [],
    changes: [],
    effects: [],
  };
}

import { assertNever } from '../errors.ts';
import { legOf, requireLeg, type Call } from './call.ts';
import type { CallEvent, QueueFacts } from './call-event.ts';
import type { Decision } from './decision.ts';
import type { Effect } from './effect.ts';
import { newLeg, type Leg } from './leg.ts';
import { positionPrompts } from './position-rules.ts';
import { connect, dismiss, endCall, promptDeadline, ringDeadline } from './shared-machine.ts';

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
  if (facts.signedIn === 0) return dismiss(call, { hearer: citizen, outcome: 'nobody_signed_in', prompts: ['nobody-signed-in'] }, now);
  if (facts.waiting >= facts.maxWaiting) return dismiss(call, { hearer: citizen, outcome: 'queue_full', prompts: ['queue-full'] }, now);
  return {
    call: { ...call, state: 'waiting', queuedAt: now, announceAt: nextAnnouncement(facts.announceEverySec, now), deadlineAt: null, playbackId: null },
    legs: [],
    changes: [],
    effects: [{ type: 'start_music', channelId: citizen.id, musicClass: facts.musicClass }],
  };
}

export function nextAnnouncement(everySec: number, now: Date): Date | null {
  return everySec > 0 ? new Date(now.getTime() + everySec * 1000) : null;
}

export function announcePlace(call: Call, event: CallEvent & { type: 'announcement_due' }, now: Date): Decision | null {
  if (call.state !== 'waiting' || !call.announceAt || call.announceAt > now) return null;
  return {
    call: { ...call, playbackId: event.playbackId, announceAt: nextAnnouncement(event.everySec, now) },
    legs: [],
    changes: [],
    effects: [{ type: 'play', channelId: requireLeg(call, 'citizen').id, playbackId: event.playbackId, prompts: positionPrompts(event.position, call.language) }],
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
    effects: [{ type: 'ring_seat', channelId: leg.id, seatId, callerNumber: call.callerNumber ?? '', timeoutSec: ringTimeoutSec }],
  };
}

/** The seat took it: music and announcement stop, the two talk. */
export function seatAnswered(call: Call, seat: Leg, now: Date): Decision {
  const talk = connect(call, seat, now);
  const quiet: Effect[] = [{ type: 'stop_music', channelId: requireLeg(call, 'citizen').id }];
  return {
    ...talk,
    changes: [...(call.seatId ? [{ type: 'seat', seatId: call.seatId, event: { type: 'answer', callId: call.id } } as const] : []), ...talk.changes],
    effects: [...(call.playbackId ? [{ type: 'stop_playback', playbackId: call.playbackId } as const] : []), ...quiet, ...talk.effects],
  };
}

/** `call` is without the leg that left. */
export function citizenLeft(call: Call, facts: QueueFacts, now: Date): Decision {
  switch (call.state) {
    case 'greeting': return endCall(call, { outcome: 'abandoned_greeting', by: 'citizen' }, facts, now);
    case 'menu': return endCall(call, { outcome: call.menu?.isServed ? 'informed' : 'abandoned_menu', by: 'citizen' }, facts, now);
    case 'waiting': return endCall(call, { outcome: 'abandoned_queue', by: 'citizen' }, facts, now);
    case 'ringing': return endCall(call, { outcome: 'abandoned_ringing', by: 'citizen' }, facts, now);
    case 'dismissing': return endCall(call, { outcome: call.outcome ?? 'failed', by: 'citizen' }, facts, now);
    case 'talking':
    case 'transferring':
    case 'dialing_seat':
    case 'dialing_party':
    case 'confirming':
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

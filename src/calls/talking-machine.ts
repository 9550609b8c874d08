import { deskLeg, legOf, withLegs, withoutLeg, type Call, type EndedBy } from './call.ts';
import type { CallEvent, QueueFacts } from './call-event.ts';
import type { Decision } from './decision.ts';
import type { SideChange } from './effect.ts';
import { newLeg, type Leg } from './leg.ts';
import { waitFrom } from './inbound-machine.ts';
import { notReachedPrompt } from './outbound-machine.ts';
import { arrange, talkers } from './place-rules.ts';
import { endCall, promptDeadline, ringDeadline } from './shared-machine.ts';

/*
 * A call in which people talk: citizen, operator, units, in any number and order.
 * The operator holds, consults, joins (three-way), switches, drops, leaves; whoever is left goes on as long as two are left.
 * A citizen is never left in silence: back with the operator when a party is gone, back in the queue when nobody is.
 */

/** How long a unit or another seat may ring, seconds. */
export const partyTimeoutSec = 30;

/** The decision that leads from `before` to `after`: changed legs are saved, everybody is put where they belong. */
function settle(before: Call, after: Call, facts: QueueFacts, more: Partial<Pick<Decision, 'changes' | 'effects'>> = {}): Decision {
  return {
    call: after,
    legs: after.legs.filter((leg) => !before.legs.includes(leg)),
    changes: more.changes ?? [],
    effects: [...(before.playbackId && !after.playbackId ? [{ type: 'stop_playback', playbackId: before.playbackId } as const] : []),
      ...arrange(before, after, facts.musicClass), ...(more.effects ?? [])],
  };
}

function heldUnless(call: Call, isHeard: (leg: Leg) => boolean): Call {
  return withLegs(call, call.legs.map((leg) => (leg.state !== 'up' || leg.isHeld !== isHeard(leg) ? leg : { ...leg, isHeld: !isHeard(leg) })));
}

function everyoneHeard(call: Call): Call {
  return heldUnless(call, () => true);
}

/** Music to all but the operator. */
export function hold(call: Call, facts: QueueFacts): Decision | null {
  const desk = deskLeg(call);
  if (call.state !== 'talking' || !desk || !call.legs.some((leg) => leg !== desk && leg.state === 'up' && !leg.isHeld)) return null;
  return settle(call, quiet(heldUnless(call, (leg) => leg === desk)), facts);
}

/** Everybody hears everybody: the end of a hold, or a three-way call. */
export function join(call: Call, facts: QueueFacts): Decision | null {
  const isAnyoneHeld = call.state === 'talking' && call.legs.some((leg) => leg.isHeld);
  return isAnyoneHeld ? settle(call, quiet(everyoneHeard(call)), facts) : null;
}

/** The operator talks with one party, the others hear music. */
export function switchTo(call: Call, legId: string, facts: QueueFacts): Decision | null {
  const desk = deskLeg(call);
  const other = call.legs.find((leg) => leg.id === legId && leg.state === 'up');
  if (call.state !== 'talking' || !desk || !other || other === desk) return null;
  return settle(call, quiet(heldUnless(call, (leg) => leg === desk || leg === other)), facts);
}

/** A message that plays is over: what comes now is more than it. */
function quiet(call: Call): Call {
  return call.playbackId === null ? call : { ...call, playbackId: null, deadlineAt: null };
}

/** A unit or another seat is dialled. One at a time; meanwhile the others are held, or go on talking. */
export function consult(call: Call, event: CallEvent & { type: 'consult' }, facts: QueueFacts, now: Date): Decision | null {
  const desk = deskLeg(call);
  const { party, isHolding } = event;
  const isHere = call.legs.some((one) => one.id === event.legId || (one.seatId !== null && one.seatId === party.seatId));
  if (call.state !== 'talking' || !desk || isHere || call.legs.some((leg) => leg.state === 'dialing')) return null;
  const leg = newLeg({ ...party, id: event.legId }, now);
  const placed = isHolding ? heldUnless(call, (one) => one === desk) : call;
  const after = { ...quiet(placed), deadlineAt: ringDeadline(partyTimeoutSec, now), legs: [...placed.legs, leg] };
  const seat: SideChange[] = leg.seatId ? [{ type: 'seat', seatId: leg.seatId, event: { type: 'reserve', callId: call.id } }] : [];
  return settle(call, after, facts, { changes: seat, effects: [dialEffect(leg)] });
}

function dialEffect(leg: Leg): Decision['effects'][number] {
  const channelId = leg.id;
  if (leg.seatId) return { type: 'ring_seat', channelId, seatId: leg.seatId, callerNumber: '', timeoutSec: partyTimeoutSec };
  return { type: 'dial_number', channelId, number: leg.number ?? '', timeoutSec: partyTimeoutSec };
}

/** The party that was dialled is there; `call` has it up. Without an operator everybody joins, and a seat takes the call over. */
export function partyAnswered(before: Call, call: Call, party: Leg, facts: QueueFacts): Decision {
  const changes: SideChange[] = party.seatId ? [{ type: 'seat', seatId: party.seatId, event: { type: 'answer', callId: call.id } }] : [];
  const answered = { ...call, deadlineAt: null };
  if (deskLeg(call)) return settle(before, answered, facts, { changes });
  return goOnWithout(before, answered, facts, changes);
}

/** The operator is gone: everybody left joins, and another operator among them takes over the call and its case. */
function goOnWithout(before: Call, call: Call, facts: QueueFacts, changes: readonly SideChange[] = []): Decision {
  const joined = everyoneHeard({ ...call, state: 'talking' });
  const heir = joined.legs.find((leg) => leg.role === 'operator' && leg.state === 'up');
  if (!heir?.operatorId) return settle(before, joined, facts, { changes });
  return settle(before, { ...joined, seatId: heir.seatId, operatorId: heir.operatorId }, facts,
    { changes: [...changes, { type: 'case_owned', operatorId: heir.operatorId }] });
}

/** A leg left a call in which people talk; `leg` is as it ended, `wasUp` tells whether it ever was there. */
export function partyLeft(before: Call, leg: Leg, wasUp: boolean, { facts, now }: { facts: QueueFacts; now: Date }): Decision {
  const call = withoutLeg(before, leg.id);
  const up = call.legs.filter((one) => one.state === 'up');
  const isDialing = call.legs.some((one) => one.state === 'dialing');
  const timed = isDialing || call.playbackId ? call : { ...call, deadlineAt: null };
  const desk = deskLeg(call);
  if (desk) {
    if (leg.role !== 'citizen' && !wasUp) return tellWhy(before, timed, { desk, leg, now }, facts);
    if (up.length < 2) return endCall(call, { outcome: 'answered', by: sideOf(leg) }, facts, now);
    // Whoever is held with nobody left to come back to them comes back now.
    const after = talkers(timed).length > 1 || isDialing ? timed : everyoneHeard(timed);
    return settle(before, after, facts);
  }
  if (up.length > 1) return goOnWithout(before, timed, facts);
  const citizen = legOf(call, 'citizen');
  if (!citizen) return endCall(call, { outcome: 'answered', by: sideOf(leg) }, facts, now);
  if (isDialing) return settle(before, heldUnless({ ...timed, state: 'transferring' }, () => false), facts);
  return wasUp ? endCall(call, { outcome: 'answered', by: sideOf(leg) }, facts, now) : backToQueue(before, timed, citizen, facts, now);
}

function sideOf(leg: Leg): EndedBy {
  return leg.role;
}

/** The operator hears why the party is not there; then everybody is back together. */
function tellWhy(before: Call, call: Call, told: { desk: Leg; leg: Leg; now: Date }, facts: QueueFacts): Decision {
  if (told.leg.outcome === 'cancelled') return settle(before, talkers(call).length > 1 ? call : everyoneHeard(call), facts);
  const playbackId = `${told.leg.id}-why`;
  const after = { ...call, playbackId, deadlineAt: promptDeadline(told.now) };
  const prompts = [notReachedPrompt[told.leg.outcome ?? 'unreachable']];
  return settle(before, after, facts, { effects: [{ type: 'play', channelId: told.desk.id, playbackId, prompts }] });
}

export function whyWasTold(call: Call, facts: QueueFacts): Decision {
  const told = { ...call, playbackId: null, deadlineAt: null };
  return settle(told, talkers(told).length > 1 ? told : everyoneHeard(told), facts);
}

/** Nobody is left who could help: the citizen waits again, in the place of old. A call out has no queue and ends. */
function backToQueue(before: Call, call: Call, citizen: Leg, facts: QueueFacts, now: Date): Decision {
  if (!call.queueId || !call.queuedAt) return endCall(call, { outcome: 'answered', by: 'system' }, facts, now);
  const waiting: Leg = { ...citizen, isHeld: false };
  const after: Call = { ...withLegs(call, [waiting]), state: 'waiting', seatId: null, operatorId: null, ringingAt: null, deadlineAt: null, playbackId: null,
    ...waitFrom(facts, now) };
  return { call: after, legs: after.legs.filter((leg) => !before.legs.includes(leg)), changes: [],
    effects: [{ type: 'start_music', channelId: citizen.id, musicClass: facts.musicClass }] };
}

/** What the citizen says now is not recorded. For the operator who talks with the citizen only; whether it is paused already, the rows know. */
export function pauseRecording(call: Call, event: CallEvent & { type: 'pause_recording' }): Decision | null {
  const change = { type: 'recording_paused', userId: event.userId, reason: event.reason } as const;
  return deskLeg(call) ? muteRecording(call, true, change) : null;
}

export function resumeRecording(call: Call, event: CallEvent & { type: 'resume_recording' }): Decision | null {
  return muteRecording(call, false, { type: 'recording_resumed', why: event.why });
}

function muteRecording(call: Call, isMuted: boolean, change: SideChange): Decision | null {
  const citizen = legOf(call, 'citizen');
  if (call.state !== 'talking' || !citizen) return null;
  return { call, legs: [], changes: [change], effects: [{ type: 'mute_recording', channelId: citizen.id, isMuted }] };
}

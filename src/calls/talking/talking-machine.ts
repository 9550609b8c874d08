import { deskLeg, deskLines, isSpareLine, legOf, withLegs, withoutLeg, type Call, type EndedBy } from '../call.ts';
import type { CallEvent, Party, QueueFacts } from '../call-event.ts';
import type { Decision } from '../decision.ts';
import type { SideChange } from '../effect.ts';
import { newLeg, type Leg } from '../leg.ts';
import { backTogether, everyoneHeard, freeLine, heldUnless } from './held-rules.ts';
import { waitFrom } from '../inbound/inbound-machine.ts';
import { notReachedPrompt } from '../outbound/outbound-machine.ts';
import { askForMark } from '../surveying/surveying-machine.ts';
import { arrange } from './place-rules.ts';
import { endCall, hangUp, promptDeadline, ringDeadline, stopPlayback } from '../lifecycle-machine.ts';

/*
 * A call in which people talk: citizen, operator, units, in any number and order.
 * The operator holds, consults, joins (three-way), switches, drops, leaves; whoever is left goes on as long as two are left.
 * A citizen is never left in silence: back with the operator when a party is gone, back in the queue when nobody is.
 */

/** How long a unit or another seat may ring, seconds. */
export const partyTimeoutSec = 30;

/** The decision that leads from `before` to `after`: changed legs are saved, everybody is put where they belong. */
export function settle(before: Call, after: Call, facts: QueueFacts, more: Partial<Pick<Decision, 'legs' | 'changes' | 'effects'>> = {}): Decision {
  return {
    call: after,
    legs: [...(more.legs ?? []), ...after.legs.filter((leg) => !before.legs.includes(leg))],
    changes: more.changes ?? [],
    effects: [...(after.playbackId ? [] : stopPlayback(before)), ...arrange(before, after, facts.musicClass), ...(more.effects ?? [])],
  };
}

/** Music to all but the operator. */
export function hold(call: Call, facts: QueueFacts): Decision | null {
  const desk = deskLeg(call);
  if (call.state !== 'talking' || !desk || !call.legs.some((leg) => leg !== desk && leg.state === 'up' && !leg.isHeld)) return null;
  return settle(call, quiet(heldUnless(call, (leg) => leg === desk)), facts);
}

/** Everybody hears everybody: the end of a hold, or a three-way call. */
export function join(call: Call, facts: QueueFacts): Decision | null {
  const isAnyoneHeld = call.state === 'talking' && call.legs.some((leg) => leg.isHeld && !isSpareLine(call, leg));
  return isAnyoneHeld ? settle(call, quiet(everyoneHeard(call)), facts) : null;
}

/** The operator talks with one party, the others hear music. */
export function switchTo(call: Call, legId: string, facts: QueueFacts): Decision | null {
  const desk = deskLeg(call);
  const other = call.legs.find((leg) => leg.id === legId && leg.state === 'up');
  if (call.state !== 'talking' || !desk || !other || deskLines(call).includes(other)) return null;
  return settle(call, quiet(heldUnless(call, (leg) => leg === desk || leg === other)), facts);
}

/** A message that plays is over: what comes now is more than it. */
export function quiet(call: Call): Call {
  return call.playbackId === null ? call : { ...call, playbackId: null, deadlineAt: null };
}

/** A unit or another seat is dialled. One at a time; meanwhile the others are held, or go on talking. */
export function consult(call: Call, event: CallEvent & { type: 'consult' }, facts: QueueFacts, now: Date): Decision | null {
  const dialled = bringIn(call, event, now);
  return dialled && settle(call, dialled.call, facts, dialled);
}

type Newcomer = { readonly legId: string; readonly party: Party; readonly isHolding: boolean };

/** The call with the party being dialled, and what else that asks for; null where it may not be. */
export function bringIn(call: Call, { legId, party, isHolding }: Newcomer, now: Date): (Pick<Decision, 'changes' | 'effects'> & { readonly call: Call }) | null {
  const desk = deskLeg(call);
  if (call.state !== 'talking' || !desk || call.legs.some((one) => one.state === 'dialing' || isSameParty(one, legId, party))) return null;
  const lineId = deskLines(call)[1] === desk ? desk.id : null;
  const leg = newLeg({ ...party, id: legId, lineId }, now);
  const placed = isHolding ? heldUnless(call, (one) => one === desk, legId) : call;
  return {
    call: { ...quiet(placed), deadlineAt: ringDeadline(partyTimeoutSec, now), legs: [...placed.legs, leg] },
    changes: leg.seatId ? [{ type: 'seat', seatId: leg.seatId, event: { type: 'reserve', callId: call.id } }] : [],
    effects: [dialEffect(leg)],
  };
}

/** A seat that is in the call already, or the citizen's own number: neither could answer. */
function isSameParty(leg: Leg, legId: string, party: Party): boolean {
  return leg.id === legId || (leg.seatId !== null && leg.seatId === party.seatId) || (leg.role === 'citizen' && leg.number !== null && leg.number === party.number);
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
  const desk = deskLeg(call);
  if (desk) {
    const decision = settle(before, answered, facts, { changes });
    // A second line is answered when its party is: until then the phone shows that it rings.
    return party.lineId === desk.id ? { ...decision, effects: [{ type: 'answer', channelId: desk.id }, ...decision.effects] } : decision;
  }
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
  const up = call.legs.filter((one) => one.state === 'up' && !isSpareLine(call, one));
  const isDialing = call.legs.some((one) => one.state === 'dialing');
  const timed = isDialing || call.playbackId ? call : { ...call, deadlineAt: null };
  const desk = deskLeg(call);
  if (desk) {
    if (leg.role !== 'citizen' && !wasUp) return tellWhy(before, timed, { desk, leg, now }, facts);
    if (up.length < 2) return endCall(call, { outcome: 'answered', by: sideOf(leg) }, facts, now);
    return isDialing ? settle(before, timed, facts) : backAfter(before, timed, { goneId: leg.id, now }, facts);
  }
  if (up.length > 1) return goOnWithout(before, timed, facts);
  const citizen = legOf(call, 'citizen');
  if (!citizen) return endCall(call, { outcome: 'answered', by: sideOf(leg) }, facts, now);
  if (isDialing) return settle(before, heldUnless({ ...timed, state: 'transferring' }, () => false), facts);
  if (wasUp) return askForMark(timed, { facts, by: sideOf(leg), now }) ?? endCall(call, { outcome: 'answered', by: sideOf(leg) }, facts, now);
  return backToQueue(before, timed, citizen, facts, now);
}

/** A party is gone: a second line that was only for it ends, and whoever is held with nobody left to come back to them comes back. */
function backAfter(before: Call, call: Call, gone: { goneId: string; now: Date }, facts: QueueFacts): Decision {
  const { call: freed, ended } = freeLine(call, gone.now);
  return settle(before, backTogether(freed, gone.goneId), facts, { legs: ended, effects: ended.map(hangUp) });
}

function sideOf(leg: Leg): EndedBy {
  return leg.role;
}

/** The operator hears why the party is not there; then everybody is back together. */
function tellWhy(before: Call, call: Call, told: { desk: Leg; leg: Leg; now: Date }, facts: QueueFacts): Decision {
  if (told.leg.outcome === 'cancelled') return backAfter(before, call, { goneId: told.leg.id, now: told.now }, facts);
  const playbackId = `${told.leg.id}${whySuffix}`;
  const after = { ...call, playbackId, deadlineAt: promptDeadline(told.now) };
  const prompts = [notReachedPrompt[told.leg.outcome ?? 'unreachable']];
  // A second line that still rings hears nothing before it is answered.
  const answer = told.leg.lineId === told.desk.id ? [{ type: 'answer', channelId: told.desk.id } as const] : [];
  return settle(before, after, facts, { effects: [...answer, { type: 'play', channelId: told.desk.id, playbackId, prompts }] });
}

const whySuffix = '-why';

export function whyWasTold(call: Call, facts: QueueFacts, now: Date): Decision {
  const told = { ...call, playbackId: null, deadlineAt: null };
  return backAfter(told, told, { goneId: call.playbackId?.endsWith(whySuffix) ? call.playbackId.slice(0, -whySuffix.length) : call.playbackId ?? '', now }, facts);
}

/** Nobody is left who could help: the citizen waits again, in the place of old. A call out has no queue and ends. */
function backToQueue(before: Call, call: Call, citizen: Leg, facts: QueueFacts, now: Date): Decision {
  if (!call.queueId || !call.queuedAt) return endCall(call, { outcome: 'answered', by: 'system' }, facts, now);
  const waiting: Leg = { ...citizen, isHeld: false, heldFor: null };
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

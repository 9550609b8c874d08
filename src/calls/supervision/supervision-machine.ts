import { deskLeg, deskLines, partiesOf, supervisorLeg, withLeg, withoutLeg, type Call } from '../call.ts';
import type { CallEvent } from '../call-event.ts';
import type { Decision } from '../decision.ts';
import { answerLeg, endLeg, legOutcome, newLeg, type Leg, type LegOutcome } from '../leg.ts';
import { ownPhoneTimeoutSec } from '../outbound/outbound-machine.ts';
import { aroundSupervisor, talkers } from '../talking/place-rules.ts';
import { hangUp, ringDeadline } from '../lifecycle-machine.ts';

/*
 * A supervisor on a call. The parties' own course (talking-machine.ts) is decided as if none were there; afterwards the supervisor
 * follows the operator, or is let go when there is no operator any more. Only two things touch the parties: taking over, and an operator
 * who leaves while the supervisor is one of the talk, for then the citizen goes on with the supervisor.
 */

/** Events that are the supervisor's alone; null for those of the parties. */
export function nextOfSupervisor(call: Call, event: CallEvent, now: Date): { readonly decision: Decision | null } | null {
  const leg = supervisorLeg(call);
  if (event.type === 'supervise') return { decision: ringSupervisor(call, event, now) };
  if (event.type === 'supervision_mode') return { decision: changeMode(call, leg, event) };
  if (event.type === 'supervision_ended') return { decision: leg && leg.id === event.legId ? drop(call, leg, now) : null };
  if (!leg) return null;
  if ('party' in event && event.party.seatId === leg.seatId) return { decision: null }; // that seat is on the call already
  if (event.type === 'overdue') return isOverdue(leg, now) ? { decision: drop(call, leg, now) } : null;
  if (!('legId' in event) || event.legId !== leg.id) return null;
  if (event.type === 'leg_ringing') return { decision: leg.ringingAt || leg.state === 'up' ? null : saved(call, { ...leg, ringingAt: now }) };
  if (event.type === 'leg_answered') return { decision: leg.state === 'up' ? null : saved(call, answerLeg(leg, now)) };
  if (event.type === 'leg_ended') return { decision: left(call, leg, { outcome: leg.outcome ?? legOutcome(leg, event.cause), cause: event.cause }, now) };
  return event.type === 'take_over' ? null : { decision: null };
}

/** The supervisor's own phone rings first, as for a call out. */
function ringSupervisor(call: Call, event: CallEvent & { type: 'supervise' }, now: Date): Decision | null {
  const { legId, seatId, operatorId, mode } = event;
  if (call.state !== 'talking' || !deskLeg(call) || supervisorLeg(call) || call.legs.some((one) => one.id === legId || one.seatId === seatId)) return null;
  const leg = newLeg({ id: legId, role: 'supervisor', seatId, operatorId, mode }, now);
  return {
    call: { ...call, legs: [...call.legs, leg] },
    legs: [leg],
    changes: [{ type: 'seat', seatId, event: { type: 'supervise', callId: call.id } }],
    effects: [{ type: 'ring_seat', channelId: leg.id, seatId, callerNumber: '', timeoutSec: ownPhoneTimeoutSec }],
  };
}

function changeMode(call: Call, leg: Leg | undefined, event: CallEvent & { type: 'supervision_mode' }): Decision | null {
  if (!leg || leg.id !== event.legId || leg.mode === event.mode) return null;
  return saved(call, { ...leg, mode: event.mode });
}

function saved(call: Call, leg: Leg): Decision {
  const after = withLeg(call, leg);
  return { call: after, legs: [leg], changes: [], effects: aroundSupervisor(call, after, []) };
}

/** Asterisk ends the ring itself; past that we take its event as lost. */
function isOverdue(leg: Leg, now: Date): boolean {
  return leg.state === 'dialing' && ringDeadline(ownPhoneTimeoutSec, leg.startedAt) <= now;
}

type End = { readonly outcome: LegOutcome; readonly cause: number | null };

/** The call stays as it is. */
function left(call: Call, leg: Leg, end: End, now: Date): Decision {
  const after = withoutLeg(call, leg.id);
  return {
    call: after,
    legs: [endLeg(leg, end.outcome, end.cause, now)],
    changes: leg.seatId ? [{ type: 'seat', seatId: leg.seatId, event: { type: 'supervision_over', callId: call.id } }] : [],
    effects: aroundSupervisor(call, after, []),
  };
}

function drop(call: Call, leg: Leg, now: Date): Decision {
  const decision = left(call, leg, { outcome: leg.outcome ?? 'cancelled', cause: null }, now);
  return { ...decision, effects: [...decision.effects, hangUp(leg)] };
}

/** The parties' decision, with the supervisor following the operator, or let go. */
export function follow(before: Call, decision: Decision, now: Date): Decision {
  const leg = supervisorLeg(before);
  if (!leg) return decision;
  const { call } = decision;
  if (call.state === 'talking' && deskLeg(call)) {
    const after = { ...call, legs: [...call.legs, leg] };
    return { ...decision, call: after, effects: aroundSupervisor(before, after, decision.effects) };
  }
  const dropped = drop(before, leg, now);
  return { call, legs: [...decision.legs, ...dropped.legs], changes: [...dropped.changes, ...decision.changes], effects: [...dropped.effects, ...decision.effects] };
}

/**
 * The supervisor who becomes the operator by this event, by taking over or because the operator leaves a talk that the supervisor has a
 * part in; undefined where nobody does.
 */
export function heirOf(call: Call, event: CallEvent): Leg | undefined {
  const leg = supervisorLeg(call);
  const desk = deskLeg(call);
  if (call.state !== 'talking' || leg?.state !== 'up' || !desk) return undefined;
  if (event.type === 'take_over') return event.legId === leg.id ? leg : undefined;
  const isLeaving = event.type === 'leave' || (event.type === 'leg_ended' && event.legId === desk.id && deskLines(call).length === 1);
  return isLeaving && leg.mode === 'barge' ? leg : undefined;
}

/** The call with its supervisor as an operator: first among them, so that the call goes to this one. */
export function promote(call: Call, heir: Leg): Call {
  const operator: Leg = { ...heir, role: 'operator', mode: null };
  return { ...call, legs: [operator, ...partiesOf(call).legs] };
}

/** The parties' decision about the operator who left, completed by what the heir needs: its row, and a place in the talk. */
export function inherit(before: Call, promoted: Call, decision: Decision): Decision {
  const { call } = decision;
  const heir = promoted.legs[0];
  if (!heir || call.state !== 'talking') return decision;
  const legs = decision.legs.some((leg) => leg.id === heir.id) ? decision.legs : [...decision.legs, heir];
  const place = talkers(call).some((leg) => leg.id === heir.id) ? [{ type: 'bridge', channelIds: [heir.id] } as const] : [];
  return { ...decision, call, legs, effects: [...aroundSupervisor(before, call, []), ...decision.effects, ...place] };
}

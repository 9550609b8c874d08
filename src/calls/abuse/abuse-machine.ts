import { deskLeg, legOf, type Call } from '../call.ts';
import type { CallEvent, QueueFacts } from '../call-event.ts';
import type { Decision } from '../decision.ts';
import { endLeg, type Leg } from '../leg.ts';
import { arrange } from '../talking/place-rules.ts';
import { dismiss, hangUp, letAllGo, promptDeadline, stopPlayback } from '../lifecycle-machine.ts';
import { heldUnless } from '../talking/held-rules.ts';
import { settle } from '../talking/talking-machine.ts';

/*
 * A citizen abuses the operator. The operator flags it and may let a warning be played; if it goes on, the operator ends the
 * call, and the citizen hears a last, polite message. The operator is free at once.
 */

/** The flag, and the warning: the citizen hears it alone, then all are back together. Not while a party is dialled. */
export function flagAbuse(call: Call, event: CallEvent & { type: 'abuse' }, facts: QueueFacts, now: Date): Decision | null {
  const citizen = legOf(call, 'citizen');
  if (call.state !== 'talking' || !deskLeg(call) || citizen?.state !== 'up') return null;
  const flagged = { ...call, abuseAt: call.abuseAt ?? now };
  if (!event.isWarning) return { call: flagged, legs: [], changes: [], effects: [] };
  if (call.legs.some((leg) => leg.state === 'dialing')) return null;
  const desk = deskLeg(flagged);
  const held = heldUnless(flagged, (leg) => leg === desk, event.playbackId);
  const after = { ...held, playbackId: event.playbackId, deadlineAt: promptDeadline(now) };
  const decision = settle(call, after, facts, { effects: [{ type: 'play', channelId: citizen.id, playbackId: event.playbackId, prompts: ['abuse-warning'] }] });
  return { ...decision, effects: [...stopPlayback(call), ...decision.effects] };
}

/** Only after the flag. Everybody but the citizen leaves; the call ends with the message. */
export function sayGoodbye(call: Call, facts: QueueFacts, now: Date): Decision | null {
  const citizen = legOf(call, 'citizen');
  if (call.state !== 'talking' || !deskLeg(call) || citizen?.state !== 'up' || !call.abuseAt) return null;
  const hearer: Leg = { ...citizen, isHeld: false };
  const others = call.legs.filter((leg) => leg !== citizen);
  const alone: Call = { ...call, legs: [hearer] };
  const message = dismiss({ ...alone, endedBy: 'operator' }, { hearer, outcome: 'answered', prompts: ['abuse-goodbye'] }, now);
  return {
    call: message.call,
    legs: [...others.map((leg) => endLeg(leg, leg.outcome ?? 'cancelled', null, now)), hearer],
    changes: letAllGo(call, others, facts.wrapUpSec),
    effects: [
      ...stopPlayback(call),
      ...others.map(hangUp),
      ...arrange(call, alone, facts.musicClass), ...message.effects,
    ],
  };
}

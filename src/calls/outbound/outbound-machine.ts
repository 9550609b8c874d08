import { legOf, requireLeg, type Call, type Outcome } from '../call.ts';
import type { QueueFacts } from '../call-event.ts';
import type { Decision } from '../decision.ts';
import { newLeg, type Leg, type LegOutcome } from '../leg.ts';
import { connect, dismiss, endCall, ringDeadline } from '../lifecycle-machine.ts';

/** How long the operator's own phone may ring before a call out is given up, seconds. */
export const ownPhoneTimeoutSec = 20;
/** How long a number that is dialled may ring, seconds. */
export const dialTimeoutSec = 45;

/** The operator's own phone rings first: that of the seat, or, for somebody of a unit who has none, a phone outside. */
export function ringOwnPhone(call: Call, now: Date): Decision {
  const { id: channelId, seatId, number } = requireLeg(call, 'operator');
  const timeoutSec = seatId === null ? dialTimeoutSec : ownPhoneTimeoutSec;
  return {
    call: { ...call, deadlineAt: ringDeadline(timeoutSec, now) },
    legs: [requireLeg(call, 'operator')],
    changes: [],
    effects: [seatId === null ? { type: 'dial_number', channelId, number: number ?? '', timeoutSec } : { type: 'ring_seat', channelId, seatId, callerNumber: call.calledNumber, timeoutSec }],
  };
}

/** The operator is on the line, having lifted the own phone or dialled on it: the number is called. */
export function dialParty(call: Call, now: Date): Decision {
  const operator = requireLeg(call, 'operator');
  const party = newLeg({ id: `${call.id}-party`, role: 'citizen', number: call.calledNumber }, now);
  return {
    call: { ...call, state: 'dialing_party', answeredAt: now, ringingAt: now, deadlineAt: ringDeadline(dialTimeoutSec, now), legs: [...call.legs, party] },
    legs: [operator, party],
    changes: [],
    effects: [
      { type: 'start_ringing', channelId: operator.id },
      { type: 'dial_number', channelId: party.id, number: call.calledNumber, timeoutSec: dialTimeoutSec },
    ],
  };
}

export function partyAnswered(call: Call, party: Leg, now: Date): Decision {
  const talk = connect(call, party, now);
  const channelId = requireLeg(call, 'operator').id;
  return { ...talk, effects: [{ type: 'stop_ringing', channelId }, { type: 'answer', channelId }, ...talk.effects] };
}

/** What is said of a party that is not there. */
export const notReachedPrompt: Record<LegOutcome, string> = {
  answered: 'dial-unreachable', cancelled: 'dial-unreachable', unreachable: 'dial-unreachable',
  busy: 'dial-busy', declined: 'dial-rejected', no_answer: 'dial-no-answer',
};

/** What a call that did not reach its party counts as. */
export function outcomeOf(reached: LegOutcome): Outcome {
  return reached === 'declined' ? 'rejected' : reached === 'answered' ? 'failed' : reached;
}

/** `call` is without the leg that left. Before they talked, the operator hears why nobody is there. The case stays as it was. */
export function partyLeft(call: Call, leg: Leg, facts: QueueFacts, now: Date): Decision {
  const reached = leg.outcome ?? 'unreachable';
  const outcome = outcomeOf(reached);
  const operator = legOf(call, 'operator');
  if (call.state !== 'dialing_party' || !operator) return endCall(call, { outcome: call.outcome ?? outcome, by: 'system' }, facts, now);
  const message = dismiss(call, { hearer: operator, outcome, prompts: [notReachedPrompt[reached]] }, now);
  return { ...message, effects: [{ type: 'stop_ringing', channelId: operator.id }, ...message.effects] };
}

/** `call` is without the leg that left. A phone of one's own that nobody lifts ends the call by itself. */
export function operatorLeft(call: Call, leg: Leg, facts: QueueFacts, now: Date): Decision {
  if (call.state === 'dialing_seat') return endCall(call, { outcome: 'seat_no_answer', by: leg.outcome === 'declined' ? 'operator' : 'system' }, facts, now);
  return endCall(call, { outcome: call.outcome ?? 'cancelled', by: 'operator' }, facts, now);
}

import type { Call, EndedBy, Outcome } from '../call.ts';
import type { SideChange } from '../effect.ts';
import { arrivedLeg, endLeg, legOutcome, newLeg, type Leg, type LegOutcome } from '../leg.ts';
import type { CarriedCall, CarriedOffer } from './carried-call.ts';

/** The operator who sat at the seat that an offer rang, by the offer's leg. */
export type Operators = ReadonlyMap<string, string>;

export type Ended = {
  readonly call: Call;
  readonly legs: readonly Leg[];
  readonly changes: readonly SideChange[];
  /** What happened before the end, as an ordinary call's events tell it. */
  readonly steps: readonly Step[];
  /** Citizen and operator, from when to when. */
  readonly talk: { readonly legIds: readonly string[]; readonly startedAt: Date; readonly endedAt: Date } | null;
};
type Step = { readonly at: Date; readonly type: string; readonly from: string | null; readonly to: string };

/** A phone that declines is rung every second: the last of its rings tell enough. */
const mostOffers = 100;
/** A ring that ended this near to the end of the call ended because of it, milliseconds. */
const sameMomentMs = 1_000;

/** `call` as it was when it reached the hotline, and what became of it in the telephone system's own queue until `end`. */
export function endCarried(call: Call, carried: CarriedCall, operators: Operators, end: { at: Date; by: EndedBy }): Ended {
  const answered = carried.offers.findLast((offer) => offer.answeredAt);
  const connectedAt = carried.offers.find((offer) => offer.answeredAt)?.answeredAt ?? null;
  const ringing = answered ? undefined : carried.offers.find((offer) => isCutShort(offer, end.at));
  const operatorId = answered ? operators.get(answered.legId) ?? null : null;
  const outcome: Outcome = answered ? 'answered' : ringing ? 'abandoned_ringing' : 'abandoned_queue';
  const citizen = arrivedLeg({ id: carried.channelId, role: 'citizen', number: call.callerNumber }, carried.offeredAt);
  return {
    call: {
      ...call, state: 'ended', carriedBy: 'asterisk', queuedAt: carried.queuedAt, answeredAt: connectedAt, connectedAt, ringingAt: (answered ?? ringing)?.ringingAt ?? null,
      seatId: answered?.seatId ?? null, operatorId, outcome, endedBy: end.by, endedAt: end.at, legs: [],
      deadlineAt: null, announceAt: null, overflowAt: null, playbackId: null,
    },
    legs: [{ ...endLeg(citizen, connectedAt ? 'answered' : 'cancelled', null, end.at), answeredAt: connectedAt }, ...offerLegs(carried, operators, end.at)],
    changes: operatorId ? [{ type: 'case_owned', operatorId }] : [{ type: answered ? 'case_to_survey' : 'case_abandoned' }],
    steps: stepsOf(carried),
    talk: answered?.answeredAt ? { legIds: [carried.channelId, answered.legId].sort(), startedAt: answered.answeredAt, endedAt: answered.endedAt ?? end.at } : null,
  };
}

/** The rings of seats, as legs that ended; `until` where the end of one was not written down. */
export function offerLegs({ offers }: CarriedCall, operators: Operators, until: Date): Leg[] {
  return offers.slice(-mostOffers).map((offer) => {
    const leg: Leg = { ...newLeg({ id: offer.legId, role: 'operator', seatId: offer.seatId, operatorId: operators.get(offer.legId) ?? null }, offer.ringingAt), ringingAt: offer.ringingAt };
    return { ...endLeg(leg, outcomeOf(leg, offer, until), offer.cause || null, offer.endedAt ?? until), answeredAt: offer.answeredAt };
  });
}

function outcomeOf(leg: Leg, offer: CarriedOffer, until: Date): LegOutcome {
  if (offer.answeredAt) return 'answered';
  if (isCutShort(offer, until)) return 'cancelled';
  return offer.cause ? legOutcome(leg, offer.cause) : 'no_answer';
}

function isCutShort({ answeredAt, endedAt, cause }: CarriedOffer, end: Date): boolean {
  return !answeredAt && !cause && (!endedAt || end.getTime() - endedAt.getTime() < sameMomentMs);
}

/** The wait begins when the call came: one that was held by a service without its database waited, too. */
function stepsOf({ offers, offeredAt }: CarriedCall): Step[] {
  return [{ at: offeredAt, type: 'offered', from: null, to: 'waiting' }, ...offers.slice(-mostOffers).flatMap((offer): Step[] => [
    { at: offer.ringingAt, type: 'matched', from: 'waiting', to: 'ringing' },
    ...(offer.answeredAt ? [{ at: offer.answeredAt, type: 'leg_answered', from: 'ringing', to: 'talking' }]
      : offer.endedAt ? [{ at: offer.endedAt, type: 'leg_ended', from: 'ringing', to: 'waiting' }] : []),
  ])];
}

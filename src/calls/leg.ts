/** listen: hears what the operator hears; whisper: the operator hears the supervisor, too; barge: one of the talk. */
export const supervisionModes = ['listen', 'whisper', 'barge'] as const;
export type SupervisionMode = (typeof supervisionModes)[number];

export type LegOutcome = 'answered' | 'declined' | 'busy' | 'no_answer' | 'unreachable' | 'cancelled';

/** One channel of a call; its id is the channel's id in Asterisk. */
export type Leg = {
  readonly id: string;
  readonly role: 'citizen' | 'operator' | 'unit' | 'supervisor';
  /** How a supervisor takes part; null for everybody else. */
  readonly mode: SupervisionMode | null;
  readonly seatId: string | null;
  readonly operatorId: string | null;
  readonly number: string | null;
  /** Who that is, where the number came from the directory. */
  readonly directoryCode: string | null;
  readonly state: 'dialing' | 'up' | 'ended';
  /** Hears music instead of the others; only while up. */
  readonly isHeld: boolean;
  /** The party or line it is held for, and comes back with: that party is gone, that line is taken up again. */
  readonly heldFor: string | null;
  /** The operator's second line that this party was dialled over. */
  readonly lineId: string | null;
  /** An operator's line that its own phone has put on hold. */
  readonly isAway: boolean;
  readonly startedAt: Date;
  readonly ringingAt: Date | null;
  readonly answeredAt: Date | null;
  readonly endedAt: Date | null;
  readonly outcome: LegOutcome | null;
  /** Q.850 cause as Asterisk gave it. */
  readonly hangupCause: number | null;
};

type NewLeg = Pick<Leg, 'id' | 'role'> & Partial<Pick<Leg, 'seatId' | 'operatorId' | 'number' | 'directoryCode' | 'lineId' | 'mode'>>;

/** A leg that is being dialled. */
export function newLeg(leg: NewLeg, now: Date): Leg {
  return {
    id: leg.id, role: leg.role, mode: leg.mode ?? null, seatId: leg.seatId ?? null, operatorId: leg.operatorId ?? null, number: leg.number ?? null,
    directoryCode: leg.directoryCode ?? null, state: 'dialing', isHeld: false, heldFor: null, lineId: leg.lineId ?? null, isAway: false, startedAt: now, ringingAt: null, answeredAt: null, endedAt: null,
    outcome: null, hangupCause: null,
  };
}

/** A leg whose phone dialled us: it is there from its first moment. */
export function arrivedLeg(leg: NewLeg, now: Date): Leg {
  return answerLeg(newLeg(leg, now), now);
}

export function answerLeg(leg: Leg, now: Date): Leg {
  return { ...leg, state: 'up', answeredAt: now, outcome: 'answered' };
}

export function endLeg(leg: Leg, outcome: LegOutcome, cause: number | null, now: Date): Leg {
  return { ...leg, state: 'ended', endedAt: now, outcome, hangupCause: cause };
}

/**
 * What a called party or a seat did, from the Q.850 cause of its leg. A phone that gave no sign of life (timer expiry)
 * is unreachable, and so is a seat's phone that never rang: it is in our own house and always says when it rings.
 * Without a cause nobody saw the end: the seat was perhaps never rung, for the service was gone between the row and the ring, or it answered
 * and left while events were lost; that is no fault of the phone, and the seat is offered the call again.
 * Source: ITU-T Q.850; Asterisk's mapping of SIP answers (480 → 19, 486 → 17, 603 → 21); one that never
 * came is a 408 of its own after 32 s (RFC 3261 timer B), which it maps to 18.
 */
export function legOutcome(leg: Leg, cause: number | null): LegOutcome {
  if (cause === 17) return 'busy';
  if (cause === 21) return 'declined';
  if (cause === droppedCause) return 'cancelled';
  if (cause === null && leg.role === 'operator' && leg.state === 'dialing') return 'cancelled';
  if (cause === null || !noAnswerCauses.has(cause)) return 'unreachable';
  const mustHaveRung = leg.role === 'operator' || silentCauses.has(cause);
  return mustHaveRung && !leg.ringingAt ? 'unreachable' : 'no_answer';
}

/** Q.850 "non-selected user clearing": our own mark for a party that was dropped before it answered. */
export const droppedCause = 26;
/** No user responding, timer expiry: the far end said nothing any more, or never. */
const silentCauses: ReadonlySet<number> = new Set([18, 102]);
/** Those, normal clearing, and no answer. */
const noAnswerCauses: ReadonlySet<number> = new Set([...silentCauses, 16, 19]);

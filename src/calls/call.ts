/*
 * The life of a call.
 *   greeting       inbound: row and case are committed, notice and greeting play     ended by their end
 *   waiting        in the queue with music; `queuedAt` is its place                  ended by a match
 *   ringing        matched: one seat rings                                           answer, refusal, time
 *   talking        two legs in one bridge, recorded                                  first hang-up of either side
 *   dismissing     a last message plays (full, nobody there, party busy)             its end hangs up
 *   dialing_seat   outbound: the operator's own phone rings first
 *   dialing_party  outbound: the number is dialled, the operator hears ringing
 *   ended          with an outcome; nothing changes any more
 */
export type CallState = 'greeting' | 'waiting' | 'ringing' | 'talking' | 'dismissing' | 'dialing_seat' | 'dialing_party' | 'ended';

export type Outcome =
  | 'answered'
  | 'abandoned_greeting' | 'abandoned_queue' | 'abandoned_ringing' | 'queue_full' | 'nobody_signed_in' | 'number_unknown'
  | 'seat_no_answer' | 'busy' | 'no_answer' | 'rejected' | 'unreachable' | 'cancelled'
  | 'failed';

export type EndedBy = 'citizen' | 'operator' | 'system';

export type LegOutcome = 'answered' | 'declined' | 'busy' | 'no_answer' | 'unreachable' | 'cancelled';

/** One channel of a call; its id is the channel's id in Asterisk. */
export type Leg = {
  readonly id: string;
  readonly role: 'citizen' | 'operator';
  readonly seatId: string | null;
  readonly operatorId: string | null;
  readonly number: string | null;
  readonly state: 'dialing' | 'up' | 'ended';
  readonly startedAt: Date;
  readonly ringingAt: Date | null;
  readonly answeredAt: Date | null;
  readonly endedAt: Date | null;
  readonly outcome: LegOutcome | null;
  /** Q.850 cause as Asterisk gave it. */
  readonly hangupCause: number | null;
};

export type Call = {
  readonly id: string;
  readonly direction: 'inbound' | 'outbound';
  readonly state: CallState;
  readonly calledNumber: string;
  readonly callerRaw: string;
  readonly callerNumber: string | null;
  readonly callerKind: string;
  readonly queueId: string | null;
  readonly caseId: string | null;
  readonly seatId: string | null;
  readonly operatorId: string | null;
  readonly offeredAt: Date;
  readonly answeredAt: Date | null;
  readonly queuedAt: Date | null;
  readonly ringingAt: Date | null;
  readonly connectedAt: Date | null;
  readonly endedAt: Date | null;
  readonly ringDeadlineAt: Date | null;
  /** When the next position announcement is due; only while waiting. */
  readonly announceAt: Date | null;
  /** The prompt that plays now on the call. */
  readonly playbackId: string | null;
  readonly outcome: Outcome | null;
  readonly endedBy: EndedBy | null;
  readonly version: number;
  /** Legs that have not ended. */
  readonly legs: readonly Leg[];
};

/** What a called party or a seat did, from the Q.850 cause of its leg. Source: ITU-T Q.850; Asterisk's hangup cause mappings. */
export function legOutcome(cause: number | null): LegOutcome {
  if (cause === 17) return 'busy';
  if (cause === 21) return 'declined';
  return cause !== null && noAnswerCauses.has(cause) ? 'no_answer' : 'unreachable';
}

/** Normal clearing, no user responding, no answer, recovery on timer expiry. */
const noAnswerCauses: ReadonlySet<number> = new Set([16, 18, 19, 102]);

export function legOf(call: Call, role: Leg['role']): Leg | undefined {
  return call.legs.find((leg) => leg.role === role);
}

import type { Language, MenuProgress } from '../ivr/menu.ts';
import type { ScriptProgress } from '../ivr/script.ts';
import { missedPriority } from '../routing/priority-rules.ts';
import type { Leg } from './leg.ts';
import type { ToldWait } from './waiting/wait-rules.ts';

/*
 * The life of a call.
 *   greeting       inbound: row and case are committed, notice and greeting play     ended by their end
 *   menu           the citizen chooses by keys                                       a choice, or time
 *   waiting        in the queue with music; `queuedAt` is its place                  ended by a match
 *   ringing        matched: one seat rings                                           answer, refusal, time
 *   talking        citizen, operator, units in one bridge, recorded; some may be held   fewer than two are left
 *   transferring   the operator left while a party is dialled; the citizen is held   the party answers, or back to waiting
 *   dismissing     a last message plays (full, nobody there, party busy)             its end hangs up
 *   dialing_seat   outbound: the operator's own phone rings first
 *   dialing_party  outbound: the number is dialled, the operator hears ringing
 *   confirming     a citizen who is called back is asked to press 1, the operator waits
 *   surveying      a citizen answers questions by keys, without an operator: a survey, or the mark for the operator after a talk
 *   ended          with an outcome; nothing changes any more
 */
export const liveCallStates = ['greeting', 'menu', 'waiting', 'ringing', 'talking', 'transferring', 'dismissing', 'dialing_seat', 'dialing_party', 'confirming', 'surveying'] as const;
export type CallState = (typeof liveCallStates)[number] | 'ended';

export type Outcome =
  | 'answered'
  | 'abandoned_greeting' | 'abandoned_menu' | 'abandoned_queue' | 'abandoned_ringing' | 'queue_full' | 'closed' | 'blocked' | 'informed'
  | 'callback_requested' | 'nobody_signed_in' | 'number_unknown'
  | 'seat_no_answer' | 'busy' | 'no_answer' | 'rejected' | 'unreachable' | 'cancelled' | 'not_confirmed' | 'settled' | 'surveyed' | 'broken_off' | 'refused'
  | 'failed';

export type EndedBy = 'citizen' | 'operator' | 'unit' | 'supervisor' | 'system';

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
  /** 0 to 9: the higher is served first, among equals who came first. -1: called back without having asked. */
  readonly priority: number;
  /** Queues that passed the caller on: none of them takes the call again. */
  readonly queuePath: readonly string[];
  /** What the caller's choice asks of an operator, beyond what the queue asks. */
  readonly skillCodes: readonly string[];
  readonly language: Language;
  /** Where in a menu the caller is; only in `menu`. */
  readonly menu: MenuProgress | null;
  /** What a citizen is asked by keys, and what was answered so far. */
  readonly script: ScriptProgress | null;
  /** The survey that the call is for. */
  readonly surveyId: string | null;
  /** The call whose caller is called back: this one keeps its place. */
  readonly callbackOf: string | null;
  /** When the waiting caller was told that 1 asks for a callback. */
  readonly callbackOfferedAt: Date | null;
  /** The telephone system's own queue took it while no service was there: all of it, or until the caller came over. */
  readonly carriedBy: 'service' | 'asterisk' | 'both';
  /** A callback's tries to reach the citizen, so far. */
  readonly attempts: number;
  /** A callback is not offered to a seat before. */
  readonly retryAt: Date | null;
  /** How often the citizen was asked to press 1 in this try. */
  readonly asked: number;
  readonly offeredAt: Date;
  readonly answeredAt: Date | null;
  readonly queuedAt: Date | null;
  readonly ringingAt: Date | null;
  readonly connectedAt: Date | null;
  readonly endedAt: Date | null;
  /** When the prompt that plays or the phone that rings must be over; past it, the event that ends it is taken as lost. */
  readonly deadlineAt: Date | null;
  /** When the next position announcement is due; only while waiting. */
  readonly announceAt: Date | null;
  /** When the queue passes the caller on, having waited there long enough; null where there is nowhere to go. */
  readonly overflowAt: Date | null;
  /** The wait the caller was told last, in this queue. */
  readonly toldWait: ToldWait | null;
  /** The prompt that plays now on the call. */
  readonly playbackId: string | null;
  /** When the operator said that the citizen abuses; from then on a polite way out is open. */
  readonly abuseAt: Date | null;
  readonly outcome: Outcome | null;
  readonly endedBy: EndedBy | null;
  readonly version: number;
  /** Legs that have not ended. */
  readonly legs: readonly Leg[];
};

type NewCall = Pick<Call, 'id' | 'direction' | 'calledNumber' | 'callerRaw' | 'callerNumber' | 'callerKind' | 'legs'>;

/** A call's row at its first moment. */
export function newCall(call: NewCall, at: Date): Call {
  return {
    ...call, state: call.direction === 'inbound' ? 'greeting' : 'dialing_seat', queueId: null, caseId: null, seatId: null,
    operatorId: null, priority: 0, queuePath: [], skillCodes: [], language: 'zh', menu: null, script: null, surveyId: null, callbackOf: null, callbackOfferedAt: null, carriedBy: 'service', attempts: 0, retryAt: null, asked: 0,
    offeredAt: at, answeredAt: null, queuedAt: null, ringingAt: null, connectedAt: null, endedAt: null,
    deadlineAt: null, announceAt: null, overflowAt: null, toldWait: null, playbackId: null, abuseAt: null, outcome: null, endedBy: null, version: 1,
  };
}

export const callKinds = ['inbound', 'outbound', 'callback', 'missed_callback'] as const;

/** Who calls whom; a citizen who is called back asked for it while waiting, or was answered by nobody (漏接回拨). */
export function kindOf(call: Pick<Call, 'direction' | 'callbackOf' | 'priority'>): (typeof callKinds)[number] {
  if (call.callbackOf === null) return call.direction;
  return call.priority === missedPriority ? 'missed_callback' : 'callback';
}

/** What came of a call that reached a queue, or would have, and that nobody answered. */
export const inVainOutcomes: readonly Outcome[] = ['abandoned_queue', 'abandoned_ringing', 'queue_full', 'nobody_signed_in', 'failed'];

export function legOf(call: Call, role: Leg['role']): Leg | undefined {
  return call.legs.find((leg) => leg.role === role);
}

export function requireLeg(call: Call, role: Leg['role']): Leg {
  const leg = legOf(call, role);
  if (!leg) throw new Error(`a call in state ${call.state} has no ${role}`);
  return leg;
}

/** The lines of the operator who has the call: the one of old, and perhaps a second one, dialled on the phone itself. */
export function deskLines(call: Call): Leg[] {
  return call.legs.filter((leg) => leg.role === 'operator' && leg.state === 'up' && leg.seatId === call.seatId);
}

/** The leg of the operator who has the call; of two lines the one in use. The other is held, and hears nothing. */
export function deskLeg(call: Call): Leg | undefined {
  const lines = deskLines(call);
  return lines.find((leg) => !leg.isHeld) ?? lines[0];
}

export function isSpareLine(call: Call, leg: Leg): boolean {
  const lines = deskLines(call);
  return lines.length > 1 && lines.includes(leg) && leg !== deskLeg(call);
}

/** The supervisor who is on the call or whose phone rings for it; one at most. */
export function supervisorLeg(call: Call): Leg | undefined {
  return legOf(call, 'supervisor');
}

/** The call as those see it who have a part in it: without its supervisor. */
export function partiesOf(call: Call): Call {
  return withLegs(call, call.legs.filter((leg) => leg.role !== 'supervisor'));
}

export function withLegs(call: Call, legs: readonly Leg[]): Call {
  return { ...call, legs };
}

export function withLeg(call: Call, leg: Leg): Call {
  return withLegs(call, call.legs.map((one) => (one.id === leg.id ? leg : one)));
}

export function withoutLeg(call: Call, legId: string): Call {
  return withLegs(call, call.legs.filter((leg) => leg.id !== legId));
}

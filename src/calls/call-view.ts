import { Type } from 'typebox';
import { Id, NullableString, NullableTime, Time, iso } from '../http/paging.ts';
import { maskNumber } from '../log.ts';
import { callKinds, kindOf } from './call.ts';
import type { Leg } from './leg.ts';
import type { CallEventRow, CallListRow } from './queries.ts';
import type { TalkRow } from './talking/save-talk.ts';

/** What the API shows of a call. */
const callFields = {
  id: Id, direction: Type.String(), kind: Type.Enum([...callKinds]), callbackOf: NullableString,
  attempts: Type.Integer({ description: 'A callback: how often the citizen was tried to be reached' }), retryAt: NullableTime, state: Type.String(), calledNumber: NullableString, callerNumber: NullableString, callerKind: Type.String(),
  queueId: NullableString, caseId: NullableString, caseNumber: NullableString, language: Type.String(), seatId: NullableString, operatorId: NullableString, operatorName: NullableString,
  offeredAt: Time, answeredAt: NullableTime, queuedAt: NullableTime, ringingAt: NullableTime, connectedAt: NullableTime, endedAt: NullableTime,
  outcome: NullableString, endedBy: NullableString, abuseAt: NullableTime,
  carriedBy: Type.Enum(['service', 'asterisk', 'both'], { description: 'asterisk: by Asterisk’s own queue, while no service was there; both: the caller waited there and came over' }),
};
const LegView = Type.Object({
  id: Type.String(), role: Type.String(), mode: NullableString, seatId: NullableString, operatorId: NullableString, directoryCode: NullableString, number: NullableString,
  state: Type.String(), isHeld: Type.Boolean(), startedAt: Time,
  ringingAt: NullableTime, answeredAt: NullableTime, endedAt: NullableTime, outcome: NullableString, hangupCause: Type.Union([Type.Integer(), Type.Null()]),
});
const Sec = Type.Union([Type.Number(), Type.Null()]);
/** Seconds; null for a part the call never came to or that still lasts. */
const Durations = Type.Object({ ownPhoneSec: Sec, greetingSec: Sec, waitSec: Sec, ringSec: Sec, talkSec: Sec, messageSec: Sec, totalSec: Sec, wrapUpSec: Sec });

export const CallView = Type.Object(callFields);
/** Who heard whom, from when to when; `endedAt` is null while they still do. */
const TalkView = Type.Object({ startedAt: Time, endedAt: NullableTime, legIds: Type.Array(Type.String()) });
/** Who listened without being one of the talk, and to which leg. */
const ListenView = Type.Object({ startedAt: Time, endedAt: NullableTime, legId: Type.String(), heardLegId: Type.String(), mode: Type.String() });
export const CallWithLegs = Type.Object({ ...callFields, durations: Durations, legs: Type.Array(LegView), talks: Type.Array(TalkView), listens: Type.Array(ListenView),
  allowedActions: Type.Array(Type.String()), hasRecording: Type.Boolean(), isRecordingPaused: Type.Boolean() });
export const CallEventView = Type.Object({
  id: Type.Integer(), at: Time, type: Type.String(), fromState: NullableString, toState: Type.String(), data: Type.Record(Type.String(), Type.Unknown()),
});

/**
 * Numbers are masked here for everybody; the case shows them, to whom may see, and writes that down. Of a confidential
 * case not even the masked number is shown: seven digits and a town are enough to guess who reported. One that was sealed is empty here, also when
 * its case is not confidential any more.
 */
export function viewCall(call: CallListRow) {
  const citizen = (number: string | null): string | null => (!number || call.isConfidential ? null : maskNumber(number));
  return {
    ...call,
    kind: kindOf(call), retryAt: iso(call.retryAt),
    callerNumber: citizen(call.callerNumber),
    calledNumber: call.direction === 'outbound' ? citizen(call.calledNumber) : call.calledNumber,
    offeredAt: call.offeredAt.toISOString(), answeredAt: iso(call.answeredAt), queuedAt: iso(call.queuedAt),
    ringingAt: iso(call.ringingAt), connectedAt: iso(call.connectedAt), endedAt: iso(call.endedAt), abuseAt: iso(call.abuseAt),
  };
}

/** A unit's number is no secret where it stands in the directory; one that was dialled freely may be a citizen's. */
export function viewLeg(leg: Leg, isConfidential: boolean) {
  const isSecret = leg.directoryCode === null;
  const number = leg.role !== 'unit' || leg.number === null || (isSecret && isConfidential) ? null : isSecret ? maskNumber(leg.number) : leg.number;
  return { ...leg, number, startedAt: leg.startedAt.toISOString(), ringingAt: iso(leg.ringingAt), answeredAt: iso(leg.answeredAt), endedAt: iso(leg.endedAt) };
}

export function viewTalk<Row extends Pick<TalkRow, 'startedAt' | 'endedAt'>>(talk: Row) {
  return { ...talk, startedAt: talk.startedAt.toISOString(), endedAt: iso(talk.endedAt) };
}

export function viewCallEvent(row: CallEventRow) {
  return { ...row, at: row.at.toISOString() };
}

import { Type } from 'typebox';
import { Id, NullableInstant, NullableString, NullableTime, Time, Version } from '../http/paging.ts';
import { caseTypes } from './case.ts';

const CaseTypeName = Type.Enum([...caseTypes]);
const Urgency = Type.Union([Type.Literal('normal'), Type.Literal('urgent'), Type.Literal('life_danger')]);
const text = (maxLength: number) => Type.Union([Type.String({ maxLength }), Type.Null()]);
const strict = { additionalProperties: false } as const;

/** The five elements (name, time, place, cause, course) and the classification. */
const editableFields = {
  citizenName: Type.Optional(text(100)),
  occurredText: Type.Optional(text(200)),
  occurredAt: Type.Optional(NullableInstant),
  place: Type.Optional(text(500)),
  cause: Type.Optional(text(2_000)),
  course: Type.Optional(text(20_000)),
  type: Type.Optional(Type.Union([CaseTypeName, Type.Null()])),
  categoryCode: Type.Optional(text(64)),
  districtCode: Type.Optional(text(64)),
  urgency: Type.Optional(Urgency),
  isConfidential: Type.Optional(Type.Boolean()),
  aboutUnitId: Type.Optional(Type.Union([Id, Type.Null()])),
};

export const OpenBody = Type.Object({
  channel: Type.Enum(['visit', 'letter', 'phone', 'mail', 'province']),
  phone: Type.Optional(Type.String({ maxLength: 40 })),
}, strict);

export const CaseEditBody = Type.Object({ version: Version, ...editableFields }, strict);

export const ActBody = Type.Object({
  version: Version,
  answer: Type.Optional(Type.String({ maxLength: 20_000 })),
  reason: Type.Optional(Type.String({ maxLength: 2_000 })),
  referredTo: Type.Optional(Type.String({ maxLength: 500 })),
  handedTo: Type.Optional(Type.Enum(['110', '119', '120', '122'])),
}, strict);

/** Whatever the form holds now, valid or not; a draft is the operator's own. */
const draftFields = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown());
export const DraftBody = Type.Object({ baseVersion: Version, fields: draftFields }, strict);

export const IdentityBody = Type.Object({
  reason: Type.String({ minLength: 5, maxLength: 500, pattern: '\\S{2}', description: 'Why the identity is needed; written down for good' }),
}, strict);

/** The citizen as this reader may see them: masked unless they may see identities; null for a confidential case. */
const Caller = Type.Object({ number: NullableString, kind: Type.String(), name: NullableString, isMasked: Type.Boolean() });

const caseFields = {
  id: Id,
  number: Type.String(),
  state: Type.String(),
  callbackReason: NullableString,
  channel: Type.String(),
  type: NullableString,
  categoryCode: NullableString,
  districtCode: NullableString,
  urgency: Type.String(),
  isConfidential: Type.Boolean(),
  occurredText: NullableString,
  occurredAt: NullableTime,
  place: NullableString,
  cause: NullableString,
  course: NullableString,
  answer: NullableString,
  declinedReason: NullableString,
  referredTo: NullableString,
  handedTo: NullableString,
  openedAt: Time,
  closedAt: NullableTime,
  updatedAt: Time,
  ownerId: NullableString,
  callId: NullableString,
  isLeaderAnswered: Type.Boolean(),
  originNumber: NullableString,
  version: Type.Integer(),
  caller: Type.Union([Caller, Type.Null()]),
};

const CallOfCase = Type.Object({
  id: Id, direction: NullableString, seatId: NullableString, operatorId: NullableString, offeredAt: NullableTime,
  answeredAt: NullableTime, connectedAt: NullableTime, endedAt: NullableTime, outcome: NullableString,
});
const EarlierCase = Type.Object({ id: Id, number: Type.String(), state: Type.String(), type: NullableString, openedAt: Time });
const Draft = Type.Object({ baseVersion: Type.Integer(), fields: draftFields, savedAt: Time });

export const CaseItem = Type.Object({ ...caseFields, call: Type.Union([Type.Null(), CallOfCase]) });
export const CaseDetail = Type.Object({
  ...caseFields,
  maskedCallCode: Type.Union([Type.String({ description: 'For who works on the case in a unit: with the number, what a phone of the unit keys to be put through to the citizen' }), Type.Null()]),
  progressCode: Type.Union([Type.String({ description: 'With the number, what the citizen keys on the phone to hear how the case stands' }), Type.Null()]),
  isEditable: Type.Boolean(),
  allowedActions: Type.Array(Type.String()),
  draft: Type.Union([Type.Null(), Draft]),
  history: Type.Object({ count: Type.Integer(), items: Type.Array(EarlierCase) }),
});
export const CaseEventView = Type.Object({
  id: Type.Integer(), at: Time, type: Type.String(), userId: NullableString, fromState: NullableString, toState: Type.String(),
  data: Type.Record(Type.String(), Type.Unknown()),
});

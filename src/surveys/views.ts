import { Type } from 'typebox';
import { Id, NullableString, NullableTime, Time, iso } from '../http/paging.ts';
import type { SurveyListRow, TryRow } from './queries.ts';
import type { Answer, Question } from './survey.ts';

const NullableId = Type.Union([Id, Type.Null()]);
export const SurveyView = Type.Object({
  id: Id, caseId: Id, caseNumber: Type.String(), isConfidential: Type.Boolean(), round: Type.Integer(), campaignId: NullableId, state: Type.String(), tries: Type.Integer(), nextTryAt: NullableTime,
  callId: NullableId, assignedTo: NullableId, linkExpiresAt: NullableTime, phoneKind: NullableString, endedBy: NullableString, createdAt: Time, endedAt: NullableTime, settledAt: NullableTime, version: Type.Integer(),
});
export const QuestionView = Type.Object({ code: Type.String(), kind: Type.String(), textZh: Type.String(), textEn: NullableString, options: Type.Array(Type.Object({ value: Type.String(), textZh: Type.String(), textEn: NullableString })) });
const AnswerView = Type.Object({ code: Type.String(), value: NullableString, by: Type.String(), at: Time, callId: NullableId, spokenFrom: NullableTime, spokenTo: NullableTime });
const TryView = Type.Object({ no: Type.Integer(), by: Type.String(), callId: NullableId, at: Time, outcome: NullableString });
export const SurveyDetail = Type.Object({ ...SurveyView.properties, words: NullableString, questions: Type.Array(QuestionView), answers: Type.Array(AnswerView), tries: Type.Array(TryView) });
export const Progress = Type.Object({
  states: Type.Array(Type.Object({ state: Type.String(), count: Type.Integer() })), pausedAt: NullableTime,
  lines: Type.Object({ live: Type.Integer({ description: 'Legs on the trunk, whoever they belong to' }), surveys: Type.Integer(), most: Type.Integer() }),
});

export function viewSurvey({ words: _, cell: __, ...row }: SurveyListRow) {
  return { ...row, nextTryAt: iso(row.nextTryAt), linkExpiresAt: iso(row.linkExpiresAt), createdAt: row.createdAt.toISOString(), endedAt: iso(row.endedAt), settledAt: iso(row.settledAt) };
}

export function viewQuestion({ code, kind, textZh, textEn, options }: Question) {
  return { code, kind, textZh, textEn: textEn ?? null, options: options.map((option) => ({ value: option.value, textZh: option.textZh, textEn: option.textEn ?? null })) };
}

export function viewAnswer(answer: Answer) {
  return { ...answer, at: answer.at.toISOString(), spokenFrom: iso(answer.spokenFrom), spokenTo: iso(answer.spokenTo) };
}

export function viewTry(one: TryRow) {
  return { ...one, at: one.at.toISOString() };
}

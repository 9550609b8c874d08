import { Type, type TSchema } from 'typebox';
import { caseTypes } from '../cases/case.ts';
import { Id, Instant, NullableString, NullableTime, pageQuery, Time } from '../http/paging.ts';
import { quotaAttributes } from './campaign.ts';
import { campaignStates } from './campaign-machine.ts';

const strict = { additionalProperties: false } as const;
const some = <Item extends TSchema>(item: Item, description = 'Any of these') => Type.Optional(Type.Array(item, { minItems: 1, maxItems: 100, description }));
/** Reports are confidential. */
const CaseType = Type.Enum(caseTypes.filter((type) => type !== 'report'));
const Code = Type.String({ minLength: 1, maxLength: 64 });
const Count = Type.Integer();
const Nullable = Type.Union([Type.Number(), Type.Null()]);
const Channel = Type.String({ pattern: '^[a-z]{1,16}$' });

const Filter = Type.Object({
  types: some(CaseType), categories: some(Code, 'With those below them'), districts: some(Code), unitIds: some(Id, 'Units that had a part in it, with those below them'), channels: some(Channel),
  closedFrom: Instant, closedTo: Instant,
}, strict);
const Quota = Type.Object({
  by: Type.Enum([...quotaAttributes]), most: Type.Integer({ minimum: 0, maximum: 100_000, description: 'Answers of each cell' }),
  cells: Type.Record(Type.String({ pattern: '^.{0,64}$' }), Type.Integer({ minimum: 0, maximum: 100_000 }), { default: {}, description: 'Where it is another number; 0: nobody is asked' }),
}, strict);
const Body = {
  name: Type.String({ minLength: 1, maxLength: 120, pattern: '\\S' }), questionnaireCode: Code, filter: Filter,
  sampleSize: Type.Integer({ minimum: 1, maximum: 100_000, description: 'Citizens who are drawn' }),
  seed: Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: 'The same one draws the same sample again' }),
  quietDays: Type.Integer({ minimum: 0, maximum: 3_650, default: 90, description: 'Nobody who was asked anything within so many days' }),
  maxLines: Type.Integer({ minimum: 1, maximum: 1_000, default: 10, description: 'Calls of this campaign at once; all surveys share the lines of the survey rules' }),
};
const planned = { ...Body, questionnaireVersion: Type.Optional(Type.Integer({ minimum: 1, description: 'Refuses when the questionnaire was changed since' })), quota: Type.Optional(Quota) };
export const NewCampaign = Type.Object(planned, strict);
export const ChangedCampaign = Type.Object({ version: Type.Integer({ minimum: 1 }), ...planned }, strict);
export const listQuery = Type.Object({ ...pageQuery, state: Type.Optional(Type.Enum([...campaignStates])) }, strict);
export const resultsQuery = Type.Object({ cell: Type.Optional(Type.String({ maxLength: 64, description: 'Of these citizens only, as the quota divides them' })) }, strict);
export const freeQuery = Type.Object({ ...pageQuery, question: Type.String({ pattern: '^[a-z_]{1,40}$' }) }, strict);

const ProgressView = Type.Object({ sampled: Count, open: Count, calling: Count, answered: Count, refused: Count, unreachable: Count, quotaFull: Count, withdrawn: Count });
export const CampaignView = Type.Object({
  id: Id, ...Body, filter: Type.Object({ ...Filter.properties, closedFrom: Time, closedTo: Time }), questionnaireVersion: Count, quota: Type.Union([Quota, Type.Null()]),
  state: Type.Enum([...campaignStates]), endedWhy: NullableString, population: Type.Union([Count, Type.Null()], { description: 'Citizens who could have been drawn at the start' }),
  createdBy: Id, createdAt: Time, startedAt: NullableTime, endedAt: NullableTime, version: Count, allowedActions: Type.Array(Type.String()), progress: ProgressView,
});
const CellView = Type.Object({ cell: Type.String(), drawn: Count, answered: Count, calling: Count, most: Nullable, isFull: Type.Boolean() });
export const CampaignDetail = Type.Object({
  ...CampaignView.properties, cells: Type.Array(CellView),
  expectedEnd: Type.Union([Time, Type.Null()], { description: 'By how it went until now; null where it would be a guess' }),
});
export const PreviewView = Type.Object({ citizens: Count, drawn: Count, cells: Type.Array(Type.Object({ cell: Type.String(), citizens: Count, most: Nullable })) });

const ShareFields = { count: Count, of: Count, share: Nullable, interval: Type.Union([Type.Object({ low: Type.Number(), high: Type.Number() }), Type.Null()], { description: '95 %, Wilson' }) };
const MeanView = Type.Object({ mean: Type.Number(), sd: Nullable, low: Nullable, high: Nullable, of: Count });
export const ResultsView = Type.Object({
  campaignId: Id, cell: NullableString, at: Time, state: Type.Enum([...campaignStates]),
  responseRate: Type.Object(ShareFields, { description: 'Citizens who answered all, of those to whom at least one call or message went' }), brokenOff: Count,
  questions: Type.Array(Type.Object({
    code: Type.String(), kind: Type.String(), textZh: Type.String(), answered: Count,
    options: Type.Array(Type.Object({ value: Type.String(), textZh: Type.String(), ...ShareFields })), mean: Type.Union([MeanView, Type.Null()], { description: '95 %, Student’s t' }),
  })),
});
export const FreeAnswerView = Type.Object({
  id: Id, code: Type.String(), cell: Type.String(), by: Type.String(), at: Time, text: NullableString, spokenSec: Nullable,
});

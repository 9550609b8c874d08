import { execute, query, queryOne, type Db, type Tx } from '../db/query.ts';
import type { Question } from '../surveys/survey.ts';
import type { SurveyState } from '../surveys/survey-machine.ts';
import type { Campaign, CampaignPlan } from './campaign.ts';
import type { AnswerCount } from './results-rules.ts';

const columns = `c.id, c.name, c.questionnaire_code, c.questionnaire_version, c.questions, c.filter, c.sample_size, c.seed, c.quiet_days, c.max_lines,
  case when c.quota_by is not null then jsonb_build_object('by', c.quota_by, 'most', c.quota_most, 'cells', c.quota_cells) end as quota,
  c.state, c.ended_why, c.population, c.cells, c.created_by, c.created_at, c.started_at, c.ended_at, c.version`;

export async function findQuestionnaire(db: Db, code: string): Promise<{ readonly version: number; readonly questions: Question[] } | undefined> {
  return queryOne(db, 'select version, questions from questionnaires where code = $1', [code]);
}

/** As `name` to `quota_cells` stand in the statements that write them. */
function planValues(one: CampaignPlan): unknown[] {
  return [one.name, one.questionnaireCode, one.questionnaireVersion, JSON.stringify(one.questions), JSON.stringify(one.filter), one.sampleSize, one.seed, one.quietDays, one.maxLines,
    one.quota?.by ?? null, one.quota?.most ?? null, JSON.stringify(one.quota?.cells ?? {})];
}

export async function insertCampaign(tx: Tx, one: Campaign): Promise<void> {
  await execute(tx, `insert into campaigns (id, name, questionnaire_code, questionnaire_version, questions, filter, sample_size, seed, quiet_days, max_lines, quota_by, quota_most, quota_cells, state, created_by, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
  [one.id, ...planValues(one), one.state, one.createdBy, one.createdAt]);
}

/** What is drawn, and what is asked. */
export async function savePlan(tx: Tx, one: Campaign): Promise<void> {
  await execute(tx, `update campaigns set name = $2, questionnaire_code = $3, questionnaire_version = $4, questions = $5, filter = $6, sample_size = $7, seed = $8, quiet_days = $9, max_lines = $10,
    quota_by = $11, quota_most = $12, quota_cells = $13, version = $14 where id = $1`,
  [one.id, ...planValues(one), one.version]);
}

export async function findCampaign(db: Db, campaignId: string): Promise<Campaign | undefined> {
  return queryOne(db, `select ${columns} from campaigns c where c.id = $1`, [campaignId]);
}

export async function lockCampaign(tx: Tx, campaignId: string): Promise<Campaign | undefined> {
  return queryOne(tx, `select ${columns} from campaigns c where c.id = $1 for no key update`, [campaignId]);
}

export async function saveCampaign(tx: Tx, one: Campaign): Promise<void> {
  await execute(tx, 'update campaigns set state = $2, ended_why = $3, population = $4, cells = $5, started_at = $6, ended_at = $7, version = $8 where id = $1',
    [one.id, one.state, one.endedWhy, one.population, one.cells, one.startedAt, one.endedAt, one.version]);
}

export async function listCampaigns(db: Db, { state, beforeId, limit }: { state: string | null; beforeId: string | null; limit: number }): Promise<Campaign[]> {
  return query(db, `select ${columns} from campaigns c where ($1::text is null or c.state = $1) and ($2::uuid is null or c.id < $2) order by c.id desc limit $3`, [state, beforeId, limit]);
}

/** Those under way that have full cells to close, or nobody left to ask. */
export async function listLive(db: Db): Promise<string[]> {
  return (await query<{ id: string }>(db, `select id from campaigns where state in ('running', 'paused') order by id`)).map((row) => row.id);
}

/** Whether anybody may still answer. */
export async function isAnybodyLeft(db: Db, campaignId: string): Promise<boolean> {
  return (await queryOne(db, `select 1 from surveys where campaign_id = $1 and state = 'due' union all select 1 from surveys where campaign_id = $1 and state = 'calling'
    union all select 1 from surveys where campaign_id = $1 and state = 'by_sms' limit 1`, [campaignId])) !== undefined;
}

type StateCount = { readonly campaignId: string; readonly state: SurveyState; readonly count: number };
export async function countStates(db: Db, campaignIds: readonly string[]): Promise<StateCount[]> {
  return query(db, 'select campaign_id, state, count(*) from surveys where campaign_id = any($1) group by campaign_id, state', [campaignIds]);
}

export async function countDrawn(db: Db, campaignId: string): Promise<{ readonly cell: string; readonly drawn: number }[]> {
  return query(db, 'select cell, count(*) as drawn from surveys where campaign_id = $1 group by cell', [campaignId]);
}

type PaceRow = { readonly endedSince: number; readonly left: number; readonly lastDueAt: Date | null; readonly isWaitingForLink: boolean };
/** How it went since; those who refuse before they are asked and those who are withdrawn cost no time. */
export async function findPaceOf(db: Db, campaignId: string, since: Date): Promise<PaceRow> {
  const row = await queryOne<PaceRow>(db, `select count(*) filter (where state in ('completed', 'refused', 'not_reached') and ended_at >= $2 and tries > 0) as ended_since,
      count(*) filter (where state in ('due', 'calling', 'by_sms')) as "left", max(next_try_at) as last_due_at, coalesce(bool_or(state = 'by_sms'), false) as is_waiting_for_link
    from surveys where campaign_id = $1`, [campaignId, since]);
  if (!row) throw new Error('a count without a row');
  return row;
}

/** Whoever ended a voice at once had nothing to say. */
const saysSomething = `(a.spoken_to is null or a.spoken_to - a.spoken_from >= interval '1 second')`;

/** Of those of the cell, or of all, who answered all; what was said or written freely is counted together. */
export async function countAnswers(db: Db, { id, questions }: Pick<Campaign, 'id' | 'questions'>, cell: string | null): Promise<AnswerCount[]> {
  const free = questions.filter((question) => question.kind === 'voice').map((question) => question.code);
  return query(db, `select a.code, case when a.code = any($2) then null else a.value end as value, count(*) from survey_answers a join surveys s on s.id = a.survey_id
    where s.campaign_id = $1 and s.state = 'completed' and ($3::text is null or s.cell = $3) and ${saysSomething} group by 1, 2`, [id, free, cell]);
}

type AskedCount = { readonly asked: number; readonly completed: number; readonly brokenOff: number };
/** `asked`: to whom at least one call or message went; `brokenOff`: those of them who answered some questions, not all. */
export async function countAsked(db: Db, campaignId: string, cell: string | null): Promise<AskedCount> {
  const row = await queryOne<AskedCount>(db, `select count(*) filter (where t.is_asked) as asked, count(*) filter (where t.is_asked and s.state = 'completed') as completed,
      count(*) filter (where s.state <> 'completed' and exists (select from survey_answers a where a.survey_id = s.id)) as broken_off
    from surveys s cross join lateral (select exists (select from survey_tries t where t.survey_id = s.id) as is_asked) t where s.campaign_id = $1 and ($2::text is null or s.cell = $2)`, [campaignId, cell]);
  if (!row) throw new Error('a count without a row');
  return row;
}

export type FreeAnswer = { readonly id: string; readonly code: string; readonly cell: string; readonly by: string; readonly at: Date; readonly text: string | null; readonly callId: string | null; readonly spokenFrom: Date | null; readonly spokenTo: Date | null };
const freeColumns = 'a.id, a.code, s.cell, a.by, a.at, a.value as text, case when a.spoken_to is not null then a.call_id end as call_id, a.spoken_from, a.spoken_to';

/** What was said or written to a question, by ids that are in no order. */
export async function listFreeAnswers(db: Db, { campaignId, code, afterId, limit }: { campaignId: string; code: string; afterId: string | null; limit: number }): Promise<FreeAnswer[]> {
  return query(db, `select ${freeColumns} from surveys s join survey_answers a on a.survey_id = s.id
    where s.campaign_id = $1 and s.state = 'completed' and a.code = $2 and ${saysSomething} and ($3::uuid is null or a.id > $3) order by a.id limit $4`, [campaignId, code, afterId, limit]);
}

/** An answer that was spoken. */
export async function findSpoken(db: Db, campaignId: string, answerId: string): Promise<{ readonly callId: string; readonly spokenFrom: Date; readonly spokenTo: Date } | undefined> {
  return queryOne(db, `select a.call_id, a.spoken_from, a.spoken_to from survey_answers a join surveys s on s.id = a.survey_id
    where a.id = $2 and s.campaign_id = $1 and a.call_id is not null and a.spoken_from is not null and a.spoken_to is not null`, [campaignId, answerId]);
}

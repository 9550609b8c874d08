import { execute, query, queryOne, type Db, type Tx } from '../db/query.ts';
import type { Outcome } from '../calls/call.ts';
import type { LinkMatter } from './link-page-rules.ts';
import type { Answer, Question, Survey, SurveyRules } from './survey.ts';
import { surveyTransitions } from './survey-machine.ts';
import type { CallEnd } from './verdict-rules.ts';

const names = ['id', 'case_id', 'round', 'campaign_id', 'cell', 'state', 'tries', 'next_try_at', 'call_id', 'assigned_to', 'words', 'link_expires_at', 'ended_by', 'created_at', 'ended_at', 'settled_at', 'version'];
export const surveyColumns = (table: string): string => names.map((name) => `${table}.${name}`).join(', ');

export async function findRules(db: Db): Promise<SurveyRules> {
  const rules = await queryOne<SurveyRules>(db, `select windows, max_lines, trunk_lines, reserved_lines, max_tries, link_days, person_priority,
    coalesce(queue_id, (select queue_id from numbers where number = '12345')) as queue_id from survey_rules`);
  if (!rules) throw new Error('there are no survey rules');
  return rules;
}

/** What is asked: of a campaign what it began with, else the questionnaire as it is now. */
export async function findQuestions(db: Db, { campaignId }: Pick<Survey, 'campaignId'>): Promise<Question[]> {
  const row = campaignId === null ? await queryOne<{ questions: Question[] }>(db, `select questions from questionnaires where code = 'callback'`)
    : await queryOne<{ questions: Question[] }>(db, 'select questions from campaigns where id = $1', [campaignId]);
  return row?.questions ?? [];
}

/** Results that were accepted and of which nobody was asked yet. */
export async function listUnasked(db: Db, limit: number): Promise<{ readonly caseId: string; readonly round: number }[]> {
  return query(db, `select k.id as case_id, k.survey_round as round from cases k where k.state = 'callback' and k.callback_reason = 'feedback'
    and not exists (select from surveys s where s.case_id = k.id and s.round = k.survey_round and s.campaign_id is null) limit $1`, [limit]);
}

/** False: it was there already. */
export async function insertSurvey(tx: Tx, one: Survey): Promise<boolean> {
  return (await execute(tx, `insert into surveys (id, case_id, round, campaign_id, cell, state, next_try_at, ended_by, created_at, ended_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`,
    [one.id, one.caseId, one.round, one.campaignId, one.cell, one.state, one.nextTryAt, one.endedBy, one.createdAt, one.endedAt])) > 0;
}

export async function findSurvey(db: Db, surveyId: string): Promise<Survey | undefined> {
  return queryOne(db, `select ${surveyColumns('s')} from surveys s where s.id = $1`, [surveyId]);
}

export async function lockSurvey(tx: Tx, surveyId: string): Promise<Survey | undefined> {
  return queryOne(tx, `select ${surveyColumns('s')} from surveys s where s.id = $1 for update`, [surveyId]);
}

export async function saveSurvey(tx: Tx, one: Survey): Promise<void> {
  await execute(tx, `update surveys set state = $2, tries = $3, next_try_at = $4, call_id = $5, assigned_to = $6, words = $7, link_expires_at = $8, ended_by = $9, ended_at = $10, settled_at = $11, version = $12,
    link_hash = case when $2::text = 'by_sms' then link_hash end where id = $1`,
  [one.id, one.state, one.tries, one.nextTryAt, one.callId, one.assignedTo, one.words, one.linkExpiresAt, one.endedBy, one.endedAt, one.settledAt, one.version]);
}

export async function insertTry(tx: Tx, surveyId: string, one: { by: 'phone' | 'sms' | 'person'; callId: string | null; at: Date; outcome: string | null }): Promise<void> {
  await execute(tx, `insert into survey_tries (survey_id, no, by, call_id, at, outcome) select $1, 1 + count(*), $2, $3, $4, $5 from survey_tries where survey_id = $1`, [surveyId, one.by, one.callId, one.at, one.outcome]);
}

export async function saveTryOutcome(tx: Tx, callId: string, outcome: string): Promise<void> {
  await execute(tx, 'update survey_tries set outcome = $2 where call_id = $1', [callId, outcome]);
}

export type TryRow = { readonly no: number; readonly by: string; readonly callId: string | null; readonly at: Date; readonly outcome: string | null };
export async function listTries(db: Db, surveyId: string): Promise<TryRow[]> {
  return query(db, 'select no, by, call_id, at, outcome from survey_tries where survey_id = $1 order by no', [surveyId]);
}

export async function listAnswers(db: Db, surveyId: string): Promise<Answer[]> {
  return query(db, 'select code, value, by, at, call_id, spoken_from, spoken_to from survey_answers where survey_id = $1 order by at, code', [surveyId]);
}

/** The first answer to a question stays, except for what a person writes down. */
export async function insertAnswers(tx: Tx, surveyId: string, answers: readonly Answer[]): Promise<void> {
  for (const one of answers) {
    await execute(tx, `insert into survey_answers (survey_id, code, value, by, at, call_id, spoken_from, spoken_to) values ($1, $2, $3, $4, $5, $6, $7, $8)
      on conflict (survey_id, code) do update set value = excluded.value, by = excluded.by, at = excluded.at, call_id = excluded.call_id, spoken_from = excluded.spoken_from, spoken_to = excluded.spoken_to where excluded.by = 'person'`,
    [surveyId, one.code, one.value, one.by, one.at, one.callId, one.spokenFrom, one.spokenTo]);
  }
}

export async function isRefused(db: Db, indexes: readonly Buffer[]): Promise<boolean> {
  return (await queryOne(db, 'select 1 from survey_refusals where phone_index = any($1)', [indexes])) !== undefined;
}

export async function insertRefusal(tx: Tx, phoneIndex: Buffer, surveyId: string, at: Date): Promise<void> {
  await execute(tx, 'insert into survey_refusals (phone_index, survey_id, at) values ($1, $2, $3) on conflict do nothing', [phoneIndex, surveyId, at]);
}

/** Surveys whose call is over, and nobody has looked what came of it. */
export async function listEndedCalls(db: Db, limit: number): Promise<string[]> {
  return (await query<{ id: string }>(db, `select s.id from surveys s join calls c on c.id = s.call_id where s.state = 'calling' and c.state = 'ended' limit $1`, [limit])).map((row) => row.id);
}

type EndedCall = CallEnd & { readonly answers: readonly { code: string; value: string | null; at: string; from?: string; to?: string }[] };

/** How the call went; undefined while it goes on. */
export async function findEndedCall(tx: Tx, callId: string): Promise<EndedCall | undefined> {
  return queryOne<EndedCall & { outcome: Outcome }>(tx, `select c.outcome, c.ended_at, c.operator_id, c.connected_at is not null as is_connected, coalesce(c.script->'answers', '[]') as answers,
      exists (select from call_legs l where l.call_id = c.id and l.role = 'citizen' and (l.ringing_at is not null or l.answered_at is not null or l.hangup_cause is not null)) as was_tried
    from calls c where c.id = $1 and c.state = 'ended'`, [callId]);
}

/** Over, and the case does not know yet. */
export async function listUnsettled(db: Db, limit: number): Promise<string[]> {
  return (await query<{ id: string }>(db, 'select id from surveys where ended_at is not null and settled_at is null order by ended_at limit $1', [limit])).map((row) => row.id);
}

export async function listExpiredLinks(db: Db, now: Date, limit: number): Promise<string[]> {
  return (await query<{ id: string }>(db, `select id from surveys where state = 'by_sms' and link_expires_at <= $1 limit $2`, [now, limit])).map((row) => row.id);
}

/** What is asked about moved on without us: somebody closed the case, or ended the campaign. */
export async function listPointless(db: Db, limit: number): Promise<string[]> {
  return (await query<{ id: string }>(db, `select s.id from surveys s join cases k on k.id = s.case_id left join campaigns c on c.id = s.campaign_id
    where s.state in ('due', 'by_sms', 'by_person') and case when s.campaign_id is null then k.state <> 'callback' or k.callback_reason <> 'feedback' or k.survey_round <> s.round else c.state = 'ended' end limit $1`, [limit])).map((row) => row.id);
}

/**
 * Ends what waits in cells of a campaign, all of it at once: nobody was told anything, so no case has anything to tell, and nothing is left to settle.
 * The order of locks stays: whoever holds one of these rows waits for no other.
 */
export async function endOpen(tx: Tx, { campaignId, action, cells, at }: { campaignId: string; action: 'withdraw' | 'cancel'; cells: readonly string[]; at: Date }): Promise<void> {
  const { from, to } = surveyTransitions[action];
  await execute(tx, `update surveys set state = $4, next_try_at = null, link_expires_at = null, link_hash = null, ended_by = 'system', ended_at = $5, settled_at = $5, version = version + 1
    where campaign_id = $1 and cell = any($2) and state = any($3)`, [campaignId, cells, from, to, at]);
}

/** The survey of a link that still works. */
export async function findByLink(db: Db, hash: Buffer, now: Date): Promise<Survey | undefined> {
  return queryOne(db, `select ${surveyColumns('s')} from surveys s where s.link_hash = $1 and s.state = 'by_sms' and s.link_expires_at > $2`, [hash, now]);
}

/** What a page may say of the case; null of a confidential one. */
export async function findMatter(db: Db, caseId: string): Promise<LinkMatter | null> {
  return (await queryOne<LinkMatter>(db, `select k.opened_at, c.name_zh, c.name_en from cases k left join case_categories c on c.code = k.category_code where k.id = $1 and not k.is_confidential and k.type is distinct from 'report'`, [caseId])) ?? null;
}

/** Links that no phone received. */
export async function listUndelivered(db: Db, limit: number): Promise<string[]> {
  return (await query<{ id: string }>(db, `select s.id from surveys s join sms_messages m on m.purpose = 'survey_link' and m.subject_id = s.id where s.state = 'by_sms' and m.state in ('failed', 'expired') limit $1`, [limit])).map((row) => row.id);
}

export type SurveyListRow = Survey & { readonly caseNumber: string; readonly isConfidential: boolean; readonly phoneKind: string | null };
const selectListed = `select ${surveyColumns('s')}, k.number as case_number, k.is_confidential, i.phone_kind from surveys s join cases k on k.id = s.case_id left join case_identities i on i.case_id = k.id`;

export async function findListed(db: Db, surveyId: string): Promise<SurveyListRow | undefined> {
  return queryOne(db, `${selectListed} where s.id = $1`, [surveyId]);
}

export async function listSurveys(db: Db, filter: { state: string | null; caseId: string | null; assignedTo: string | null; campaignId: string | null; beforeId: string | null; limit: number }): Promise<SurveyListRow[]> {
  return query(db, `${selectListed} where ($1::text is null or s.state = $1) and ($2::uuid is null or s.case_id = $2) and ($3::uuid is null or s.assigned_to = $3) and ($4::uuid is null or s.campaign_id = $4) and ($5::uuid is null or s.id < $5)
    order by s.id desc limit $6`, [filter.state, filter.caseId, filter.assignedTo, filter.campaignId, filter.beforeId, filter.limit]);
}

export async function countSurveys(db: Db): Promise<{ readonly state: string; readonly count: number }[]> {
  return query(db, 'select state, count(*) from surveys group by state order by state');
}

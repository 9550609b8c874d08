import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';
import type { Pair } from './agreement-rules.ts';

export type Check = {
  readonly id: string; readonly surveyId: string; readonly caseId: string; readonly caseNumber: string; readonly isConfidential: boolean; readonly campaignId: string | null;
  readonly state: 'open' | 'done' | 'not_reached'; readonly drawnAt: Date; readonly callId: string | null; readonly endedAt: Date | null; readonly version: number;
};
const selectChecks = `select c.id, c.survey_id, s.case_id, k.number as case_number, k.is_confidential, s.campaign_id, c.state, c.drawn_at, c.call_id, c.ended_at, c.version
  from survey_checks c join surveys s on s.id = c.survey_id join cases k on k.id = s.case_id`;

export type Draw = { readonly from: Date; readonly to: Date; readonly size: number; readonly seed: number; readonly userId: string; readonly at: Date };

/**
 * Of the surveys that ended from `from` until before `to` with answers to a machine: `size` at the most, the same ones for the same seed. Nobody is drawn twice, nor who
 * said meanwhile that they do not want to be asked again.
 */
export async function drawChecks(tx: Tx, { from, to, size, seed, userId, at }: Draw): Promise<number> {
  return execute(tx, `insert into survey_checks (id, survey_id, drawn_by, drawn_at)
    select gen_random_uuid(), s.id, $5, $6 from surveys s join case_identities i on i.case_id = s.case_id
    where s.state = 'completed' and s.ended_by in ('phone', 'web') and s.campaign_id is null and s.ended_at >= $1 and s.ended_at < $2 and i.phone_index is not null
      and not exists (select from survey_refusals r where r.phone_index = i.phone_index)
    order by md5($4::text || s.id::text), s.id limit $3 on conflict (survey_id) do nothing`, [from, to, size, seed, userId, at]);
}

export async function listChecks(db: Db, filter: { readonly state: string | null; readonly beforeId: string | null; readonly limit: number }): Promise<Check[]> {
  return query(db, `${selectChecks} where ($1::text is null or c.state = $1) and ($2::uuid is null or c.id < $2) order by c.id desc limit $3`, [filter.state, filter.beforeId, filter.limit]);
}

export async function findCheck(db: Db, checkId: string): Promise<Check | undefined> {
  return queryOne(db, `${selectChecks} where c.id = $1`, [checkId]);
}

/** Whether the answers of this survey must not be seen, because somebody is about to ask the same. */
export async function isUnderCheck(db: Db, surveyId: string): Promise<boolean> {
  return (await queryOne(db, `select 1 from survey_checks where survey_id = $1 and state = 'open'`, [surveyId])) !== undefined;
}

export async function saveCheckCall(tx: Tx, checkId: string, callId: string): Promise<void> {
  await execute(tx, `update survey_checks set call_id = $2, version = version + 1 where id = $1 and state = 'open'`, [checkId, callId]);
}

type End = { readonly version: number; readonly answers: Readonly<Record<string, string>> | null; readonly words: string | null; readonly userId: string; readonly at: Date };

/** False: it is not open any more, or somebody else changed it. */
export async function endCheck(tx: Tx, checkId: string, { version, answers, words, userId, at }: End): Promise<boolean> {
  return (await execute(tx, `update survey_checks set state = case when $3::jsonb is null then 'not_reached' else 'done' end, answers = $3, words = $4, ended_by = $5, ended_at = $6, version = version + 1
    where id = $1 and version = $2 and state = 'open'`, [checkId, version, answers && JSON.stringify(answers), words, userId, at])) > 0;
}

/** What the machine was told beside what the person heard, question by question, of the checks that ended in a time. */
export async function listPairs(db: Db, { from, to }: { readonly from: Date; readonly to: Date }): Promise<(Pair & { readonly surveyId: string })[]> {
  return query(db, `select c.survey_id, a.code, a.value as by_machine, c.answers ->> a.code as by_person
    from survey_checks c join survey_answers a on a.survey_id = c.survey_id and a.by in ('phone', 'web')
    where c.state = 'done' and c.ended_at >= $1 and c.ended_at < $2 and a.value is not null order by a.code, c.survey_id`, [from, to]);
}

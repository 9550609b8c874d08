import { query, type Db } from '../db/query.ts';

export const surveyGroups = ['all', 'unit', 'type', 'district'] as const;
export type SurveyGroup = (typeof surveyGroups)[number];
export type Period = { readonly from: Date; readonly to: Date };

/** What the rates of one group are made of. `toSurvey` = `completed` + `refused` + `notReached` + `open`. */
export type SurveyCounts = {
  readonly key: string | null; readonly name: string | null;
  readonly toSurvey: number; readonly completed: number; readonly refused: number; readonly notReached: number; readonly open: number; readonly reached: number;
  readonly happy: number; readonly rated: number; readonly solved: number; readonly answeredSolved: number;
  /** Left out of the adjusted rates: a result that somebody decided not to count against the unit (甄别). */
  readonly excusedRated: number; readonly excusedAnsweredSolved: number;
};

/**
 * Callback surveys of results accepted from `from` until before `to`, with the unit whose result it was. Those that were given up because there was nothing to
 * ask any more are none. Excused is an unhappy answer or an unsolved matter whose review, asked for before the citizen was asked again, was granted.
 */
const surveyed = `surveyed as materialized (
  select s.id, s.case_id, s.state, s.created_at, s.ended_at, k.number, k.type, k.district_code, f.unit_id,
    s.state in ('completed', 'refused') or exists (select from survey_answers a where a.survey_id = s.id) as is_reached,
    (select value from survey_answers a where a.survey_id = s.id and a.code = 'satisfied' and value <> 'no_opinion') as satisfied,
    (select value from survey_answers a where a.survey_id = s.id and a.code = 'solved') as solved,
    exists (select from case_requests r where r.case_id = s.case_id and r.kind = 'review' and r.is_granted and r.asked_at >= s.created_at
      and not exists (select from surveys n where n.case_id = s.case_id and n.campaign_id is null and n.round > s.round and n.created_at <= r.asked_at)) as is_granted
  from surveys s join cases k on k.id = s.case_id
  left join lateral (select u.unit_id from case_feedbacks f join case_units u on u.id = f.case_unit_id
    where f.case_id = s.case_id and f.at <= s.created_at order by f.at desc limit 1) f on true
  where s.campaign_id is null and s.state <> 'cancelled' and s.created_at >= $1 and s.created_at < $2)`;
const isExcusedRating = `(is_granted and satisfied = 'dissatisfied')`;
const isExcusedSolution = `(is_granted and solved = 'no')`;

const groups: Readonly<Record<SurveyGroup, { readonly key: string; readonly name: string; readonly join: string }>> = {
  all: { key: 'null::text', name: 'null::text', join: '' },
  unit: { key: 's.unit_id::text', name: 'u.name_zh', join: 'left join units u on u.id = s.unit_id' },
  type: { key: 's.type', name: 'null::text', join: '' },
  district: { key: 's.district_code', name: 'd.name_zh', join: 'left join districts d on d.code = s.district_code' },
};

export async function countSurveys(db: Db, { from, to }: Period, group: SurveyGroup): Promise<SurveyCounts[]> {
  const { key, name, join } = groups[group];
  return query<SurveyCounts>(db, `with ${surveyed}
    select ${key} as key, ${name} as name, count(*) as to_survey, count(*) filter (where s.state = 'completed') as completed, count(*) filter (where s.state = 'refused') as refused,
      count(*) filter (where s.state = 'not_reached') as not_reached, count(*) filter (where s.ended_at is null) as open, count(*) filter (where is_reached) as reached,
      count(*) filter (where satisfied in ('satisfied', 'basically_satisfied')) as happy, count(satisfied) as rated,
      count(*) filter (where solved = 'yes') as solved, count(solved) as answered_solved,
      count(*) filter (where ${isExcusedRating}) as excused_rated, count(*) filter (where ${isExcusedSolution}) as excused_answered_solved
    from surveyed s ${join} group by 1, 2 order by to_survey desc, 1`, [from, to]);
}

export type SurveyedRow = {
  readonly id: string; readonly caseId: string; readonly number: string; readonly type: string | null; readonly districtCode: string | null; readonly unitId: string | null; readonly state: string;
  readonly isReached: boolean; readonly satisfied: string | null; readonly solved: string | null; readonly isRatingExcused: boolean; readonly isSolutionExcused: boolean;
};

/** The rows behind the counts, after `afterId`. */
export async function listSurveyed(db: Db, { from, to }: Period, page: { readonly afterId: string | null; readonly limit: number }): Promise<SurveyedRow[]> {
  return query<SurveyedRow>(db, `with ${surveyed}
    select id, case_id, number, type, district_code, unit_id, state, is_reached, satisfied, solved, coalesce(${isExcusedRating}, false) as is_rating_excused,
      coalesce(${isExcusedSolution}, false) as is_solution_excused
    from surveyed where $3::uuid is null or id > $3 order by id limit $4`, [from, to, page.afterId, page.limit + 1]);
}

import { execute, query, queryOne, type Db, type Tx } from '../db/query.ts';
import type { Lines } from './pace-rules.ts';
import { surveyColumns } from './queries.ts';
import type { Matter } from './script-rules.ts';
import type { Survey } from './survey.ts';

export type Pace = { readonly pausedAt: Date | null; readonly pausedBy: string | null };

/** Held by whoever gives out lines. */
export async function lockPace(tx: Tx): Promise<Pace> {
  const pace = await queryOne<Pace>(tx, 'select paused_at, paused_by from survey_pace for no key update');
  if (!pace) throw new Error('there is no pace of surveys');
  return pace;
}

export async function findPace(db: Db): Promise<Pace> {
  return (await queryOne<Pace>(db, 'select paused_at, paused_by from survey_pace')) ?? { pausedAt: null, pausedBy: null };
}

export async function savePace(tx: Tx, { pausedAt, pausedBy }: Pace): Promise<void> {
  await execute(tx, 'update survey_pace set paused_at = $1, paused_by = $2', [pausedAt, pausedBy]);
}

/** A line is a leg that goes over the trunk: of a citizen, a unit, or a phone outside. */
export async function countLines(db: Db): Promise<Lines> {
  return (await queryOne<Lines>(db, `select count(*) as live, count(*) filter (where c.survey_id is not null) as surveys
    from call_legs l join calls c on c.id = l.call_id where l.state <> 'ended' and l.seat_id is null`)) ?? { live: 0, surveys: 0 };
}

export type DueSurvey = { readonly survey: Survey; readonly matter: Matter };

/** The first that are due, locked; those whose case or row somebody else works on just now are left for the next time. */
export async function listDue(tx: Tx, now: Date, limit: number): Promise<DueSurvey[]> {
  const rows = await query<Survey & Matter>(tx, `select ${surveyColumns('s')}, k.is_confidential, k.type, k.opened_at
    from surveys s join cases k on k.id = s.case_id left join campaigns c on c.id = s.campaign_id
    where s.state = 'due' and s.next_try_at <= $1 and case when c.id is null then k.state = 'callback' and k.survey_round = s.round else c.state = 'running' end
    order by s.next_try_at limit $2 for update of s skip locked for key share of k skip locked`, [now, limit]);
  return rows.map(({ isConfidential, type, openedAt, ...survey }) => ({ survey, matter: { isConfidential, type, openedAt } }));
}

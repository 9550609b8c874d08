import { execute, query, queryAnew, queryOne, type Db, type Tx } from '../db/query.ts';
import type { Lines } from './pace-rules.ts';
import { surveyColumns } from './queries.ts';
import type { Cell } from './quota-rules.ts';
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

const matterColumns = 'k.is_confidential, k.type, k.opened_at';

/** The first callback surveys that are due, locked; those whose case or row somebody else works on just now are left for the next time. */
export async function listDue(tx: Tx, now: Date, limit: number): Promise<DueSurvey[]> {
  return dueOf(await query<Survey & Matter>(tx, `select ${surveyColumns('s')}, ${matterColumns} from surveys s join cases k on k.id = s.case_id
    where s.state = 'due' and s.campaign_id is null and s.next_try_at <= $1 and k.state = 'callback' and k.survey_round = s.round
    order by s.next_try_at limit $2 for update of s skip locked for key share of k skip locked`, [now, limit]));
}

/** The same of campaigns: out of each cell as many as it has room for. */
export async function listDueInCells(tx: Tx, now: Date, rooms: readonly { readonly campaignId: string; readonly cell: string; readonly room: number }[], limit: number): Promise<DueSurvey[]> {
  return dueOf(await queryAnew<Survey & Matter>(tx, `select d.* from unnest($1::uuid[], $2::text[], $3::int[]) as r (campaign_id, cell, room) cross join lateral (
      select ${surveyColumns('s')}, ${matterColumns} from surveys s join cases k on k.id = s.case_id
      where s.campaign_id = r.campaign_id and s.cell = r.cell and s.state = 'due' and s.next_try_at <= $4
      order by s.next_try_at, s.id limit r.room for update of s skip locked for key share of k skip locked) d
    order by d.next_try_at, d.id limit $5`, [rooms.map((one) => one.campaignId), rooms.map((one) => one.cell), rooms.map((one) => one.room), now, limit]));
}

function dueOf(rows: readonly (Survey & Matter)[]): DueSurvey[] {
  return rows.map(({ isConfidential, type, openedAt, ...survey }) => ({ survey, matter: { isConfidential, type, openedAt } }));
}

/** Cells of campaigns, with who answered and who talks with us now; `campaignId` null: of all that run. */
export async function listCells(db: Db, campaignId: string | null): Promise<Cell[]> {
  return query(db, `select c.id as campaign_id, cell.code as cell, c.max_lines,
      case when c.quota_by is not null then coalesce((c.quota_cells->>cell.code)::integer, c.quota_most) end as most,
      count(*) filter (where s.state = 'completed') as answered, count(*) filter (where s.state = 'calling') as calling
    from campaigns c cross join unnest(c.cells) as cell (code) left join surveys s on s.campaign_id = c.id and s.cell = cell.code and s.state in ('calling', 'completed')
    where case when $1::uuid is null then c.state = 'running' else c.id = $1 end group by c.id, cell.code order by c.id, cell.code`, [campaignId]);
}

/** Held by who answers for a cell by a link, until it is counted; no row's lock, for whoever stops the campaign takes that first. */
export async function lockCell(tx: Tx, campaignId: string, cell: string): Promise<void> {
  await execute(tx, 'select pg_advisory_xact_lock(hashtext($1), hashtext($2))', [campaignId, cell]);
}

import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { iso } from '../http/paging.ts';
import { findPace, listCells } from '../surveys/pace-queries.ts';
import { findRules } from '../surveys/queries.ts';
import { isFull } from '../surveys/quota-rules.ts';
import { decentUntil } from '../surveys/try-rules.ts';
import type { Campaign } from './campaign.ts';
import { allowedActions } from './campaign-machine.ts';
import { expectedEnd, paceSince, progressOf } from './progress-rules.ts';
import { countAnswers, countAsked, countDrawn, countStates, findPaceOf, type FreeAnswer } from './queries.ts';
import { resultsOf, shareOf } from './results-rules.ts';

/** Campaigns with how they get on. */
export async function viewCampaigns({ pool }: Pick<Deps, 'pool'>, campaigns: readonly Campaign[]) {
  const counts = await countStates(pool, campaigns.map((one) => one.id));
  return campaigns.map(({ questions: _, cells: __, ...one }) => ({
    ...one, createdAt: one.createdAt.toISOString(), startedAt: iso(one.startedAt), endedAt: iso(one.endedAt),
    allowedActions: allowedActions(one.state), progress: progressOf(counts.filter((count) => count.campaignId === one.id)),
  }));
}

/** One of them, cell by cell, and when it may be over. */
export async function viewDetail(deps: Pick<Deps, 'pool' | 'now'>, campaign: Campaign) {
  const [view] = await viewCampaigns(deps, [campaign]);
  if (!view) throw new Error('a campaign without a view');
  const [cells, drawn] = [await listCells(deps.pool, campaign.id), new Map((await countDrawn(deps.pool, campaign.id)).map((one) => [one.cell, one.drawn]))];
  return {
    ...view, expectedEnd: iso(await expectEnd(deps, campaign)),
    cells: cells.map((one) => ({ cell: one.cell, drawn: drawn.get(one.cell) ?? 0, answered: one.answered, calling: one.calling, most: one.most, isFull: isFull(one) })),
  };
}

async function expectEnd({ pool, now }: Pick<Deps, 'pool' | 'now'>, { id, state, startedAt }: Campaign): Promise<Date | null> {
  if (state !== 'running' || !startedAt) return null;
  const at = now();
  const since = paceSince(at, startedAt);
  const [rules, machine, pace] = [await findRules(pool), await findPace(pool), await findPaceOf(pool, id, since)];
  // One who is being called is due now.
  const lastDueAt = pace.isWaitingForLink ? null : pace.lastDueAt ?? at;
  return expectedEnd({ isCalling: machine.pausedAt === null, decentUntil: decentUntil(rules.windows, at), since, endedSince: pace.endedSince, left: pace.left, lastDueAt }, at);
}

/** What was answered so far, by those of the cell, or of all, who answered all. @throws AppError for a cell of which nobody was drawn. */
export async function viewResults({ pool, now }: Pick<Deps, 'pool' | 'now'>, campaign: Campaign, cell: string | null) {
  if (cell !== null && !(await countDrawn(pool, campaign.id)).some((one) => one.cell === cell)) throw new AppError('not_found', { entity: 'cell', id: cell });
  const [counts, asked] = [await countAnswers(pool, campaign, cell), await countAsked(pool, campaign.id, cell)];
  return {
    campaignId: campaign.id, cell, at: now().toISOString(), state: campaign.state,
    responseRate: shareOf(asked.completed, asked.asked), brokenOff: asked.brokenOff, questions: resultsOf(campaign.questions, counts),
  };
}

/** Without who said it, and without the call, which would lead there. */
export function viewFreeAnswer({ callId: _, spokenFrom, spokenTo, ...row }: FreeAnswer) {
  return { ...row, at: row.at.toISOString(), spokenSec: spokenFrom && spokenTo ? Math.round((spokenTo.getTime() - spokenFrom.getTime()) / 100) / 10 : null };
}

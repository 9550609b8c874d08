import { v7 as uuid } from 'uuid';
import type { Deps } from '../deps.ts';
import type { Db, Tx } from '../db/query.ts';
import { AppError } from '../errors.ts';
import { findRules } from '../surveys/queries.ts';
import { nextDecentMoment } from '../surveys/try-rules.ts';
import { mostOf, type Campaign } from './campaign.ts';
import { insertDrawn, listCandidates, lockDrawing } from './sample-queries.ts';
import { countCells, drawSample, type Candidate } from './sampling-rules.ts';

/** Cases that are looked at in memory; a city of ten million closes as many in four months. */
const mostCases = 500_000;

/**
 * Draws the citizens and makes them due, in the transaction in which the campaign begins to run.
 * @throws AppError where the filter finds nobody, or too many to draw from.
 */
export async function startCampaign(deps: Deps, tx: Tx, campaign: Campaign, at: Date): Promise<Pick<Campaign, 'population' | 'cells'>> {
  await lockDrawing(tx);
  const candidates = await findCandidates(deps, tx, campaign, at);
  const drawn = drawSample(candidates, { size: campaign.sampleSize, seed: campaign.seed });
  if (drawn.length === 0) throw new AppError('campaign_empty');
  const { windows } = await findRules(tx);
  await insertDrawn(tx, { campaignId: campaign.id, at, nextTryAt: nextDecentMoment(windows, at) ?? at }, drawn.map(({ caseId, cell }) => ({ id: uuid(), caseId, cell })));
  const cells = countCells(candidates);
  return { population: cells.reduce((sum, { citizens }) => sum + citizens, 0), cells: [...new Set(drawn.map(({ cell }) => cell))].sort() };
}

/** How many citizens match, by cell, and how many of them would be drawn. */
export async function previewCampaign(deps: Deps, campaign: Campaign, at: Date) {
  const cells = countCells(await findCandidates(deps, deps.pool, campaign, at)).map((one) => ({ ...one, most: mostOf(campaign.quota, one.cell) }));
  const citizens = cells.reduce((sum, one) => sum + one.citizens, 0);
  return { citizens, drawn: Math.min(citizens, campaign.sampleSize), cells };
}

async function findCandidates({ config }: Deps, db: Db, campaign: Campaign, at: Date): Promise<Candidate[]> {
  const candidates = await listCandidates(db, campaign, { at, areaCode: config.HOTLINE_AREA_CODE, limit: mostCases + 1 });
  if (candidates.length > mostCases) throw new AppError('campaign_too_wide', { most: mostCases });
  // Nobody is asked for an answer that is not wanted.
  return candidates.filter(({ cell }) => mostOf(campaign.quota, cell) !== 0);
}

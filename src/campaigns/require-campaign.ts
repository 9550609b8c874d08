import type { Db } from '../db/query.ts';
import { AppError } from '../errors.ts';
import type { Campaign } from './campaign.ts';
import { findCampaign } from './queries.ts';

/** @throws AppError for one that is not there. */
export async function requireCampaign(db: Db, campaignId: string): Promise<Campaign> {
  const campaign = await findCampaign(db, campaignId);
  if (!campaign) throw new AppError('not_found', { entity: 'campaign', id: campaignId });
  return campaign;
}

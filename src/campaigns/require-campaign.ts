import type { Db, Tx } from '../db/query.ts';
import { AppError } from '../errors.ts';
import type { Campaign } from './campaign.ts';
import { findCampaign, lockCampaign } from './queries.ts';

/** @throws AppError for one that is not there. */
export async function requireCampaign(db: Db, campaignId: string): Promise<Campaign> {
  const campaign = await findCampaign(db, campaignId);
  if (!campaign) throw new AppError('not_found', { entity: 'campaign', id: campaignId });
  return campaign;
}

/** The same, held until the transaction ends. */
export async function requireLocked(tx: Tx, campaignId: string): Promise<Campaign> {
  const campaign = await lockCampaign(tx, campaignId);
  if (!campaign) throw new AppError('not_found', { entity: 'campaign', id: campaignId });
  return campaign;
}

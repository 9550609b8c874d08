import type { UserActor } from '../auth/actor.ts';
import { audit, type RequestTrace } from '../auth/audit.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import { endOpen } from '../surveys/queries.ts';
import type { Campaign } from './campaign.ts';
import { allowedActions, nextState } from './campaign-machine.ts';
import { saveCampaign } from './queries.ts';
import { requireLocked } from './require-campaign.ts';
import { startCampaign } from './start-campaign.ts';

export const campaignActs = ['start', 'pause', 'resume', 'stop'] as const;

/**
 * What a supervisor does with a campaign, in one transaction. A stop withdraws whoever was not reached yet; calls that are on go on, and their
 * answers count. @throws AppError where the table does not allow it.
 */
export async function changeCampaign(deps: Deps, campaignId: string, act: (typeof campaignActs)[number], { actor, trace }: { actor: UserActor; trace: RequestTrace }): Promise<void> {
  await transaction(deps.pool, async (tx) => {
    const current = await requireLocked(tx, campaignId);
    const state = nextState(current.state, act);
    if (state === null) throw new AppError('action_not_allowed', { state: current.state, action: act, allowed: allowedActions(current.state) });
    const at = deps.now();
    const drawn = act === 'start' ? { ...(await startCampaign(deps, tx, current, at)), startedAt: at } : {};
    const end = act === 'stop' ? { endedAt: at, endedWhy: 'stopped' as const } : {};
    const after: Campaign = { ...current, ...drawn, ...end, state, version: current.version + 1 };
    await saveCampaign(tx, after);
    if (act === 'stop') await endOpen(tx, { campaignId, action: 'cancel', cells: after.cells, at });
    await audit(tx, actor, trace, { action: `campaign.${act}`, entity: 'campaign', entityId: campaignId, details: act === 'start' ? { population: after.population } : {} });
  });
  deps.log.info({ campaignId, act, userId: actor.userId }, 'A campaign changed');
}

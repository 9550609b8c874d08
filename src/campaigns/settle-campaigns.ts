import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import { listCells } from '../surveys/pace-queries.ts';
import { endOpen } from '../surveys/queries.ts';
import { isFull } from '../surveys/quota-rules.ts';
import { nextState } from './campaign-machine.ts';
import { isAnybodyLeft, listLive, lockCampaign, saveCampaign } from './queries.ts';

/** Whoever waits in a cell that is full is withdrawn, and a campaign in which nobody is left to ask is over. */
export async function settleCampaigns(deps: Deps): Promise<void> {
  for (const campaignId of await listLive(deps.pool)) {
    await transaction(deps.pool, async (tx) => {
      const current = await lockCampaign(tx, campaignId);
      const state = current && nextState(current.state, 'finish');
      if (!state) return;
      const at = deps.now();
      const full = (await listCells(tx, campaignId)).filter(isFull).map((one) => one.cell);
      if (full.length > 0) await endOpen(tx, { campaignId, action: 'withdraw', cells: full, at });
      if (await isAnybodyLeft(tx, campaignId)) return;
      await saveCampaign(tx, { ...current, state, endedAt: at, endedWhy: 'done', version: current.version + 1 });
      deps.log.info({ campaignId }, 'A campaign is over');
    });
  }
}

import { Type } from 'typebox';
import { requireUser } from '../auth/authenticate.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { Id, Page, pageOf, readCursor, uuidPattern } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { allowedActions } from './campaign-machine.ts';
import { campaignActs, changeCampaign } from './change-campaign.ts';
import { createCampaign, editCampaign } from './draft-campaign.ts';
import { listCampaigns } from './queries.ts';
import { requireCampaign } from './require-campaign.ts';
import { CampaignDetail, CampaignView, ChangedCampaign, listQuery, NewCampaign, PreviewView } from './schemas.ts';
import { previewCampaign } from './start-campaign.ts';
import { viewCampaigns, viewDetail } from './views.ts';

const tags = ['campaigns'];
const params = Type.Object({ campaignId: Id });
const read = { permission: 'campaign.read' } as const;
const manage = { permission: 'campaign.manage' } as const;
const summaries: Readonly<Record<(typeof campaignActs)[number], string>> = {
  start: 'Draw the sample and call: one survey a citizen’s number', pause: 'Call nobody any more; calls that are on go on', resume: 'Call again', stop: 'End it; whoever was not reached never is',
};

/** Polls: made, looked through, started, paused and ended; how they get on. */
export function registerCampaignRoutes(app: App, deps: Deps): void {
  app.post('/api/campaigns', { config: manage, schema: { summary: 'Make a campaign; nobody is drawn yet', tags, body: NewCampaign, response: { 201: CampaignDetail, ...problemResponses(409, 422) } } }, async (request, reply) =>
    reply.code(201).send(await viewDetail(deps, await createCampaign(deps, request.body, { actor: requireUser(request), trace: request }))));

  app.get('/api/campaigns', { config: read, schema: { summary: 'Campaigns, newest first, with their progress', tags, querystring: listQuery, response: { 200: Page(CampaignView), ...problemResponses() } } }, async (request) => {
    const { cursor, limit, state = null } = request.query;
    const rows = await listCampaigns(deps.pool, { state, beforeId: readCursor(cursor, uuidPattern), limit: limit + 1 });
    const views = await viewCampaigns(deps, rows);
    return pageOf(views, limit, (row) => row.id, (row) => row);
  });

  app.get('/api/campaigns/:campaignId', { config: read, schema: { summary: 'A campaign with its progress, cell by cell', tags, params, response: { 200: CampaignDetail, ...problemResponses(404) } } }, async (request) =>
    viewDetail(deps, await requireCampaign(deps.pool, request.params.campaignId)));

  app.put('/api/campaigns/:campaignId', { config: manage, schema: { summary: 'Change a draft', tags, params, body: ChangedCampaign, response: { 200: CampaignDetail, ...problemResponses(404, 409, 422) } } }, async (request) =>
    viewDetail(deps, await editCampaign(deps, request.params.campaignId, request.body, { actor: requireUser(request), trace: request })));

  app.post('/api/campaigns/:campaignId/preview', { config: manage, schema: { summary: 'How many citizens match now, by cell; nobody is drawn', tags, params, response: { 200: PreviewView, ...problemResponses(404, 409, 422) } } }, async (request) => {
    const campaign = await requireCampaign(deps.pool, request.params.campaignId);
    if (campaign.state !== 'draft') throw new AppError('action_not_allowed', { state: campaign.state, action: 'preview', allowed: allowedActions(campaign.state) });
    return previewCampaign(deps, campaign, deps.now());
  });

  for (const act of campaignActs) {
    app.post(`/api/campaigns/:campaignId/${act}`, { config: manage, schema: { summary: summaries[act], tags, params, response: { 200: CampaignDetail, ...problemResponses(404, 409, 422) } } }, async (request) => {
      const { campaignId } = request.params;
      await changeCampaign(deps, campaignId, act, { actor: requireUser(request), trace: request });
      return viewDetail(deps, await requireCampaign(deps.pool, campaignId));
    });
  }
}

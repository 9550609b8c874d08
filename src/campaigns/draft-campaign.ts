import type { Static } from 'typebox';
import { v7 as uuid } from 'uuid';
import type { UserActor } from '../auth/actor.ts';
import { audit, type RequestTrace } from '../auth/audit.ts';
import type { Deps } from '../deps.ts';
import type { Tx } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import type { Campaign, CampaignPlan } from './campaign.ts';
import { allowedActions } from './campaign-machine.ts';
import { findQuestionnaire, insertCampaign, savePlan } from './queries.ts';
import { requireLocked } from './require-campaign.ts';
import { listUnknown } from './sample-queries.ts';
import type { NewCampaign } from './schemas.ts';

/** A longer time is no sample of cases that citizens remember, days. */
const mostDays = 366;
type Asked = Static<typeof NewCampaign>;
type By = { readonly actor: UserActor; readonly trace: RequestTrace };

/** A draft with the questions as they are now; nobody is drawn yet. @throws AppError as `planOf`. */
export async function createCampaign(deps: Deps, asked: Asked, { actor, trace }: By): Promise<Campaign> {
  return transaction(deps.pool, async (tx) => {
    const campaign: Campaign = {
      ...(await planOf(tx, asked)), id: uuid(), state: 'draft', endedWhy: null, population: null, cells: [],
      createdBy: actor.userId, createdAt: deps.now(), startedAt: null, endedAt: null, version: 1,
    };
    await insertCampaign(tx, campaign);
    await audit(tx, actor, trace, { action: 'campaign.created', entity: 'campaign', entityId: campaign.id, details: { sampleSize: campaign.sampleSize, seed: campaign.seed } });
    return campaign;
  });
}

/** The draft becomes what is given, with the questions as they are now. @throws AppError as `planOf`, and for one that was started or changed since. */
export async function editCampaign(deps: Deps, campaignId: string, { version, ...asked }: Asked & { readonly version: number }, { actor, trace }: By): Promise<Campaign> {
  return transaction(deps.pool, async (tx) => {
    const current = await requireLocked(tx, campaignId);
    if (current.state !== 'draft') throw new AppError('action_not_allowed', { state: current.state, action: 'edit', allowed: allowedActions(current.state) });
    if (current.version !== version) throw new AppError('stale_version', { version: current.version });
    const campaign: Campaign = { ...current, ...(await planOf(tx, asked)), version: version + 1 };
    await savePlan(tx, campaign);
    await audit(tx, actor, trace, { action: 'campaign.edited', entity: 'campaign', entityId: campaignId, details: { sampleSize: campaign.sampleSize, seed: campaign.seed } });
    return campaign;
  });
}

/** @throws AppError for codes that do not exist, a time that is none, and a questionnaire that was changed since. */
async function planOf(tx: Tx, { questionnaireVersion, quota: asked, ...body }: Asked): Promise<CampaignPlan> {
  const quota = asked ?? null;
  const spanMs = Date.parse(body.filter.closedTo) - Date.parse(body.filter.closedFrom);
  if (spanMs <= 0 || spanMs > mostDays * 86_400_000) throw new AppError('reference_unknown', { field: 'filter/closedTo', mostDays });
  const questionnaire = await findQuestionnaire(tx, body.questionnaireCode);
  if (!questionnaire) throw new AppError('reference_unknown', { field: 'questionnaireCode' });
  if (questionnaireVersion !== undefined && questionnaireVersion !== questionnaire.version) throw new AppError('stale_version', { version: questionnaire.version });
  const [unknown] = await listUnknown(tx, { filter: body.filter, quota });
  if (unknown !== undefined) throw new AppError('reference_unknown', { field: `filter/${unknown}` });
  return { ...body, questionnaireVersion: questionnaire.version, questions: questionnaire.questions, quota };
}

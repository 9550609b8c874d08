import type { Static } from 'typebox';
import { v7 as uuid } from 'uuid';
import type { UserActor } from '../auth/actor.ts';
import { audit, type RequestTrace } from '../auth/audit.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import type { Campaign } from './campaign.ts';
import { findQuestionnaire, insertCampaign } from './queries.ts';
import { listUnknown } from './sample-queries.ts';
import type { NewCampaign } from './schemas.ts';

/** A longer time is no sample of cases that citizens remember, days. */
const mostDays = 366;

/**
 * A draft with the questions as they are now; nobody is drawn yet.
 * @throws AppError for codes that do not exist, a time that is none, and a questionnaire that was changed since.
 */
export async function createCampaign(deps: Deps, { questionnaireVersion, quota: asked, ...body }: Static<typeof NewCampaign>, { actor, trace }: { actor: UserActor; trace: RequestTrace }): Promise<Campaign> {
  const quota = asked ?? null;
  const spanMs = Date.parse(body.filter.closedTo) - Date.parse(body.filter.closedFrom);
  if (spanMs <= 0 || spanMs > mostDays * 86_400_000) throw new AppError('reference_unknown', { field: 'filter/closedTo', mostDays });
  return transaction(deps.pool, async (tx) => {
    const questionnaire = await findQuestionnaire(tx, body.questionnaireCode);
    if (!questionnaire) throw new AppError('reference_unknown', { field: 'questionnaireCode' });
    if (questionnaireVersion !== undefined && questionnaireVersion !== questionnaire.version) throw new AppError('stale_version', { version: questionnaire.version });
    const [unknown] = await listUnknown(tx, { filter: body.filter, quota });
    if (unknown !== undefined) throw new AppError('reference_unknown', { field: `filter/${unknown}` });
    const campaign: Campaign = {
      ...body, id: uuid(), questionnaireVersion: questionnaire.version, questions: questionnaire.questions, quota, state: 'draft', endedWhy: null, population: null, cells: [],
      createdBy: actor.userId, createdAt: deps.now(), startedAt: null, endedAt: null, version: 1,
    };
    await insertCampaign(tx, campaign);
    await audit(tx, actor, trace, { action: 'campaign.created', entity: 'campaign', entityId: campaign.id, details: { sampleSize: campaign.sampleSize, seed: campaign.seed } });
    return campaign;
  });
}

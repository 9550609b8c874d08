import { noteOnCase } from '../cases/queries.ts';
import { vault } from '../cases/identity/vault.ts';
import { findIdentity } from '../cases/identity/queries.ts';
import { write, type Tx } from '../db/query.ts';
import { publish } from '../events/publish.ts';
import { AppError } from '../errors.ts';
import { insertRefusal, saveSurvey } from './queries.ts';
import type { Survey } from './survey.ts';
import { isOver, nextState, surveyTransitions, type SurveyAction } from './survey-machine.ts';

export type Change = Partial<Pick<Survey, 'tries' | 'nextTryAt' | 'callId' | 'assignedTo' | 'words' | 'linkExpiresAt' | 'endedBy'>> & { readonly userId?: string | null; /** For the case's timeline. */ readonly data?: object };

/**
 * The one door of a survey, whose row the caller has locked, behind that of its case: the table decides, the row is saved, and the case's timeline tells of it.
 * @throws AppError where the table does not allow it.
 */
export async function changeSurvey(tx: Tx, current: Survey, action: SurveyAction, at: Date, { userId = null, data = {}, ...set }: Change = {}): Promise<Survey> {
  // Nobody asks by hand for a campaign.
  const taken = action === 'give_to_person' && current.campaignId !== null ? 'lose' : action;
  const state = nextState(current.state, taken);
  if (state === null) throw new AppError('action_not_allowed', { state: current.state, action: taken, allowed: Object.keys(surveyTransitions).filter((name) => nextState(current.state, name as SurveyAction)) });
  const after: Survey = { ...current, nextTryAt: null, linkExpiresAt: null, ...set, state, endedAt: isOver(state) ? at : null, version: current.version + 1 };
  await saveSurvey(tx, after);
  if (state === 'refused') await refuseForGood(tx, after, at);
  // What nobody was asked is no part of the case's story.
  if (state !== 'cancelled' && state !== 'quota_full') await write(tx, noteOnCase({ caseId: after.caseId, at, type: `survey_${state}`, userId, data: { surveyId: after.id, campaignId: after.campaignId, tries: after.tries, ...data } }));
  await publish(tx, { type: 'case.changed', caseId: after.caseId });
  return after;
}

/** Who refused is never asked again, about whatever. */
async function refuseForGood(tx: Tx, one: Survey, at: Date): Promise<void> {
  const index = vault().indexOf((await findIdentity(tx, one.caseId))?.phone ?? null);
  if (index) await insertRefusal(tx, index, one.id, at);
}

import { v7 as uuid } from 'uuid';
import type { Deps } from '../deps.ts';
import { findIdentity } from '../cases/identity/queries.ts';
import { vault } from '../cases/identity/vault.ts';
import { transaction } from '../db/transaction.ts';
import { eachAlone } from '../jobs/steps.ts';
import { findRules, insertSurvey, isRefused, listUnasked } from './queries.ts';
import type { Survey, SurveyRules } from './survey.ts';
import { nextDecentMoment } from './try-rules.ts';

/** So many in one go. */
const batch = 100;

/** Each accepted result is asked about once: a survey is opened for it, whoever accepted it and whatever was down meanwhile. */
export async function openSurveys(deps: Deps): Promise<void> {
  const unasked = await listUnasked(deps.pool, batch);
  if (unasked.length === 0) return;
  const rules = await findRules(deps.pool);
  await eachAlone(unasked, 'some surveys could not be opened', ({ caseId, round }) => openSurvey(deps, rules, { caseId, round, campaignId: null, cell: null }));
}

/** How a citizen is asked at first: not at all who refused before, by a person who has no number, else by phone at a decent hour. */
export async function openSurvey(deps: Deps, rules: SurveyRules, of: Pick<Survey, 'caseId' | 'round' | 'campaignId' | 'cell'>): Promise<void> {
  const [surveyId, at] = [uuid(), deps.now()];
  const nextTryAt = await transaction(deps.pool, async (tx) => {
    const phone = (await findIdentity(tx, of.caseId))?.phone ?? null;
    const isUnwilling = phone !== null && (await isRefused(tx, vault().indexesOf(phone)));
    const moment = isUnwilling || phone === null ? null : nextDecentMoment(rules.windows, at);
    const state = isUnwilling ? 'refused' : moment ? 'due' : 'by_person';
    const one: Survey = { ...of, id: surveyId, state, tries: 0, nextTryAt: moment, callId: null, assignedTo: null, words: null, linkExpiresAt: null, endedBy: isUnwilling ? 'system' : null, createdAt: at, endedAt: isUnwilling ? at : null, settledAt: null, version: 1 };
    return (await insertSurvey(tx, one)) ? moment : null;
  });
  if (nextTryAt) await deps.jobs.wake('call-survey', { surveyId }, nextTryAt);
}

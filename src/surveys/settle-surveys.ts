import { applyCaseActIn, ringLater, type Applied } from '../cases/life/apply-case-act.ts';
import { isAllowed } from '../cases/case-machine.ts';
import { findIdentity } from '../cases/identity/queries.ts';
import { lockCaseRecord } from '../cases/life/queries.ts';
import { findOpenOrder } from '../cases/supervision/queries.ts';
import { execute, type Tx } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { eachAlone } from '../jobs/steps.ts';
import { changeSurvey } from './change-survey.ts';
import { findEndedCall, findQuestions, findRules, findSurvey, insertAnswers, listAnswers, listEndedCalls, listExpiredLinks, listPointless, listUndelivered, listUnsettled, lockSurvey, saveSurvey, saveTryOutcome } from './queries.ts';
import type { Survey } from './survey.ts';
import { nextState } from './survey-machine.ts';
import { sendLink } from './send-link.ts';
import { afterCall, isContent, reworkReason } from './verdict-rules.ts';

/** So many in one go of each kind. */
const batch = 100;
const nobody = { userId: null, unitId: null };

/** Everything that came about since: calls that are over, links whose time is, surveys whose matter is no more, and results of which the case does not know. */
export async function settleSurveys(deps: Deps): Promise<void> {
  const { pool } = deps;
  const message = 'some surveys could not be settled';
  await eachAlone([
    async () => eachAlone(await listEndedCalls(pool, batch), message, (surveyId) => settleCall(deps, surveyId)),
    async () => eachAlone([...await listExpiredLinks(pool, deps.now(), batch), ...await listUndelivered(pool, batch)], message, (surveyId) => withSurvey(deps, surveyId, async (tx, one, at) => {
      if (one.state === 'by_sms') await changeSurvey(tx, one, 'give_to_person', at);
    })),
    async () => eachAlone(await listPointless(pool, batch), message, (surveyId) => withSurvey(deps, surveyId, async (tx, one, at) => {
      if (nextState(one.state, 'cancel')) await changeSurvey(tx, one, 'cancel', at, { endedBy: 'system' });
    })),
    async () => eachAlone(await listUnsettled(pool, batch), message, (surveyId) => settleCase(deps, surveyId)),
  ], message, (kind) => kind());
}

/** The case first, as everywhere. */
export async function withSurvey<T>(deps: Deps, surveyId: string, work: (tx: Tx, one: Survey, at: Date) => Promise<T>): Promise<T | undefined> {
  const known = await findSurvey(deps.pool, surveyId);
  if (!known) return undefined;
  return transaction(deps.pool, async (tx) => {
    await execute(tx, 'select 1 from cases where id = $1 for update', [known.caseId]);
    const one = await lockSurvey(tx, surveyId);
    return one && work(tx, one, deps.now());
  });
}

/** The call is over: what was answered is kept, and what comes next is decided. Doing it twice changes nothing. */
async function settleCall(deps: Deps, surveyId: string): Promise<void> {
  const nextTryAt = await withSurvey(deps, surveyId, async (tx, one, at) => {
    const callId = one.callId;
    const end = one.state === 'calling' && callId ? await findEndedCall(tx, callId) : undefined;
    if (!end || !callId) return null;
    const given = end.answers.map((answer) => ({ code: answer.code, value: answer.value, by: 'phone', at: new Date(answer.at), callId, spokenFrom: answer.from ? new Date(answer.from) : null, spokenTo: answer.to ? new Date(answer.to) : null }) as const);
    await insertAnswers(tx, one.id, given);
    await saveTryOutcome(tx, callId, end.outcome);
    const [questions, answers, rules, identity] = [await findQuestions(tx, one), await listAnswers(tx, one.id), await findRules(tx), await findIdentity(tx, one.caseId)];
    const next = afterCall(one, end, { questions, answers, rules, canRead: identity?.phoneKind === 'mobile' });
    const tries = one.tries + (end.wasTried ? 1 : 0);
    const data = { callId, outcome: end.outcome };
    switch (next.action) {
      case 'complete': await changeSurvey(tx, one, 'complete', at, { tries, endedBy: 'phone', data }); return null;
      case 'refuse': await changeSurvey(tx, one, 'refuse', at, { tries, endedBy: 'phone', data }); return null;
      case 'give_to_person': await changeSurvey(tx, one, 'give_to_person', at, { tries, assignedTo: next.assignedTo, data }); return null;
      case 'send_link': await sendLink(deps, tx, { ...one, tries }, { expiresAt: next.expiresAt, at }); return null;
      case 'try_again': return (await changeSurvey(tx, one, 'try_again', at, { tries, nextTryAt: next.at, data })).nextTryAt;
    }
  });
  if (nextTryAt) await deps.jobs.wake('call-survey', { surveyId }, nextTryAt);
}

/**
 * What a survey that is over means to its case, done once, with the mark that it is. Content: closed. Not content: back to the unit with the citizen's
 * words; the second time under supervision. Whoever was not content a third time, refused, or was not reached is left to a person.
 */
async function settleCase(deps: Deps, surveyId: string): Promise<void> {
  const alarms = await withSurvey(deps, surveyId, async (tx, one, at) => {
    if (!one.endedAt || one.settledAt) return [];
    await saveSurvey(tx, { ...one, settledAt: at });
    const current = one.state === 'completed' && one.campaignId === null ? await lockCaseRecord(tx, one.caseId) : undefined;
    if (!current || current.surveyRound !== one.round || !isAllowed('close', current)) return [];
    const answers = await listAnswers(tx, one.id);
    if (isContent(answers)) return (await applyCaseActIn(tx, deps, nobody, { caseId: one.caseId, act: 'close', given: { note: '回访满意' } })).alarms;
    return sendBack(tx, deps, one, { reworkCount: current.reworkCount, reason: reworkReason(answers, one.words) });
  });
  await ringLater(deps, alarms ?? []);
}

/** Reworks by the machine; more are a person's decision. */
const mostReworks = 2;

async function sendBack(tx: Tx, deps: Deps, { caseId }: Survey, { reworkCount, reason }: { reworkCount: number; reason: string }): Promise<Applied['alarms']> {
  if (reworkCount >= mostReworks) return [];
  const { alarms } = await applyCaseActIn(tx, deps, nobody, { caseId, act: 'rework', given: { reason } });
  if (reworkCount === 0 || (await findOpenOrder(tx, caseId))) return alarms;
  return [...alarms, ...(await applyCaseActIn(tx, deps, nobody, { caseId, act: 'open_order', given: { reason: '重办后市民仍不满意，转入督办。' } })).alarms];
}

import { v7 as uuid } from 'uuid';
import { carryOut } from '../calls/apply-call-event.ts';
import { newCall } from '../calls/call.ts';
import type { Decision } from '../calls/decision.ts';
import { inOrder } from '../calls/in-order.ts';
import { insertCall } from '../calls/queries.ts';
import { saveDecision } from '../calls/save-decision.ts';
import { dialCitizen } from '../calls/surveying/surveying-machine.ts';
import { findIdentity } from '../cases/identity/queries.ts';
import { vault } from '../cases/identity/vault.ts';
import { write, type Tx } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { changeSurvey } from './change-survey.ts';
import { freeLines } from './pace-rules.ts';
import { countLines, listCells, listDue, listDueInCells, lockPace, type DueSurvey } from './pace-queries.ts';
import { findQuestions, findRules, insertTry, isRefused, listAnswers, saveSurvey } from './queries.ts';
import { roomsOf, withinLines } from './quota-rules.ts';
import { scriptOf } from './script-rules.ts';
import type { SurveyRules } from './survey.ts';
import { nextDecentMoment } from './try-rules.ts';
import { withoutCalls } from './verdict-rules.ts';
import { sendLink } from './send-link.ts';

/**
 * Calls as many citizens as lines are free for it. Any number of processes may do so at once: the lines are counted and the surveys taken under one
 * lock, calls and surveys are committed together, then they are dialled. Without a telephone system nobody is called.
 */
export async function placeSurveys(deps: Deps): Promise<void> {
  if (!deps.telephony.isConnected()) return;
  const decisions = await transaction(deps.pool, async (tx) => {
    const at = deps.now();
    const [rules, pace] = [await findRules(tx), await lockPace(tx)];
    if (pace.pausedAt) return [];
    const free = freeLines(rules, await countLines(tx));
    const placed: (Decision | null)[] = [];
    for (const due of free > 0 ? await listNext(tx, at, free) : []) placed.push(await place(deps, tx, due, rules, at));
    return placed.filter((one) => one !== null);
  });
  for (const decision of decisions) {
    void inOrder(decision.call.id, () => carryOut(deps, decision))
      .catch((error: unknown) => deps.log.error({ err: error, callId: decision.call.id }, 'A survey’s citizen could not be dialled'));
  }
}

/** Campaigns get the lines that callback surveys leave. */
async function listNext(tx: Tx, at: Date, free: number): Promise<DueSurvey[]> {
  const callbacks = await listDue(tx, at, free);
  const left = free - callbacks.length;
  const cells = left > 0 ? await listCells(tx, null) : [];
  const rooms = roomsOf(cells, left);
  if (rooms.length === 0) return callbacks;
  const due = (await listDueInCells(tx, at, rooms, left)).map((one) => ({ ...one, campaignId: one.survey.campaignId }));
  return [...callbacks, ...withinLines(due, cells)];
}

async function place(deps: Deps, tx: Tx, { survey, matter }: DueSurvey, rules: SurveyRules, at: Date): Promise<Decision | null> {
  const decent = nextDecentMoment(rules.windows, at);
  if (decent?.getTime() !== at.getTime()) {
    // Due since before the hour, and nobody was free then: it keeps until the next one.
    if (decent) await saveSurvey(tx, { ...survey, nextTryAt: decent });
    else await leaveToOthers(deps, tx, survey, rules, at);
    return null;
  }
  if (survey.campaignId !== null && matter.isConfidential) {
    // It was not when it was drawn.
    await changeSurvey(tx, survey, 'cancel', at, { endedBy: 'system' });
    return null;
  }
  const phone = (await findIdentity(tx, survey.caseId))?.phone;
  if (!phone) {
    await changeSurvey(tx, survey, 'give_to_person', at);
    return null;
  }
  // Whoever refused another survey since, or before the numbers got another key.
  if (await isRefused(tx, vault().indexesOf(phone))) {
    await changeSurvey(tx, survey, 'refuse', at, { endedBy: 'system' });
    return null;
  }
  const [questions, answers] = [await findQuestions(tx, survey), await listAnswers(tx, survey.id)];
  const script = scriptOf({ questions, isCampaign: survey.campaignId !== null, queueId: rules.queueId, personPriority: rules.personPriority }, matter, answers.map((answer) => answer.code));
  const call = { ...newCall({ id: uuid(), direction: 'outbound', calledNumber: phone, callerRaw: '', callerNumber: null, callerKind: 'unknown', legs: [] }, at), caseId: survey.caseId, surveyId: survey.id };
  const decision = dialCitizen(call, script, at);
  await write(tx, insertCall(decision.call));
  const saved = await saveDecision(deps, tx, { before: null, decision, event: { type: 'survey_dialed', at, data: { surveyId: survey.id } } });
  await changeSurvey(tx, survey, 'call', at, { callId: call.id, data: { callId: call.id } });
  await insertTry(tx, survey.id, { by: 'phone', callId: call.id, at, outcome: null });
  return saved;
}

/** No hour at all is decent: by a link, or a person. */
async function leaveToOthers(deps: Deps, tx: Tx, survey: DueSurvey['survey'], rules: SurveyRules, at: Date): Promise<void> {
  const next = withoutCalls(at, rules, true);
  if (next.action === 'send_link') await sendLink(deps, tx, survey, { expiresAt: next.expiresAt, at });
  else await changeSurvey(tx, survey, 'give_to_person', at);
}

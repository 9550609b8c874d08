import { Type } from 'typebox';
import { audit } from '../auth/audit.ts';
import { requireUser } from '../auth/authenticate.ts';
import { requireStrangerTo } from '../cases/life/require-stranger.ts';
import { dialOut } from '../calls/outbound/dial-out.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { Id, Page, pageOf, pageQuery, readCursor, uuidPattern, Version } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { isUnderCheck } from './checks/queries.ts';
import { changeSurvey } from './change-survey.ts';
import { countLines, findPace, lockPace, savePace } from './pace-queries.ts';
import { countSurveys, findQuestions, findRules, findListed, findSurvey, insertTry, listAnswers, listSurveys, listTries } from './queries.ts';
import { withSurvey } from './settle-surveys.ts';
import type { Survey } from './survey.ts';
import { surveyStates } from './survey-machine.ts';
import { takeAnswers } from './take-answers.ts';
import { Progress, SurveyDetail, SurveyView, viewAnswer, viewQuestion, viewSurvey, viewTry } from './views.ts';

const tags = ['surveys'];
const params = Type.Object({ surveyId: Id });
const ask = { permission: 'case.survey' } as const;
const manage = { permission: 'survey.manage' } as const;
const strict = { additionalProperties: false } as const;
const listQuery = Type.Object({ ...pageQuery, state: Type.Optional(Type.Enum([...surveyStates])), caseId: Type.Optional(Id), campaignId: Type.Optional(Id), mine: Type.Boolean({ default: false, description: 'Those that I ask by hand' }) }, strict);
const Answers = Type.Object({ version: Version, answers: Type.Record(Type.String({ pattern: '^[a-z_]{1,40}$' }), Type.String({ maxLength: 500 })), words: Type.Optional(Type.String({ maxLength: 2_000, description: 'What the citizen said beside the questions' })) }, strict);
const End = Type.Object({ version: Version, outcome: Type.Enum(['refused', 'not_reached']) }, strict);

/** The callback group's list, and how the machine gets on. */
export function registerSurveyRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  app.get('/api/surveys', { config: ask, schema: { summary: 'Surveys, newest first', tags, querystring: listQuery, response: { 200: Page(SurveyView), ...problemResponses() } } }, async (request) => {
    const { cursor, limit, state = null, caseId = null, campaignId = null, mine } = request.query;
    const rows = await listSurveys(pool, { state, caseId, campaignId, assignedTo: mine ? requireUser(request).userId : null, beforeId: readCursor(cursor, uuidPattern), limit: limit + 1 });
    return pageOf(rows, limit, (row) => row.id, viewSurvey);
  });

  app.get('/api/surveys/progress', { config: manage, schema: { summary: 'How many surveys stand where, the lines in use, and whether the machine is paused', tags, response: { 200: Progress, ...problemResponses() } } }, async () => {
    const [states, lines, pace, rules] = [await countSurveys(pool), await countLines(pool), await findPace(pool), await findRules(pool)];
    return { states, lines: { ...lines, most: rules.maxLines }, pausedAt: pace.pausedAt?.toISOString() ?? null };
  });

  app.get('/api/surveys/:surveyId', { config: ask, schema: { summary: 'A survey with its questions to read out, the answers so far, and every try', tags, params, response: { 200: SurveyDetail, ...problemResponses(404) } } }, async (request) => {
    const { surveyId } = request.params;
    const one = await findListed(pool, surveyId);
    if (!one) throw new AppError('not_found', { entity: 'survey', id: surveyId });
    // Who is to ask the same again must not know (surveys/checks).
    const isBlind = !requireUser(request).permissions.has('survey.manage') && (await isUnderCheck(pool, one.id));
    const [questions, answers, tries] = [await findQuestions(pool, one), await listAnswers(pool, one.id), await listTries(pool, one.id)];
    return { ...viewSurvey(one), words: isBlind ? null : one.words, questions: questions.map(viewQuestion), answers: isBlind ? [] : answers.map(viewAnswer), tries: tries.map(viewTry) };
  });

  app.post('/api/surveys/:surveyId/call', { config: ask, schema: { summary: 'Ask by hand: call the citizen from my seat, with the case on my screen', tags, params, response: { 202: Type.Object({ callId: Id }), ...problemResponses(403, 404, 409, 422, 503) } } }, async (request, reply) => {
    const actor = requireUser(request);
    const one = await requireAskable(request.params.surveyId, actor.unitId);
    // Not while the machine talks with the citizen.
    if (!['due', 'by_sms', 'by_person'].includes(one.state)) throw new AppError('action_not_allowed', { state: one.state, action: 'call', allowed: [] });
    if (!(await deps.telephony.isReachable())) throw new AppError('telephony_unavailable');
    // A seat that cannot dial leaves the survey as it was.
    const { callId } = await dialOut(deps, { operatorId: actor.userId, caseId: one.caseId });
    await change(one.id, undefined, async (tx, now, at) => {
      // A machine that would call as well is taken off it.
      if (now.state === 'due' || now.state === 'by_sms') await changeSurvey(tx, now, 'give_to_person', at, { assignedTo: actor.userId, userId: actor.userId });
      await insertTry(tx, now.id, { by: 'person', callId, at, outcome: null });
    });
    return reply.code(202).send({ callId });
  });

  app.post('/api/surveys/:surveyId/answers', { config: ask, schema: { summary: 'Write down what the citizen answered; with the last answer the survey is over', tags, params, body: Answers, response: { 204: Type.Null(), ...problemResponses(403, 404, 409, 422) } } }, async (request, reply) => {
    const actor = requireUser(request);
    const { version, answers, words } = request.body;
    const one = await requireAskable(request.params.surveyId, actor.unitId);
    await change(one.id, version, (tx, now, at) => takeAnswers(tx, now, { values: answers, words: words?.trim() ? words : null, by: 'person', userId: actor.userId }, at));
    return reply.code(204).send(null);
  });

  app.post('/api/surveys/:surveyId/end', { config: ask, schema: { summary: 'The citizen does not want to be asked, or cannot be reached by a person either', tags, params, body: End, response: { 204: Type.Null(), ...problemResponses(403, 404, 409) } } }, async (request, reply) => {
    const actor = requireUser(request);
    const { version, outcome } = request.body;
    const one = await requireAskable(request.params.surveyId, actor.unitId);
    await change(one.id, version, (tx, now, at) => changeSurvey(tx, now, outcome === 'refused' ? 'refuse' : 'give_up', at, { endedBy: 'person', userId: actor.userId }));
    return reply.code(204).send(null);
  });

  for (const name of ['pause', 'resume'] as const) {
    app.post(`/api/surveys/${name}`, { config: manage, schema: { summary: name === 'pause' ? 'The machine calls nobody any more; calls that are on go on' : 'The machine calls again', tags, response: { 204: Type.Null(), ...problemResponses() } } }, async (request, reply) => {
      const actor = requireUser(request);
      await transaction(pool, async (tx) => {
        await lockPace(tx);
        await savePace(tx, name === 'pause' ? { pausedAt: deps.now(), pausedBy: actor.userId } : { pausedAt: null, pausedBy: null });
        await audit(tx, actor, request, { action: `surveys.${name}d`, entity: 'survey_pace', entityId: 'default' });
      });
      return reply.code(204).send(null);
    });
  }

  /** Whoever asks is of no unit that handled the case; for a campaign nobody asks by hand. */
  async function requireAskable(surveyId: string, unitId: string | null): Promise<Survey> {
    const one = await findSurvey(pool, surveyId);
    if (!one) throw new AppError('not_found', { entity: 'survey', id: surveyId });
    if (one.campaignId !== null) throw new AppError('action_not_allowed', { state: one.state, action: 'ask_by_hand', allowed: [] });
    await requireStrangerTo(pool, unitId, one.caseId);
    return one;
  }

  async function change<T>(surveyId: string, version: number | undefined, work: Parameters<typeof withSurvey<T>>[2]): Promise<void> {
    await withSurvey(deps, surveyId, (tx, one, at) => {
      if (version !== undefined && one.version !== version) throw new AppError('stale_version', { version: one.version });
      return work(tx, one, at);
    });
  }
}

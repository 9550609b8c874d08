import { Type } from 'typebox';
import { audit } from '../../auth/audit.ts';
import { requireUser } from '../../auth/authenticate.ts';
import { dialOut } from '../../calls/outbound/dial-out.ts';
import { requireStrangerTo } from '../../cases/life/require-stranger.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { Id, Instant, NullableString, NullableTime, Page, Time, Version, iso, pageOf, pageQuery, readCursor, uuidPattern } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { checkAnswers, requireAll } from '../answer-rules.ts';
import { findQuestions } from '../queries.ts';
import { QuestionView, viewQuestion } from '../views.ts';
import { agreementOf } from './agreement-rules.ts';
import { drawChecks, endCheck, findCheck, listChecks, listPairs, saveCheckCall, type Check } from './queries.ts';

const tags = ['surveys'];
const params = Type.Object({ checkId: Id });
const [ask, manage] = [{ permission: 'case.survey' } as const, { permission: 'survey.manage' } as const];
const strict = { additionalProperties: false } as const;
const states = ['open', 'done', 'not_reached'] as const;
const CheckView = Type.Object({ id: Id, caseId: Id, caseNumber: Type.String(), isConfidential: Type.Boolean(), state: Type.Enum([...states]), drawnAt: Time, callId: NullableString, endedAt: NullableTime, version: Type.Integer() });
const CheckDetail = Type.Object({ ...CheckView.properties, questions: Type.Array(QuestionView) });
const Draw = Type.Object({ from: Instant, to: Instant, size: Type.Integer({ minimum: 1, maximum: 1_000 }), seed: Type.Integer({ minimum: 0, maximum: 2_147_483_647, default: 0 }) }, strict);
const End = Type.Object({ version: Version, answers: Type.Union([Type.Record(Type.String({ pattern: '^[a-z_]{1,40}$' }), Type.String({ maxLength: 500 })), Type.Null()], { description: 'null: not reached' }), words: Type.Optional(Type.String({ maxLength: 2_000 })) }, strict);
const Agreement = Type.Object({
  questions: Type.Array(Type.Object({ code: Type.String(), same: Type.Integer(), of: Type.Integer(), kappa: Type.Union([Type.Number(), Type.Null()]) })),
  different: Type.Array(Type.Object({ surveyId: Id, code: Type.String(), byMachine: NullableString, byPerson: NullableString })),
});

/** A sample of what machines were told is asked again by people who do not see it, of citizens who are not told why: double blind. */
export function registerSurveyCheckRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  app.post('/api/survey-checks', { config: manage, schema: { summary: 'Draw a sample of surveys that ended by phone or link; the same seed draws the same ones', tags, body: Draw, response: { 201: Type.Object({ drawn: Type.Integer() }), ...problemResponses() } } }, async (request, reply) => {
    const [actor, { size, seed, ...asked }] = [requireUser(request), request.body];
    const drawn = await transaction(pool, async (tx) => {
      const count = await drawChecks(tx, { from: new Date(asked.from), to: new Date(asked.to), size, seed, userId: actor.userId, at: deps.now() });
      await audit(tx, actor, request, { action: 'survey_checks.drawn', entity: 'survey_check', entityId: String(seed) });
      return count;
    });
    return reply.code(201).send({ drawn });
  });

  app.get('/api/survey-checks', { config: ask, schema: { summary: 'Checks, newest first', tags, querystring: Type.Object({ ...pageQuery, state: Type.Optional(Type.Enum([...states])) }, strict), response: { 200: Page(CheckView), ...problemResponses() } } }, async ({ query: { cursor, limit, state = null } }) =>
    pageOf(await listChecks(pool, { state, beforeId: readCursor(cursor, uuidPattern), limit: limit + 1 }), limit, (row) => row.id, view));

  app.get('/api/survey-checks/agreement', { config: manage, schema: { summary: 'How far people heard what machines were told, in checks that ended in a time', tags, querystring: Type.Object({ from: Instant, to: Instant }, strict), response: { 200: Agreement, ...problemResponses() } } }, async ({ query }) => {
    const pairs = await listPairs(pool, { from: new Date(query.from), to: new Date(query.to) });
    return { questions: agreementOf(pairs), different: pairs.filter((pair) => pair.byMachine !== pair.byPerson) };
  });

  app.get('/api/survey-checks/:checkId', { config: ask, schema: { summary: 'What to ask, and nothing of what was answered', tags, params, response: { 200: CheckDetail, ...problemResponses(403, 404) } } }, async (request) => {
    const check = await requireCheck(request.params.checkId, requireUser(request).unitId);
    return { ...view(check), questions: (await findQuestions(pool, check)).map(viewQuestion) };
  });

  app.post('/api/survey-checks/:checkId/call', { config: ask, schema: { summary: 'Call the citizen from my seat', tags, params, response: { 202: Type.Object({ callId: Id }), ...problemResponses(403, 404, 409, 422, 503) } } }, async (request, reply) => {
    const actor = requireUser(request);
    const check = await requireCheck(request.params.checkId, actor.unitId);
    if (check.state !== 'open') throw new AppError('action_not_allowed', { state: check.state, action: 'call', allowed: [] });
    if (!(await deps.telephony.isReachable())) throw new AppError('telephony_unavailable');
    const { callId } = await dialOut(deps, { operatorId: actor.userId, caseId: check.caseId });
    await transaction(pool, (tx) => saveCheckCall(tx, check.id, callId));
    return reply.code(202).send({ callId });
  });

  app.post('/api/survey-checks/:checkId/end', { config: ask, schema: { summary: 'Write down what the citizen answered this time, or that nobody was reached', tags, params, body: End, response: { 204: Type.Null(), ...problemResponses(403, 404, 409, 422) } } }, async (request, reply) => {
    const [actor, { version, answers, words }] = [requireUser(request), request.body];
    const check = await requireCheck(request.params.checkId, actor.unitId);
    if (answers) {
      const questions = await findQuestions(pool, check);
      checkAnswers(questions, answers);
      requireAll(questions, Object.keys(answers));
    }
    const isDone = await transaction(pool, (tx) => endCheck(tx, check.id, { version, answers, words: words?.trim() ? words : null, userId: actor.userId, at: deps.now() }));
    if (!isDone) throw new AppError('stale_version', { version: check.version });
    return reply.code(204).send(null);
  });

  /** Rule 5: whoever asks is of no unit that handled the case. */
  async function requireCheck(checkId: string, unitId: string | null): Promise<Check> {
    const check = await findCheck(pool, checkId);
    if (!check) throw new AppError('not_found', { entity: 'survey_check', id: checkId });
    await requireStrangerTo(pool, unitId, check.caseId);
    return check;
  }
}

function view({ surveyId: _, campaignId: __, ...check }: Check) {
  return { ...check, drawnAt: check.drawnAt.toISOString(), endedAt: iso(check.endedAt) };
}

import type { FastifyError } from 'fastify';
import { Type } from 'typebox';
import { audit } from '../auth/audit.ts';
import { requireUser } from '../auth/authenticate.ts';
import { writeXlsx } from '../cases/lists/write-export.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { localStore } from '../files/file-store.ts';
import type { App } from '../http/app-type.ts';
import { Id, Page, pageOf, readCursor, uuidPattern } from '../http/paging.ts';
import { onError, problemResponses } from '../http/problem.ts';
import { listenQuery, noteRefusal } from '../recordings/audio-route.ts';
import { findAudible, noteListening } from '../recordings/listen-to-recording.ts';
import { readPart } from '../recordings/read-part.ts';
import { findSpoken, listFreeAnswers } from './queries.ts';
import { requireCampaign } from './require-campaign.ts';
import { resultRows, titles, widths } from './results-sheet.ts';
import { FreeAnswerView, freeQuery, resultsQuery, ResultsView } from './schemas.ts';
import { viewFreeAnswer, viewResults } from './views.ts';

const tags = ['campaigns'];
const params = Type.Object({ campaignId: Id });
const read = { permission: 'campaign.read' } as const;
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const file = (type: string) => ({ description: 'The file', content: { [type]: { schema: Type.Any() } } });

/** What citizens answered, and how many of those who were asked. */
export function registerCampaignResultRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  app.get('/api/campaigns/:campaignId/results', { config: read, schema: { summary: 'Counts, shares and means with their 95 % intervals, and the response rate; while it runs: so far', tags, params, querystring: resultsQuery, response: { 200: ResultsView, ...problemResponses(404) } } }, async (request) =>
    viewResults(deps, await requireCampaign(pool, request.params.campaignId), request.query.cell ?? null));

  app.get('/api/campaigns/:campaignId/results.xlsx', { config: read, schema: { summary: 'The results as a spreadsheet', tags, params, querystring: resultsQuery, response: { 200: file(xlsx), ...problemResponses(404) } } }, async (request, reply) => {
    const campaign = await requireCampaign(pool, request.params.campaignId);
    const results = await viewResults(deps, campaign, request.query.cell ?? null);
    await audit(pool, request.actor, request, { action: 'campaign.exported', entity: 'campaign', entityId: campaign.id });
    return reply.type(xlsx).header('content-disposition', `attachment; filename="campaign-${campaign.id}.xlsx"`).send(writeXlsx({ name: '民意调查', titles, widths, rows: resultRows(results) }));
  });

  app.get('/api/campaigns/:campaignId/answers', { config: read, schema: { summary: 'What was said or written freely to a question, in no order, without who it was', tags, params, querystring: freeQuery, response: { 200: Page(FreeAnswerView), ...problemResponses(404) } } }, async (request) => {
    const { cursor, limit, question } = request.query;
    const { id, questions } = await requireCampaign(pool, request.params.campaignId);
    if (!questions.some(({ code, kind }) => code === question && kind === 'voice')) throw new AppError('not_found', { entity: 'question', id: question });
    const rows = await listFreeAnswers(pool, { campaignId: id, code: question, afterId: readCursor(cursor, uuidPattern), limit: limit + 1 });
    return pageOf(rows, limit, (row) => row.id, viewFreeAnswer);
  });

  app.get('/api/campaigns/:campaignId/answers/:answerId/audio', {
    config: { permission: 'recording.listen' },
    errorHandler: (error, request, reply) => {
      void noteRefusal(deps, error, request, 'answerId').then(() => onError(error, request, reply), (failed: FastifyError) => onError(failed, request, reply));
    },
    schema: {
      summary: 'Listen to an answer: WAV, the citizen left; written down like every listening', tags, params: Type.Object({ campaignId: Id, answerId: Id }), querystring: listenQuery,
      response: { 200: file('audio/wav'), ...problemResponses(404, 422) },
    },
  }, async (request, reply) => {
    const { campaignId, answerId } = request.params;
    const { reason } = request.query;
    const actor = requireUser(request);
    const spoken = await findSpoken(pool, campaignId, answerId);
    if (!spoken) throw new AppError('not_found', { entity: 'survey_answer', id: answerId });
    const row = await findAudible(deps, spoken.callId, actor, reason);
    const store = localStore(deps.config.HOTLINE_RECORDINGS_DIR);
    if (!(await store.find(row.path))) throw new AppError('recording_not_there', { callId: spoken.callId, reason: 'missing' });
    await noteListening(deps, spoken.callId, actor, request, reason);
    const { bytes, wav } = readPart(store, row, { from: spoken.spokenFrom, to: spoken.spokenTo });
    return reply.type('audio/wav').headers({ 'content-length': bytes, 'content-disposition': `inline; filename="${answerId}.wav"` }).send(wav);
  });
}

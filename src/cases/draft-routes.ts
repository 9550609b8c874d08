import { Type } from 'typebox';
import { requireUser } from '../auth/authenticate.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { Id } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { deleteDraft, findCase, saveDraft } from './queries.ts';
import { DraftBody } from './schemas.ts';

const params = Type.Object({ caseId: Id });
const tags = ['cases'];
const edit = { config: { permission: 'case.edit' } } as const;

/** What an operator typed and has not saved yet. Nobody else reads it. */
export function registerDraftRoutes(app: App, deps: Deps): void {
  app.put('/api/cases/:caseId/draft', {
    ...edit, schema: {
      summary: 'Keep what was typed and is not saved yet (autosave)',
      tags, params, body: DraftBody, response: { 204: Type.Null(), ...problemResponses(404) },
    },
  }, async (request, reply) => {
    const { caseId } = request.params;
    if (!(await findCase(deps.pool, caseId))) throw new AppError('not_found', { entity: 'case', id: caseId });
    await saveDraft(deps.pool, { caseId, userId: requireUser(request).userId, ...request.body, at: deps.now() });
    return reply.code(204).send(null);
  });

  app.delete('/api/cases/:caseId/draft', {
    ...edit, schema: { summary: 'Throw the own draft away', tags, params, response: { 204: Type.Null(), ...problemResponses() } },
  }, async (request, reply) => {
    await deleteDraft(deps.pool, request.params.caseId, requireUser(request).userId);
    return reply.code(204).send(null);
  });
}

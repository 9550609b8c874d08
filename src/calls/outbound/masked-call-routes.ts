import { Type } from 'typebox';
import { requireUser } from '../../auth/authenticate.ts';
import { requireVisible } from '../../cases/life/scope.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { Id } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { callMasked } from './masked-call.ts';

export function registerMaskedCallRoutes(app: App, deps: Deps): void {
  app.post('/api/cases/:caseId/masked-call', {
    config: { permission: 'case.handle' }, schema: {
      summary: 'Speak with the citizen of a case: the hotline calls a phone of my unit, then the citizen; neither sees the other’s number', tags: ['cases'], params: Type.Object({ caseId: Id }),
      body: Type.Object({ number: Type.String({ minLength: 3, maxLength: 24, description: 'A phone, liaison or person on duty of my unit' }) }, { additionalProperties: false }), response: { 202: Type.Object({ callId: Id }), ...problemResponses(403, 404, 409, 422, 503) },
    },
  }, async (request, reply) => {
    const { caseId } = request.params;
    const actor = requireUser(request);
    const { unitId } = await requireVisible(deps.pool, actor, caseId);
    if (unitId === null) throw new AppError('not_your_case');
    if (!(await deps.telephony.isReachable())) throw new AppError('telephony_unavailable');
    return reply.code(202).send(await callMasked(deps, { caseId, userId: actor.userId, unitId, number: request.body.number }));
  });
}

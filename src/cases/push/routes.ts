import { Type } from 'typebox';
import { requireActor, requireUser } from '../../auth/authenticate.ts';
import { write } from '../../db/query.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { Id, Time } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { requireVisible } from '../life/scope.ts';
import { noteOnCase } from '../queries.ts';
import { insertAcknowledgement, listAcknowledgements } from './queries.ts';

const params = Type.Object({ caseId: Id });
const tags = ['cases'];

/** An urgent case is pushed (case.pushed) until it was seen. */
export function registerPushRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  app.post('/api/cases/:caseId/acknowledge', { config: { permission: 'case.read_unit' }, schema: {
    summary: 'I have seen this urgent case: it is pushed to me no more', tags, params, response: { 204: Type.Null(), ...problemResponses(404) },
  } }, async (request, reply) => {
    const { caseId } = request.params;
    const actor = requireUser(request);
    const { unitId } = await requireVisible(pool, actor, caseId);
    if (unitId === null) throw new AppError('not_your_case');
    const at = deps.now();
    await transaction(pool, async (tx) => {
      if (await insertAcknowledgement(tx, { caseId, userId: actor.userId, unitId, at })) await write(tx, noteOnCase({ caseId, at, type: 'acknowledged', userId: actor.userId, data: { unitId } }));
    });
    return reply.code(204).send(null);
  });

  app.get('/api/cases/:caseId/acknowledgements', { config: { permission: ['case.read', 'case.read_unit'] }, schema: {
    summary: 'Who of the units has seen an urgent case, and when', tags, params, response: { 200: Type.Object({ items: Type.Array(Type.Object({ userId: Id, unitId: Id, at: Time })) }), ...problemResponses(404) },
  } }, async (request) => {
    const { caseId } = request.params;
    await requireVisible(pool, requireActor(request), caseId);
    return { items: (await listAcknowledgements(pool, caseId)).map((one) => ({ ...one, at: one.at.toISOString() })) };
  });
}

import { Type } from 'typebox';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { Id, NullableString } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { caseCode } from './case-code.ts';
import { noteLook } from './identity/looks.ts';
import { findIdentity } from './identity/queries.ts';
import { IdentityBody } from './schemas.ts';

const params = Type.Object({ caseId: Id });
const Identity = Type.Object({ number: NullableString, name: NullableString, progressCode: Type.String() });

/** Who the citizen of a case is, for a reason that is written down before anything is shown. */
export function registerIdentityRoutes(app: App, deps: Deps): void {
  app.post('/api/cases/:caseId/identity', {
    config: { permission: 'identity.read' },
    schema: {
      summary: 'See who the citizen is, with a reason that is written down',
      tags: ['cases'], params, body: IdentityBody, response: { 200: Identity, ...problemResponses(404) },
    },
  }, async (request) => {
    const { caseId } = request.params;
    const identity = await findIdentity(deps.pool, caseId);
    if (!identity) throw new AppError('not_found', { entity: 'case', id: caseId });
    const { reason } = request.body;
    await noteLook(deps.pool, request.actor, request, { caseId, reason, number: identity.phone, name: identity.citizenName }, deps.now());
    return { number: identity.phone, name: identity.citizenName, progressCode: caseCode(deps.config.HOTLINE_CASE_CODE_KEY, caseId) };
  });
}

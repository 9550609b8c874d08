import { Type } from 'typebox';
import { requireActor } from '../../auth/authenticate.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { Id } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { findLife } from '../life/queries.ts';
import { findCase } from '../queries.ts';
import { noteLook } from './looks.ts';
import { findIdentity } from './queries.ts';
import { findingsOf } from './view-for-unit.ts';

const FindingView = Type.Object({ field: Type.String(), kind: Type.Enum(['number', 'name']), from: Type.Integer({ description: 'Of the text of the field, in UTF-16 units' }), to: Type.Integer(), text: Type.String() });

export function registerFindingRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  app.get('/api/cases/:caseId/findings', {
    config: { permission: 'case.dispatch' }, schema: {
      summary: 'Numbers and names in what was said that units will not read', tags: ['cases'], params: Type.Object({ caseId: Id }), response: { 200: Type.Object({ items: Type.Array(FindingView) }), ...problemResponses(404) },
    },
  }, async (request) => {
    const { caseId } = request.params;
    const [one, life, identity] = [await findCase(pool, caseId), await findLife(pool, caseId), await findIdentity(pool, caseId)];
    if (!one || !life || !identity) throw new AppError('not_found', { entity: 'case', id: caseId });
    const items = findingsOf({ ...one, proposal: life.proposal }, identity.citizenName);
    // Where the name stands in a text, whoever reads this knows it.
    await noteLook(pool, requireActor(request), request, { caseId, reason: 'looked through the texts before dispatch', number: items.some((item) => item.kind === 'number') ? identity.phone : null, name: items.some((item) => item.kind === 'name') ? identity.citizenName : null }, deps.now());
    return { items };
  });
}

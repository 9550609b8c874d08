import { Type } from 'typebox';
import { requireActor, requireUser } from '../../auth/authenticate.ts';
import type { Permission } from '../../auth/permissions.ts';
import { listPublishedYears } from '../../calendar/queries.ts';
import { AppError } from '../../errors.ts';
import type { Deps } from '../../deps.ts';
import { atOnce } from '../../db/transaction.ts';
import type { App } from '../../http/app-type.ts';
import { Id, NullableTime, Version, iso } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { allowedActions, caseTransitions } from '../case-machine.ts';
import { redactionOf } from '../identity/view-for-unit.ts';
import { applyCaseAct } from './apply-case-act.ts';
import type { Act } from './act.ts';
import { acts, type ActName } from './acts.ts';
import { findLife, listFeedbacks, listParts, listRequests } from './queries.ts';
import { findOwnPart, requireVisible } from './scope.ts';
import { hideWritten, LifeView, viewLife } from './views.ts';

const params = Type.Object({ caseId: Id });
const tags = ['cases'];
const Standing = Type.Object({ id: Id, number: Type.String(), state: Type.String(), version: Type.Integer(), dueAt: NullableTime, allowedActions: Type.Array(Type.String()) });

export function registerCaseLifeRoutes(app: App, deps: Deps): void {
  app.get('/api/cases/:caseId/life', {
    config: { permission: ['case.read', 'case.read_unit'] }, schema: {
      summary: 'Units, clocks, requests and results of a case',
      tags, params, response: { 200: LifeView, ...problemResponses(404) },
    },
  }, async (request) => {
    const { caseId } = request.params;
    const { isHidden } = await requireVisible(deps.pool, requireActor(request), caseId);
    const [life, parts, requests, feedbacks, published] = await atOnce(findLife(deps.pool, caseId), listParts(deps.pool, caseId), listRequests(deps.pool, caseId), listFeedbacks(deps.pool, caseId), listPublishedYears(deps.pool));
    if (!life) throw new AppError('not_found', { entity: 'case', id: caseId });
    const view = viewLife({ life, parts, requests, feedbacks }, published, deps.now());
    return isHidden ? hideWritten(view, await redactionOf(deps.pool, caseId)) : view;
  });

  for (const name of Object.keys(acts) as ActName[]) registerAct(app, deps, name);
}

function registerAct(app: App, deps: Deps, name: ActName): void {
  const { summary, body } = acts[name] as Act;
  const permission = caseTransitions[name].by as Permission | readonly Permission[];
  app.post(`/api/cases/:caseId/acts/${name.replaceAll('_', '-')}`, {
    config: { permission }, schema: {
      summary, tags, params, body: Type.Object({ version: Version, ...(body as unknown as { properties: object }).properties }, { additionalProperties: false }),
      response: { 200: Standing, ...problemResponses(403, 404, 409, 422) },
    },
  }, async (request) => {
    const { version, ...given } = request.body;
    const { caseId } = request.params;
    const actor = requireUser(request);
    await requireVisible(deps.pool, actor, caseId);
    const one = await applyCaseAct(deps, { userId: actor.userId, unitId: actor.unitId }, { caseId, act: name, given, version });
    return { id: one.id, number: one.number, state: one.state, version: one.version, dueAt: iso(one.dueAt), allowedActions: allowedActions(one, actor.permissions, await findOwnPart(deps.pool, actor, caseId)) };
  });
}

import { Type } from 'typebox';
import { v7 as uuid } from 'uuid';
import { requireActor, requireUser } from '../auth/authenticate.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import type { App } from '../http/app-type.ts';
import { Id } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { actOnCase, editCase } from './act-on-case.ts';
import { personalActions } from './case-machine.ts';
import { registerDraftRoutes } from './draft-routes.ts';
import { redactData, redactionOf } from './identity/view-for-unit.ts';
import { registerIdentityRoutes } from './identity-routes.ts';
import { registerCaseExportRoutes } from './lists/export-routes.ts';
import { registerCaseFilterRoutes } from './lists/filter-routes.ts';
import { registerCaseListRoutes } from './lists/list-routes.ts';
import { requireVisible } from './life/scope.ts';
import { openCase } from './open-case.ts';
import { listCaseEvents } from './queries.ts';
import { ActBody, CaseDetail, CaseEditBody, CaseEventView, OpenBody } from './schemas.ts';
import { changeOrShow, viewCase } from './view-case.ts';

const params = Type.Object({ caseId: Id });
const actParams = Type.Object({ caseId: Id, action: Type.Enum([...personalActions]) });
const tags = ['cases'];
const readByUnits = { config: { permission: ['case.read', 'case.read_unit'] } } as const;
const edit = { config: { permission: 'case.edit' } } as const;

export function registerCaseRoutes(app: App, deps: Deps): void {
  registerCaseListRoutes(app, deps);
  registerCaseFilterRoutes(app, deps);
  registerCaseExportRoutes(app, deps);
  registerCaseReading(app, deps);
  registerCaseChanges(app, deps);
  registerDraftRoutes(app, deps);
  registerIdentityRoutes(app, deps);
}

function registerCaseReading(app: App, deps: Deps): void {
  app.get('/api/cases/:caseId', { ...readByUnits, schema: {
    summary: 'One case with caller, history and own draft',
    tags, params, response: { 200: CaseDetail, ...problemResponses(404) },
  } },
    async (request) => viewCase(deps, request.params.caseId, requireActor(request), request));

  app.get('/api/cases/:caseId/events', {
    ...readByUnits, schema: {
      summary: 'The timeline of a case',
      tags, params, response: { 200: Type.Object({ items: Type.Array(CaseEventView) }), ...problemResponses(404) },
    },
  }, async (request) => {
    const { caseId } = request.params;
    const { isHidden } = await requireVisible(deps.pool, requireActor(request), caseId);
    const hide = isHidden ? await redactionOf(deps.pool, caseId) : null;
    return { items: (await listCaseEvents(deps.pool, caseId)).map((row) => ({ ...row, at: row.at.toISOString(), data: hide ? redactData(row.data, hide) : row.data })) };
  });
}

function registerCaseChanges(app: App, deps: Deps): void {
  app.post('/api/cases', {
    config: { permission: 'case.open' }, schema: {
      summary: 'Open a case that came by another way than a call',
      tags, body: OpenBody, response: { 201: CaseDetail, ...problemResponses() },
    },
  }, async (request, reply) => {
    const { channel, phone } = request.body;
    const actor = requireUser(request);
    const areaCode = deps.config.HOTLINE_AREA_CODE;
    const open = { caseId: uuid(), channel, phoneRaw: phone ?? '', areaCode, ownerId: actor.userId, at: deps.now() };
    await transaction(deps.pool, (tx) => openCase(tx, open));
    deps.log.info({ caseId: open.caseId, userId: actor.userId, to: 'draft' }, 'A case was opened');
    return reply.code(201).send(await viewCase(deps, open.caseId, actor, request));
  });

  app.patch('/api/cases/:caseId', {
    ...edit, schema: {
      summary: 'Change a case; a stale version gets 409 with the present one',
      tags, params, body: CaseEditBody, response: { 200: CaseDetail, ...problemResponses(404, 409, 422) },
    },
  }, async (request) => {
    const { version, occurredAt, ...fields } = request.body;
    const { caseId } = request.params;
    const actor = requireUser(request);
    const given = { ...fields, ...(occurredAt === undefined ? {} : { occurredAt: occurredAt === null ? null : new Date(occurredAt) }) };
    await changeOrShow(deps, caseId, { actor, trace: request }, () => editCase(deps, { userId: actor.userId, caseId, version }, given));
    return viewCase(deps, caseId, actor, request);
  });

  app.post('/api/cases/:caseId/actions/:action', {
    ...edit, schema: {
      summary: 'Answer, decline, hand over, save for dispatch, or ask for more facts',
      tags, params: actParams, body: ActBody, response: { 200: CaseDetail, ...problemResponses(404, 409, 422) },
    },
  }, async (request) => {
    const { version, ...given } = request.body;
    const { caseId, action } = request.params;
    const actor = requireUser(request);
    await changeOrShow(deps, caseId, { actor, trace: request }, () => actOnCase(deps, { userId: actor.userId, caseId, version }, action, given));
    return viewCase(deps, caseId, actor, request);
  });
}

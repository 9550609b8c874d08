import { Type } from 'typebox';
import { v7 as uuid } from 'uuid';
import { audit } from '../auth/audit.ts';
import { requireActor, requireUser } from '../auth/authenticate.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import type { App } from '../http/app-type.ts';
import { Id, Page, pageOf, readCursor, uuidPattern } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { actOnCase, editCase } from './act-on-case.ts';
import { personalActions } from './case-machine.ts';
import { callFields, callerView, caseFields } from './case-view.ts';
import { registerDraftRoutes } from './draft-routes.ts';
import { redactData, redactionOf } from './identity/view-for-unit.ts';
import { registerIdentityRoutes } from './identity-routes.ts';
import { requireVisible } from './life/scope.ts';
import { openCase } from './open-case.ts';
import { normalizePhone } from './phone-number-rules.ts';
import { listCaseEvents, listCases } from './queries.ts';
import { ActBody, CaseDetail, CaseEditBody, CaseEventView, CaseItem, CaseQuery, OpenBody } from './schemas.ts';
import { changeOrShow, viewCase } from './view-case.ts';

const params = Type.Object({ caseId: Id });
const actParams = Type.Object({ caseId: Id, action: Type.Enum([...personalActions]) });
const tags = ['cases'];
const read = { config: { permission: 'case.read' } } as const;
const readByUnits = { config: { permission: ['case.read', 'case.read_unit'] } } as const;
const edit = { config: { permission: 'case.edit' } } as const;

export function registerCaseRoutes(app: App, deps: Deps): void {
  registerCaseReading(app, deps);
  registerCaseChanges(app, deps);
  registerDraftRoutes(app, deps);
  registerIdentityRoutes(app, deps);
}

function registerCaseReading(app: App, deps: Deps): void {
  app.get('/api/cases', {
    ...read, schema: {
      summary: 'Find cases, newest first',
      tags, querystring: CaseQuery, response: { 200: Page(CaseItem), ...problemResponses(422) },
    },
  }, async (request) => {
    const { cursor, limit, mine, phone, ...filter } = request.query;
    const actor = requireActor(request);
    const maySee = actor.permissions.has('identity.read');
    if (phone !== undefined && !maySee) throw new AppError('forbidden', { permission: 'identity.read' });
    const wanted = {
      ...filter,
      ...(mine ? { ownerId: requireUser(request).userId } : {}),
      ...(phone === undefined ? {} : { phone: findable(deps, phone) }),
    };
    const rows = await listCases(deps.pool, wanted, readCursor(cursor, uuidPattern), limit + 1);
    // A lookup by number is written down also when it found nothing.
    if (maySee && (rows.length > 0 || phone !== undefined)) {
      const caseIds = rows.slice(0, limit).map((row) => row.id);
      await audit(deps.pool, actor, request, { action: 'identity.listed', entity: 'case', details: { byPhone: phone !== undefined, caseIds } });
    }
    return pageOf(rows, limit, (row) => row.id, (row) => ({ ...caseFields(row), caller: callerView(row, row, actor), call: callFields(row) }));
  });

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
    const { unitId } = await requireVisible(deps.pool, requireActor(request), caseId);
    const hide = unitId ? await redactionOf(deps.pool, caseId) : null;
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

/** The number as it stands in the rows. */
function findable(deps: Deps, phone: string): string {
  const { number } = normalizePhone(phone, deps.config.HOTLINE_AREA_CODE);
  if (number === null) throw new AppError('number_not_dialable', { field: 'phone' });
  return number;
}

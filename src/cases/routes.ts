import { Type } from 'typebox';
import { v7 as uuid } from 'uuid';
import { audit } from '../auth/audit.ts';
import type { Actor } from '../auth/actor.ts';
import { requireUser } from '../auth/authenticate.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import type { App } from '../http/app-type.ts';
import { Id, Page, Time, NullableString, pageOf, readCursor, uuidPattern } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { actOnCase, editCase } from './act-on-case.ts';
import { allowedActions, personalActions } from './case-machine.ts';
import { callerView, caseFields } from './case-view.ts';
import { openCase } from './open-case.ts';
import { normalizePhone } from './phone-number-rules.ts';
import { deleteDraft, findCase, findDraft, findHistory, findIdentity, listCaseEvents, listCases, saveDraft, type CaseListRow } from './queries.ts';
import { ActBody, CaseDetail, CaseEditBody, CaseItem, CaseQuery, DraftBody } from './schemas.ts';

const params = Type.Object({ caseId: Id });
const tags = ['cases'];

export function registerCaseRoutes(app: App, deps: Deps): void {
  app.get('/api/cases', {
    config: { permission: 'case.read' }, schema: { tags, querystring: CaseQuery, response: { 200: Page(CaseItem), ...problemResponses(422) } },
  }, async (request) => {
    const { cursor, limit, mine, phone, ...filter } = request.query;
    const actor = actorOf(request.actor);
    if (phone !== undefined && !actor.permissions.has('identity.read')) throw new AppError('forbidden', { permission: 'identity.read' });
    const wanted = { ...filter, ...(mine ? { ownerId: requireUser(request).userId } : {}), ...(phone === undefined ? {} : { phone: dialable(deps, phone) }) };
    const rows = await listCases(deps.pool, wanted, readCursor(cursor, uuidPattern), limit + 1);
    if (actor.permissions.has('identity.read') && rows.length > 0) {
      await audit(deps.pool, actor, request, { action: 'identity.listed', entity: 'case', details: { byPhone: phone !== undefined, caseIds: rows.slice(0, limit).map((row) => row.id) } });
    }
    return pageOf(rows, limit, (row) => row.id, (row) => ({ ...caseFields(row), caller: callerView(row, row, actor), call: callFields(row) }));
  });
  app.get('/api/cases/:caseId', { config: { permission: 'case.read' }, schema: { tags, params, response: { 200: CaseDetail, ...problemResponses(404) } } },
    async (request) => viewCase(deps, request.params.caseId, actorOf(request.actor), request));
  app.post('/api/cases', { config: { permission: 'case.open' }, schema: { tags, body: Type.Object({ channel: Type.Enum(['visit', 'letter', 'phone', 'mail', 'province']), phone: Type.Optional(Type.String({ maxLength: 40 })) }, { additionalProperties: false }),
    response: { 201: CaseDetail, ...problemResponses() } } }, async (request, reply) => {
    const { userId } = requireUser(request);
    const caseId = uuid();
    await transaction(deps.pool, (tx) => openCase(tx, { caseId, channel: request.body.channel, phoneRaw: request.body.phone ?? '', areaCode: deps.config.HOTLINE_AREA_CODE, ownerId: userId, at: deps.now() }));
    return reply.code(201).send(await viewCase(deps, caseId, actorOf(request.actor), request));
  });
  app.patch('/api/cases/:caseId', { config: { permission: 'case.edit' }, schema: { tags, params, body: CaseEditBody, response: { 200: CaseDetail, ...problemResponses(404, 409, 422) } } }, async (request) => {
    const { version, occurredAt, ...edit } = request.body;
    const { caseId } = request.params;
    await editCase(deps, { userId: requireUser(request).userId, caseId, version }, { ...edit, occurredAt: typeof occurredAt === 'string' ? new Date(occurredAt) : occurredAt });
    return viewCase(deps, caseId, actorOf(request.actor), request);
  });
  app.post('/api/cases/:caseId/actions/:action', { config: { permission: 'case.edit' }, schema: { tags, params: Type.Object({ caseId: Id, action: Type.Enum([...personalActions]) }), body: ActBody,
    response: { 200: CaseDetail, ...problemResponses(404, 409, 422) } } }, async (request) => {
    const { version, ...given } = request.body;
    const { caseId, action } = request.params;
    await actOnCase(deps, { userId: requireUser(request).userId, caseId, version }, action, given);
    return viewCase(deps, caseId, actorOf(request.actor), request);
  });
  app.get('/api/cases/:caseId/events', { config: { permission: 'case.read' }, schema: { tags, params, response: { 200: Type.Object({ items: Type.Array(Type.Object({ id: Type.Integer(), at: Time, type: Type.String(), userId: NullableString, fromState: NullableString, toState: Type.String(), data: Type.Record(Type.String(), Type.Unknown()) })) }), ...problemResponses(404) } } },
    async (request) => ({ items: (await listCaseEvents(deps.pool, request.params.caseId)).map((row) => ({ ...row, at: row.at.toISOString(), data: row.data as Record<string, unknown> })) }));
  app.put('/api/cases/:caseId/draft', { config: { permission: 'case.edit' }, schema: { tags, params, body: DraftBody, response: { 204: Type.Null(), ...problemResponses(404) } } }, async (request, reply) => {
    if (!(await findCase(deps.pool, request.params.caseId))) throw new AppError('not_found');
    await saveDraft(deps.pool, { caseId: request.params.caseId, userId: requireUser(request).userId, ...request.body, at: deps.now() });
    return reply.code(204).send(null);
  });
  app.delete('/api/cases/:caseId/draft', { config: { permission: 'case.edit' }, schema: { tags, params, response: { 204: Type.Null(), ...problemResponses() } } }, async (request, reply) => {
    await deleteDraft(deps.pool, request.params.caseId, requireUser(request).userId);
    return reply.code(204).send(null);
  });
  app.post('/api/cases/:caseId/identity', { config: { permission: 'identity.read' }, schema: { tags, params, body: Type.Object({ reason: Type.String({ minLength: 5, maxLength: 500 }) }, { additionalProperties: false }),
    response: { 200: Type.Object({ number: NullableString, name: NullableString }), ...problemResponses(404) } } }, async (request) => {
    const identity = await findIdentity(deps.pool, request.params.caseId);
    if (!identity) throw new AppError('not_found');
    await audit(deps.pool, request.actor, request, { action: 'identity.viewed', entity: 'case', entityId: request.params.caseId, reason: request.body.reason });
    return { number: identity.phone, name: identity.citizenName };
  });
}

async function viewCase(deps: Deps, caseId: string, actor: Actor, trace: { id: string; ip: string }) {
  const one = await findCase(deps.pool, caseId);
  if (!one) throw new AppError('not_found', { entity: 'case', id: caseId });
  const caller = callerView(one, await findIdentity(deps.pool, caseId), actor);
  if (caller && !caller.isMasked) await audit(deps.pool, actor, trace, { action: 'identity.viewed', entity: 'case', entityId: caseId });
  const draft = actor.kind === 'user' ? await findDraft(deps.pool, caseId, actor.userId) : undefined;
  const history = one.isConfidential ? [] : await findHistory(deps.pool, caseId);
  return {
    ...caseFields(one), caller, allowedActions: allowedActions(one.state), draft: draft ? { ...draft, savedAt: draft.savedAt.toISOString() } : null,
    history: { count: history.length, items: history.filter((row) => !row.isConfidential).slice(0, 5).map((row) => ({ ...row, openedAt: row.openedAt.toISOString() })) },
  };
}

/** The number as it stands in the rows. */
function dialable(deps: Deps, phone: string): string {
  const { number } = normalizePhone(phone, deps.config.HOTLINE_AREA_CODE);
  if (number === null) throw new AppError('number_not_dialable', { field: 'phone' });
  return number;
}

function callFields(row: CaseListRow) {
  const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
  return row.callId === null ? null : { id: row.callId, direction: row.direction, seatId: row.seatId, operatorId: row.operatorId, offeredAt: iso(row.offeredAt), answeredAt: iso(row.answeredAt), connectedAt: iso(row.connectedAt), endedAt: iso(row.endedAt), outcome: row.outcome };
}

function actorOf(actor: Actor | null): Actor {
  if (!actor) throw new AppError('not_authenticated');
  return actor;
}

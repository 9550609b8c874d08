import { Type } from 'typebox';
import { requireUser } from '../auth/authenticate.ts';
import type { Actor } from '../auth/actor.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { Id, NullableString, NullableTime, Page, Time, pageOf, pageQuery, readCursor, uuidPattern } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { maskNumber } from '../log.ts';
import { applyCallEvent } from './apply-call-event.ts';
import { dialOut } from './dial-out.ts';
import { findCall, listCallEvents, listCalls, type CallListRow } from './queries.ts';

const callFields = { id: Id, direction: Type.String(), state: Type.String(), calledNumber: Type.String(), callerNumber: NullableString, callerKind: Type.String(), queueId: NullableString,
  caseId: NullableString, caseNumber: NullableString, seatId: NullableString, operatorId: NullableString, operatorName: NullableString, offeredAt: Time, answeredAt: NullableTime,
  queuedAt: NullableTime, ringingAt: NullableTime, connectedAt: NullableTime, endedAt: NullableTime, outcome: NullableString, endedBy: NullableString };
const CallView = Type.Object(callFields);
const LegView = Type.Object({ id: Type.String(), role: Type.String(), seatId: NullableString, operatorId: NullableString, state: Type.String(), startedAt: Time, ringingAt: NullableTime,
  answeredAt: NullableTime, endedAt: NullableTime, outcome: NullableString, hangupCause: Type.Union([Type.Integer(), Type.Null()]) });
const params = Type.Object({ callId: Id });
const tags = ['calls'];
const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** Numbers are masked here for everybody; the case shows them, to whom may see, and writes that down. */
function viewCall(call: CallListRow) {
  return { ...call, callerNumber: call.callerNumber && maskNumber(call.callerNumber), calledNumber: call.direction === 'outbound' ? maskNumber(call.calledNumber) : call.calledNumber,
    offeredAt: call.offeredAt.toISOString(), answeredAt: iso(call.answeredAt), queuedAt: iso(call.queuedAt), ringingAt: iso(call.ringingAt), connectedAt: iso(call.connectedAt), endedAt: iso(call.endedAt) };
}

export function registerCallRoutes(app: App, deps: Deps): void {
  app.get('/api/calls', { config: { permission: 'call.read' }, schema: { tags, querystring: Type.Object({ ...pageQuery, live: Type.Optional(Type.Boolean()) }, { additionalProperties: false }), response: { 200: Page(CallView), ...problemResponses() } } }, async (request) => {
    const { cursor, limit, live } = request.query;
    return pageOf(await listCalls(deps.pool, { beforeId: readCursor(cursor, uuidPattern), live: live ?? false, limit: limit + 1 }), limit, (call) => call.id, viewCall);
  });
  app.get('/api/calls/:callId', { config: { permission: 'call.read' }, schema: { tags, params, response: { 200: Type.Object({ ...callFields, legs: Type.Array(LegView) }), ...problemResponses(404) } } }, async (request) => {
    const call = await findCall(deps.pool, request.params.callId);
    if (!call) throw new AppError('not_found', { entity: 'call', id: request.params.callId });
    return { ...viewCall(call), legs: call.legs.map((leg) => ({ ...leg, startedAt: leg.startedAt.toISOString(), ringingAt: iso(leg.ringingAt), answeredAt: iso(leg.answeredAt), endedAt: iso(leg.endedAt) })) };
  });
  app.get('/api/calls/:callId/events', { config: { permission: 'call.read' }, schema: { tags, params, response: { 200: Type.Object({ items: Type.Array(Type.Object({ id: Type.Integer(), at: Time, type: Type.String(), fromState: NullableString, toState: Type.String(), data: Type.Record(Type.String(), Type.Unknown()) })) }), ...problemResponses() } } },
    async (request) => ({ items: (await listCallEvents(deps.pool, request.params.callId)).map((row) => ({ ...row, at: row.at.toISOString() })) }));
  app.post('/api/calls', { config: { permission: 'call.dial' }, schema: { tags, body: Type.Object({ number: Type.Optional(Type.String({ maxLength: 40 })), caseId: Type.Optional(Id) }, { additionalProperties: false, minProperties: 1 }),
    response: { 202: Type.Object({ callId: Id, caseId: Id }), ...problemResponses(404, 409, 422, 503) } } }, async (request, reply) => {
    if (!deps.telephony.isConnected()) throw new AppError('telephony_unavailable');
    return reply.code(202).send(await dialOut(deps, { operatorId: requireUser(request).userId, ...request.body }));
  });
  app.post('/api/calls/:callId/hang-up', { config: { permission: 'call.hang_up' }, schema: { tags, params, response: { 204: Type.Null(), ...problemResponses(404, 409) } } }, async (request, reply) => {
    const call = await findCall(deps.pool, request.params.callId);
    if (!call) throw new AppError('not_found', { entity: 'call', id: request.params.callId });
    requireOwnCall(call, requireUser(request));
    await applyCallEvent(deps, call.id, { type: 'hang_up', by: 'operator' });
    return reply.code(204).send(null);
  });
}

/** An operator ends the own call only; who manages seats, any. */
function requireOwnCall(call: CallListRow, actor: Actor): void {
  const isOwn = actor.kind === 'user' && call.operatorId === actor.userId;
  if (!isOwn && !actor.permissions.has('seat.manage')) throw new AppError('forbidden', { permission: 'seat.manage' });
}

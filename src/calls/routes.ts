import { Type } from 'typebox';
import { requireUser } from '../auth/authenticate.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { Id, Page, pageOf, pageQuery, readCursor, uuidPattern } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { actOnCall } from './talking/act-on-call.ts';
import { applyCallEvent } from './apply-call-event.ts';
import { allowedCallActions, callActions } from './talking/call-action-rules.ts';
import { CallEventView, CallView, CallWithLegs, viewCall, viewCallEvent, viewLeg, viewTalk } from './call-view.ts';
import { dialOut } from './outbound/dial-out.ts';
import { findRecordingState } from '../recordings/queries.ts';
import { findOwnCall, noteActForOther, requireCall } from './own-call.ts';
import { findDurations, listCallEvents, listCalls } from './queries.ts';
import { listListens } from './supervision/save-listen.ts';
import { listTalks } from './talking/save-talk.ts';

const params = Type.Object({ callId: Id });
const tags = ['calls'];
const read = { config: { permission: 'call.read' } } as const;
const listQuery = Type.Object({ ...pageQuery, live: Type.Optional(Type.Boolean()) }, { additionalProperties: false });
const Dial = Type.Object({ number: Type.Optional(Type.String({ maxLength: 40 })), caseId: Type.Optional(Id) },
  { additionalProperties: false, minProperties: 1 });

const actParams = Type.Object({ ...params.properties, action: Type.Enum([...callActions]) });
const Target = Type.Union([
  Type.Object({ directoryCode: Type.String({ maxLength: 32 }) }, { additionalProperties: false }),
  Type.Object({ number: Type.String({ maxLength: 40 }) }, { additionalProperties: false }),
  Type.Object({ seatId: Type.String({ pattern: '^[0-9]{3,6}$' }) }, { additionalProperties: false }),
]);
const ActBody = Type.Optional(Type.Union([Type.Null(), Type.Object({
  legId: Type.Optional(Type.String({ maxLength: 80, description: 'switch, drop: which party' })),
  target: Type.Optional(Target),
  isHolding: Type.Optional(Type.Boolean({ description: 'consult: the others hear music meanwhile; false lets them go on talking (one key, three-way)' })),
}, { additionalProperties: false })]));
const Acted = Type.Object({ legId: Type.Union([Type.String({ description: 'The party that is dialled now' }), Type.Null()]) });

export function registerCallRoutes(app: App, deps: Deps): void {
  app.get('/api/calls', { ...read, schema: {
    summary: 'Calls, newest first',
    tags, querystring: listQuery, response: { 200: Page(CallView), ...problemResponses() },
  } }, async (request) => {
    const { cursor, limit, live } = request.query;
    const calls = await listCalls(deps.pool, { beforeId: readCursor(cursor, uuidPattern), live: live ?? false, limit: limit + 1 });
    return pageOf(calls, limit, (call) => call.id, viewCall);
  });

  app.get('/api/calls/:callId', { ...read, schema: {
    summary: 'One call with legs, durations, talks and what may be done now',
    tags, params, response: { 200: CallWithLegs, ...problemResponses(404) },
  } }, async (request) => {
    const call = await requireCall(deps, request.params.callId);
    const durations = await findDurations(deps.pool, call.id);
    if (!durations) throw new Error('a call without durations');
    const legs = call.legs.filter((leg) => leg.state !== 'ended');
    return { ...viewCall(call), durations, legs: call.legs.map((leg) => viewLeg(leg, call.isConfidential)), talks: (await listTalks(deps.pool, call.id)).map(viewTalk),
      listens: (await listListens(deps.pool, call.id)).map(viewTalk),
      allowedActions: allowedCallActions({ ...call, legs }), ...(await findRecordingState(deps.pool, call.id)) };
  });

  app.get('/api/calls/:callId/events', {
    ...read, schema: {
      summary: 'The course of a call',
      tags, params, response: { 200: Type.Object({ items: Type.Array(CallEventView) }), ...problemResponses(404) },
    },
  }, async (request) => {
    const { id } = await requireCall(deps, request.params.callId);
    return { items: (await listCallEvents(deps.pool, id)).map(viewCallEvent) };
  });

  app.post('/api/calls', {
    config: { permission: 'call.dial' },
    schema: {
      summary: 'Call a number, or the citizen of a case, from the own seat',
      tags, body: Dial, response: { 202: Type.Object({ callId: Id, caseId: Id }), ...problemResponses(404, 409, 422, 503) },
    },
  }, async (request, reply) => {
    if (!(await deps.telephony.isReachable())) throw new AppError('telephony_unavailable');
    return reply.code(202).send(await dialOut(deps, { operatorId: requireUser(request).userId, ...request.body }));
  });

  app.post('/api/calls/:callId/actions/:action', {
    config: { permission: 'call.control' },
    schema: {
      summary: 'Hold, join, consult, switch, drop, transfer, leave',
      tags, params: actParams, body: ActBody, response: { 200: Acted, ...problemResponses(404, 409, 422, 503) },
    },
  }, async (request) => {
    const { action } = request.params;
    const own = await findOwnCall(deps, request);
    const acted = await actOnCall(deps, own.callId, { ...request.body, action, deskId: own.deskId });
    await noteActForOther(deps, request, own, { action: 'call.acted', details: { action } });
    return acted;
  });

  app.post('/api/calls/:callId/hang-up', {
    config: { permission: 'call.hang_up' },
    schema: { summary: 'End a call for all', tags, params, response: { 204: Type.Null(), ...problemResponses(404, 409) } },
  }, async (request, reply) => {
    const own = await findOwnCall(deps, request);
    const isEnded = await applyCallEvent(deps, own.callId, { type: 'hang_up', by: own.deskId === undefined ? 'supervisor' : 'operator', askerId: own.deskId });
    if (isEnded) await noteActForOther(deps, request, own, { action: 'call.ended' });
    return reply.code(204).send(null);
  });
}

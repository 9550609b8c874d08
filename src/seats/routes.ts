import { Type } from 'typebox';
import { requireUser } from '../auth/authenticate.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { NullableString, NullableTime, Page, Time, iso, pageOf, pageQuery, readCursor } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { actOnOwnSeat, signIn } from './act-on-own-seat.ts';
import { forceSeat, forcedActions } from './force-seat.ts';
import { findSeat, listNotReadyReasons, listSeatEvents, listSeats } from './queries.ts';
import { allowedSeatEvents } from './seat-machine.ts';
import { seatEndpoint, type Seat } from './seat.ts';

const SeatView = Type.Object({
  id: Type.String(), sipUser: Type.String(), state: Type.String(), stateSince: Time, operatorId: NullableString, notReadyReason: NullableString,
  callId: NullableString, wrapUpUntil: NullableTime, wrapUpExtended: Type.Boolean(), pendingState: NullableString, pendingReason: NullableString, pendingBy: NullableString, isRegistered: Type.Boolean(), version: Type.Integer(),
  isOnOwnQueueCall: Type.Boolean({ description: 'Its phone still talks in Asterisk’s own queue, which took the call while no service was there' }),
  allowedActions: Type.Array(Type.String()),
});
const SeatEventView = Type.Object({
  id: Type.Integer(), at: Time, event: Type.String(), fromState: Type.String(), toState: Type.String(),
  operatorId: NullableString, reason: NullableString, callId: NullableString, forcedBy: NullableString,
});
const ReasonView = Type.Object({ code: Type.String(), nameZh: Type.String(), nameEn: Type.String(), isSelectable: Type.Boolean() });
const ownActions = ['sign_in', 'sign_out', 'ready', 'not_ready', 'extend_wrap_up'] as const;
const params = Type.Object({ seatId: Type.String({ pattern: '^[0-9]{3,6}$' }) });
const actParams = Type.Object({ ...params.properties, action: Type.Enum([...ownActions]) });
const forceParams = Type.Object({ ...params.properties, action: Type.Enum([...forcedActions]) });
const Reason = Type.Object({ reason: Type.Optional(Type.String({ maxLength: 40 })) }, { additionalProperties: false });
const ActBody = Type.Optional(Type.Union([Type.Null(), Reason]));
const listQuery = Type.Object(pageQuery, { additionalProperties: false });
const tags = ['seats'];
const read = { config: { permission: 'seat.read' } } as const;

function viewSeat(seat: Seat) {
  const { idleSince: _, ownQueueChannel, ...shown } = seat;
  return { ...shown, isOnOwnQueueCall: ownQueueChannel !== null, sipUser: seatEndpoint(seat.id), stateSince: seat.stateSince.toISOString(), wrapUpUntil: iso(seat.wrapUpUntil),
    allowedActions: allowedSeatEvents(seat.state).filter((name) => (ownActions as readonly string[]).includes(name)) };
}

export function registerSeatRoutes(app: App, deps: Deps): void {
  app.get('/api/seats', { ...read, schema: {
    summary: 'Seats with their states and phones',
    tags, querystring: listQuery, response: { 200: Page(SeatView), ...problemResponses() },
  } }, async (request) => {
    const { cursor, limit } = request.query;
    return pageOf(await listSeats(deps.pool, readCursor(cursor, /^\d{3,6}$/) ?? '', limit + 1), limit, (seat) => seat.id, viewSeat);
  });

  app.get('/api/seats/:seatId', { ...read, schema: {
    summary: 'One seat',
    tags, params, response: { 200: SeatView, ...problemResponses(404) },
  } }, async (request) => {
    const seat = await findSeat(deps.pool, request.params.seatId);
    if (!seat) throw new AppError('not_found', { entity: 'seat', id: request.params.seatId });
    return viewSeat(seat);
  });

  app.post('/api/seats/:seatId/actions/:action', {
    config: { permission: 'seat.sign_in' },
    schema: {
      summary: 'Sign in or out, be ready or not ready (with a reason), extend the wrap-up once',
      tags, params: actParams, body: ActBody, response: { 200: SeatView, ...problemResponses(404, 409, 422) },
    },
  }, async (request) => {
    const { seatId, action } = request.params;
    const { userId } = requireUser(request);
    if (action === 'sign_in') return viewSeat(await signIn(deps, seatId, userId));
    return viewSeat(await actOnOwnSeat(deps, seatId, userId, action === 'not_ready' ? { action, reason: request.body?.reason ?? '' } : { action }));
  });

  app.post('/api/seats/:seatId/force/:action', {
    config: { permission: 'seat.force' },
    schema: {
      summary: 'Make a seat ready, not ready (with a reason) or sign it out; a seat with a call becomes so when the call ends',
      tags, params: forceParams, body: ActBody, response: { 200: SeatView, ...problemResponses(404, 409, 422) },
    },
  }, async (request) => {
    const { seatId, action } = request.params;
    return viewSeat(await forceSeat(deps, requireUser(request), request, { seatId, action, reason: request.body?.reason }));
  });

  app.get('/api/seats/:seatId/events', {
    ...read, schema: {
      summary: 'What happened at a seat, newest first',
      tags, params, querystring: listQuery, response: { 200: Page(SeatEventView), ...problemResponses() },
    },
  }, async (request) => {
    const { cursor, limit } = request.query;
    const rows = await listSeatEvents(deps.pool, request.params.seatId, Number(readCursor(cursor, /^\d+$/) ?? Number.MAX_SAFE_INTEGER), limit + 1);
    return pageOf(rows, limit, (row) => String(row.id), (row) => ({ ...row, at: row.at.toISOString() }));
  });

  app.get('/api/not-ready-reasons', {
    ...read, schema: {
      summary: 'Reasons for not being ready',
      tags, response: { 200: Type.Object({ items: Type.Array(ReasonView) }), ...problemResponses() },
    },
  }, async () => ({ items: await listNotReadyReasons(deps.pool) }));
}

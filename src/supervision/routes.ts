import { Type } from 'typebox';
import { requireUser } from '../auth/authenticate.ts';
import { chinaDayStart } from '../calendar/opening-rules.ts';
import { listQueueStatus } from '../calls/waiting/wait-queries.ts';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { Id, Instant, NullableString, NullableTime, Time, iso } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { blockCaller } from './block-caller.ts';
import { listBoardCalls, listBoardSeats } from './queries.ts';

const BoardSeat = Type.Object({
  id: Type.String(), state: Type.String(), stateSince: Time, isRegistered: Type.Boolean(), notReadyReason: NullableString, pendingState: NullableString,
  operatorId: NullableString, operatorName: NullableString, callId: NullableString, answeredToday: Type.Integer(), talkSecToday: Type.Number(), notReadySecToday: Type.Number(),
});
const Party = Type.Object({ role: Type.String(), seatId: NullableString, directoryCode: NullableString, state: Type.String(), isHeld: Type.Boolean() });
const BoardCall = Type.Object({
  id: Id, direction: Type.String(), state: Type.String(), since: Time, offeredAt: Time, queueId: NullableString, seatId: NullableString, operatorName: NullableString,
  caseNumber: NullableString, isConfidential: Type.Boolean(), abuseAt: NullableTime, parties: Type.Array(Party), supervisorName: NullableString, supervisionMode: NullableString,
});
const BoardQueue = Type.Object({ queueId: Type.String(), waiting: Type.Integer(), oldestAt: NullableTime, signedIn: Type.Integer(), ready: Type.Integer() });
const Board = Type.Object({ at: Time, dayStart: Time, seats: Type.Array(BoardSeat), calls: Type.Array(BoardCall), queues: Type.Array(BoardQueue) });
const Block = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }), endsAt: Instant }, { additionalProperties: false });
const tags = ['supervision'];

export function registerBoardRoutes(app: App, deps: Deps): void {
  app.get('/api/supervision/board', { config: { permission: 'call.supervise' }, schema: {
    summary: 'Every seat with its day, every live call, every queue, now',
    tags, response: { 200: Board, ...problemResponses() },
  } }, async () => viewBoard(deps));

  app.post('/api/alerts/:alertId/block', { config: { permission: 'alert.manage' }, schema: {
    summary: 'Block the number of an abusive caller until a date',
    tags, params: Type.Object({ alertId: Id }), body: Block, response: { 204: Type.Null(), ...problemResponses(404, 409, 422) },
  } }, async (request, reply) => {
    await blockCaller(deps, { actor: requireUser(request), trace: request }, request.params.alertId, request.body);
    return reply.code(204).send(null);
  });
}

async function viewBoard(deps: Deps) {
  const now = deps.now();
  const dayStart = chinaDayStart(now);
  const [seats, calls, queues] = await Promise.all([listBoardSeats(deps.pool, dayStart, now), listBoardCalls(deps.pool), listQueueStatus(deps.pool, now)]);
  return {
    at: now.toISOString(), dayStart: dayStart.toISOString(),
    seats: seats.map((seat) => ({ ...seat, stateSince: seat.stateSince.toISOString() })),
    calls: calls.map((call) => ({ ...call, since: call.since.toISOString(), offeredAt: call.offeredAt.toISOString(), abuseAt: iso(call.abuseAt) })),
    queues: queues.map(({ queueId, waiting, oldestAt, signedIn, ready }) => ({ queueId, waiting, oldestAt: iso(oldestAt), signedIn, ready })),
  };
}

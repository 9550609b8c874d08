import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { Actor } from '../auth/actor.ts';
import { authenticate } from '../auth/authenticate.ts';
import { viewEvent } from './event-views.ts';
import { listUnacknowledged } from '../cases/push/queries.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { createLive } from '../events/live.ts';
import type { App } from './app-type.ts';
import { problemResponses } from './problem.ts';

/** A listener this far behind is cut off, bytes; it reconnects and reads anew. */
const longestBacklog = 1 << 20;
const checkEveryMs = 20_000;
/** More urgent cases than that nobody acknowledges one by one; their list is the inbox. */
const mostPushed = 100;
type Live = ReturnType<typeof createLive>;

/** GET /api/events, a WebSocket: what happens now, as far as the listener may see it. */
export function registerEventRoutes(live: Live): (app: App, deps: Deps) => void {
  return (app, deps) => {
    app.route({
      method: 'GET', url: '/api/events', config: { permission: 'self' },
      schema: {
        summary: 'Live events by WebSocket, as far as the listener may see them',
        tags: ['events'], response: { 101: { type: 'null' }, ...problemResponses(426) },
      },
      handler: () => { throw new AppError('upgrade_required'); },
      wsHandler: (socket: WebSocket, request) => listen(deps, live, socket, request),
    });
  };
}

function listen(deps: Deps, live: Live, socket: WebSocket, request: FastifyRequest): void {
  const actor = request.actor;
  if (!actor) return socket.close(1008);
  const unsubscribe = live.subscribe((event) => {
    void send(deps, socket, actor, event).catch((error: unknown) => deps.log.error({ err: error }, 'A live event could not be shown'));
  });
  const check = setInterval(() => {
    socket.ping();
    // An open page is no use of the session: one left alone still goes idle.
    authenticate(deps, request, false).then((still) => { if (!still) socket.close(1008, 'logged out'); }, () => socket.close(1011));
  }, checkEveryMs);
  socket.on('close', () => { clearInterval(check); unsubscribe(); });
  socket.on('error', () => socket.terminate());
  socket.send(JSON.stringify({ type: 'hello' }));
  void pushAgain(deps, socket, actor).catch((error: unknown) => deps.log.error({ err: error }, 'Urgent cases could not be pushed again'));
}

/** Whoever connects is told of the urgent cases that they have not acknowledged. */
async function pushAgain(deps: Deps, socket: WebSocket, actor: Actor): Promise<void> {
  if (actor.kind !== 'user' || actor.unitId === null || !actor.permissions.has('case.read_unit')) return;
  for (const { id, ...shown } of await listUnacknowledged(deps.pool, { userId: actor.userId, unitId: actor.unitId, limit: mostPushed })) {
    if (socket.readyState === 1) socket.send(JSON.stringify({ type: 'case.pushed', caseId: id, ...shown, at: deps.now().toISOString() }));
  }
}

async function send(deps: Deps, socket: WebSocket, actor: Actor, event: Parameters<typeof viewEvent>[2] | { type: 'resync' }): Promise<void> {
  const view = event.type === 'resync' ? event : await viewEvent(deps, actor, event);
  if (!view || socket.readyState !== 1) return;
  if (socket.bufferedAmount > longestBacklog) socket.terminate();
  else socket.send(JSON.stringify({ ...view, at: deps.now().toISOString() }));
}

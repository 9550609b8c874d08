import type { WebSocket } from 'ws';
import type { Actor } from '../auth/actor.ts';
import { authenticate } from '../auth/authenticate.ts';
import { viewEvent } from './event-views.ts';
import type { Deps } from '../deps.ts';
import type { createLive } from '../events/live.ts';
import type { App } from './app-type.ts';

/** A listener this far behind is cut off, bytes; it reconnects and reads anew. */
const longestBacklog = 1 << 20;
const checkEveryMs = 20_000;

/** GET /api/events, a WebSocket: what happens now, as far as the listener may see it. */
export function registerEventRoutes(live: ReturnType<typeof createLive>): (app: App, deps: Deps) => void {
  return (app, deps) => {
    app.get('/api/events', { websocket: true, config: { permission: 'self' }, schema: { tags: ['events'], description: 'WebSocket of live events' } }, (socket: WebSocket, request) => {
      const actor = request.actor;
      if (!actor) return socket.close(1008);
      const unsubscribe = live.subscribe((event) => {
        void send(deps, socket, actor, event).catch((error: unknown) => deps.log.error({ err: error }, 'A live event could not be shown'));
      });
      const check = setInterval(() => {
        socket.ping();
        authenticate(deps, request).then((still) => { if (!still) socket.close(1008, 'logged out'); }, () => socket.close(1011));
      }, checkEveryMs);
      socket.on('close', () => { clearInterval(check); unsubscribe(); });
      socket.on('error', () => socket.terminate());
      socket.send(JSON.stringify({ type: 'hello' }));
    });
  };
}

async function send(deps: Deps, socket: WebSocket, actor: Actor, event: Parameters<typeof viewEvent>[2] | { type: 'resync' }): Promise<void> {
  const view = event.type === 'resync' ? event : await viewEvent(deps, actor, event);
  if (!view || socket.readyState !== 1) return;
  if (socket.bufferedAmount > longestBacklog) socket.terminate();
  else socket.send(JSON.stringify({ ...view, at: deps.now().toISOString() }));
}

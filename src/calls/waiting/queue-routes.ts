import { Type } from 'typebox';
import { AppError } from '../../errors.ts';
import type { Deps } from '../../deps.ts';
import type { App } from '../../http/app-type.ts';
import { problemResponses } from '../../http/problem.ts';
import { findQueue, listNumbers, listQueues } from '../../routing/queries.ts';
import { CallView, viewCall } from '../call-view.ts';
import { callsLookedAt, estimateWaitSec, handlingSec } from './wait-rules.ts';
import { findHandling, listQueueStatus, listWaitingCalls } from './wait-queries.ts';

const Sec = (description: string) => Type.Union([Type.Integer(), Type.Null()], { description });
const QueueView = Type.Object({ id: Type.String(), name: Type.String(), maxWaiting: Type.Integer(), ringTimeoutSec: Type.Integer(), wrapUpSec: Type.Integer(),
  announceEverySec: Type.Integer(), musicClass: Type.String(), version: Type.Integer(), numbers: Type.Array(Type.String()),
  waiting: Type.Integer(), signedIn: Type.Integer(), ready: Type.Integer(),
  longestWaitSec: Sec('Of those who wait; null when nobody does'),
  estimatedWaitSec: Sec('Of a caller who comes now; null when nobody works') });
const WaitingView = Type.Object({ ...CallView.properties, position: Type.Integer(), priority: Type.Integer() });
const params = Type.Object({ queueId: Type.String({ maxLength: 40 }) });
const tags = ['queues'];

export function registerQueueRoutes(app: App, deps: Deps): void {
  app.get('/api/queues', { config: { permission: 'queue.read' }, schema: {
    summary: 'Queues, the numbers that lead into them, and how they stand now',
    tags, response: { 200: Type.Object({ items: Type.Array(QueueView) }), ...problemResponses() },
  } }, async () => ({ items: await viewQueues(deps) }));

  app.get('/api/queues/:queueId/waiting', { config: { permission: 'call.read' }, schema: {
    summary: 'Who waits in a queue, in the order in which they are served',
    tags, params, response: { 200: Type.Object({ items: Type.Array(WaitingView) }), ...problemResponses(404) },
  } }, async (request) => {
    const { queueId } = request.params;
    if (!(await findQueue(deps.pool, queueId))) throw new AppError('not_found', { entity: 'queue', id: queueId });
    const calls = await listWaitingCalls(deps.pool, queueId, deps.now());
    return { items: calls.map((call, index) => ({ ...viewCall(call), position: index + 1 })) };
  });
}

async function viewQueues(deps: Deps) {
  const [queues, numbers, statuses] = await Promise.all([listQueues(deps.pool), listNumbers(deps.pool), listQueueStatus(deps.pool, deps.now())]);
  const now = deps.now();
  return Promise.all(queues.map(async (queue) => {
    const status = statuses.find((one) => one.queueId === queue.id);
    const { waiting, signedIn, ready, working, oldestAt } = status ?? { waiting: 0, signedIn: 0, ready: 0, working: 0, oldestAt: null };
    const perCallSec = handlingSec(await findHandling(deps.pool, queue.id, callsLookedAt), queue.wrapUpSec);
    return {
      ...queue, waiting, signedIn, ready, numbers: numbers.filter((number) => number.queueId === queue.id).map((number) => number.number),
      longestWaitSec: oldestAt && Math.max(0, Math.floor((now.getTime() - oldestAt.getTime()) / 1000)),
      estimatedWaitSec: ready > waiting ? 0 : estimateWaitSec({ position: waiting + 1, seats: working, handlingSec: perCallSec }),
    };
  }));
}

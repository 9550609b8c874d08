import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { problemResponses } from '../http/problem.ts';
import { listNumbers, listQueues } from './queries.ts';

const QueueView = Type.Object({ id: Type.String(), name: Type.String(), maxWaiting: Type.Integer(), ringTimeoutSec: Type.Integer(), wrapUpSec: Type.Integer(),
  announceEverySec: Type.Integer(), musicClass: Type.String(), version: Type.Integer(), numbers: Type.Array(Type.String()) });

export function registerQueueRoutes(app: App, deps: Deps): void {
  app.get('/api/queues', { config: { permission: 'queue.read' }, schema: {
    summary: 'Queues and the numbers that lead into them',
    tags: ['queues'], response: { 200: Type.Object({ items: Type.Array(QueueView) }), ...problemResponses() },
  } }, async () => {
    const [queues, numbers] = await Promise.all([listQueues(deps.pool), listNumbers(deps.pool)]);
    return { items: queues.map((queue) => ({ ...queue, numbers: numbers.filter((number) => number.queueId === queue.id).map((number) => number.number) })) };
  });
}

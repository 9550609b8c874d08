import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import type { App } from '../http/app-type.ts';

export const boardPath = '/admin/jobs';

/**
 * Bull Board: what waits, what was given up and why, and a key to try it again. Jobs carry ids only, so it shows nothing of a citizen. It brings its own
 * routes, each of which asks for `job.manage` as any other.
 */
export function registerJobBoard(app: App, queues: readonly Queue[]): void {
  const board = new FastifyAdapter();
  createBullBoard({ queues: queues.map((queue) => new BullMQAdapter(queue)), serverAdapter: board, options: { uiConfig: { boardTitle: '12345' } } });
  // It would answer each refusal of ours with a 500; thrown on, an error gets its problem document.
  board.setErrorHandler((error) => { throw error; });
  board.setBasePath(boardPath);
  void app.register(async (scope) => {
    await scope.register(board.registerPlugin() as Parameters<typeof scope.register>[0]);
  }, { prefix: boardPath });
}

import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { JobName, JobPayloads, JobQueue } from './queue.ts';

const queueName = 'hotline';
export type JobHandlers = { readonly [Name in JobName]: (payload: JobPayloads[Name]) => Promise<void> };

/** Alarms on BullMQ. Redis may be away: then the sweep finds what is due. */
export function createJobs(redisUrl: string, log: Logger, now: () => Date): JobQueue & { work: (handlers: JobHandlers) => void; close: () => Promise<void>; isReady: () => Promise<void> } {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: 1, enableOfflineQueue: false, retryStrategy: (times) => Math.min(times * 200, 5_000) });
  connection.on('error', logOnce(log));
  const queue = new Queue(queueName, { connection, defaultJobOptions: { attempts: 5, backoff: { type: 'exponential', delay: 1_000 }, removeOnComplete: 1_000, removeOnFail: 10_000 } });
  queue.on('error', () => undefined); // the connection's own listener logs it
  let worker: Worker | undefined;
  let workerConnection: Redis | undefined;
  return {
    async wake(name, payload, at) {
      try {
        await queue.add(name, payload, { delay: Math.max(0, at.getTime() - now().getTime()) });
      } catch (error) {
        log.debug({ err: error, job: name }, 'An alarm could not be set; the sweep will find its deadline');
      }
    },
    work(handlers) {
      workerConnection = new Redis(redisUrl, { maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(times * 200, 5_000) });
      workerConnection.on('error', () => undefined); // the connection above logs it
      worker = new Worker(queueName, async (job) => {
        const handler = handlers[job.name as JobName] as ((payload: unknown) => Promise<void>) | undefined;
        if (!handler) throw new Error(`no handler for job ${job.name}`);
        await handler(job.data);
      }, { connection: workerConnection, concurrency: 8 });
      worker.on('error', () => undefined);
      worker.on('failed', (job, error) => log.warn({ err: error, job: job?.name, attempt: job?.attemptsMade }, 'A job failed'));
    },
    async isReady() { await connection.ping(); },
    async close() {
      await worker?.close();
      await queue.close();
      workerConnection?.disconnect();
      connection.disconnect();
    },
  };
}

function logOnce(log: Logger): (error: Error) => void {
  let last = '';
  return (error) => {
    if (error.message !== last) log.warn({ err: error }, 'Redis cannot be reached; deadlines are kept by the sweep');
    last = error.message;
  };
}

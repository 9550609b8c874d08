import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { jobNames, type JobName, type JobPayloads, type JobQueue } from './queue.ts';

export type JobHandlers = { readonly [Name in JobName]: (payload: JobPayloads[Name]) => Promise<void> };
/** Alarms on BullMQ, with the queues they stand in, for the board and the metrics. */
export type BullJobs = JobQueue & {
  readonly queues: readonly Queue[];
  readonly work: (handlers: JobHandlers) => void;
  readonly isReady: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Tried again after 1, 2, 4 and 8 s; what failed then is given up and stays to be looked at. */
const defaultJobOptions = { attempts: 5, backoff: { type: 'exponential', delay: 1_000 }, removeOnComplete: 1_000, removeOnFail: 10_000 };
const retryStrategy = (times: number): number => Math.min(times * 200, 5_000);

/**
 * Each kind of alarm has a queue of its own: text messages whose gateway hangs hold up no wrap-up. Redis may be away: then the sweep
 * finds what is due.
 */
export function createJobs(redisUrl: string, log: Logger, now: () => Date): BullJobs {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: 1, enableOfflineQueue: false, retryStrategy });
  connection.on('error', logOnce(log));
  const queues = new Map(jobNames.map((name) => [name, new Queue(name, { connection, prefix: 'hotline', defaultJobOptions })]));
  for (const queue of queues.values()) queue.on('error', () => undefined); // the connection's own listener logs it
  const workers: Worker[] = [];
  let workerConnection: Redis | undefined;
  return {
    queues: [...queues.values()],
    async wake(name, payload, at) {
      try {
        await queues.get(name)?.add(name, payload, { delay: Math.max(0, at.getTime() - now().getTime()) });
      } catch (error) {
        log.debug({ err: error, job: name }, 'An alarm could not be set; the sweep will find its deadline');
      }
    },
    work(handlers) {
      workerConnection = new Redis(redisUrl, { maxRetriesPerRequest: null, retryStrategy });
      workerConnection.on('error', () => undefined); // the connection above logs it
      for (const name of jobNames) workers.push(startWorker(name, handlers[name] as (payload: unknown) => Promise<void>, workerConnection, log));
    },
    async isReady() { await connection.ping(); },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      workerConnection?.disconnect();
      connection.disconnect();
    },
  };
}

function startWorker(name: JobName, handle: (payload: unknown) => Promise<void>, connection: Redis, log: Logger): Worker {
  const worker = new Worker(name, (job) => handle(job.data), { connection, prefix: 'hotline', concurrency: 8 });
  worker.on('error', () => undefined);
  worker.on('failed', (job, error) => {
    const isLast = !job || job.attemptsMade >= defaultJobOptions.attempts;
    log[isLast ? 'error' : 'warn']({ err: error, job: name, jobId: job?.id, data: job?.data as unknown, attempt: job?.attemptsMade },
      isLast ? 'A job is given up; it stands on the board of the jobs, and the sweep goes on trying' : 'A job failed and is tried again');
  });
  return worker;
}

function logOnce(log: Logger): (error: Error) => void {
  let last = '';
  return (error) => {
    if (error.message !== last) log.warn({ err: error }, 'Redis cannot be reached; deadlines are kept by the sweep');
    last = error.message;
  };
}

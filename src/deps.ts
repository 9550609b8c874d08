import type pg from 'pg';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { JobQueue } from './jobs/queue.ts';
import type { TelephonyPort } from './calls/telephony-port.ts';

/** What actions need from the world; made once in main.ts, passed as the first argument. */
export type Deps = {
  readonly config: Config;
  readonly log: Logger;
  readonly pool: pg.Pool;
  readonly jobs: JobQueue;
  readonly telephony: TelephonyPort;
  /** The only clock. */
  readonly now: () => Date;
};

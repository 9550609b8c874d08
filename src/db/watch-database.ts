import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import type { ServicePool } from './pool.ts';

/** Milliseconds: how often the database is asked, and how long it may keep an answer waiting before it counts as frozen. */
const usualPace = { beatMs: 1_000, silentMs: 5_000 };

type Watched = { readonly pool: Pick<ServicePool, 'dropConnections'>; readonly databaseUrl: string; readonly log: Logger };

/**
 * Asks the database whether it is still there, over a connection of its own, so that long statements are let be: one that froze or
 * vanished without a word keeps nobody waiting. Says once that it is away, and once that it is back.
 */
export function watchDatabase({ pool, databaseUrl, log }: Watched, { beatMs, silentMs } = usualPace): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  let isAway = false;

  async function follow(client: pg.Client): Promise<void> {
    client.on('error', () => undefined); // the next question fails by it
    await client.connect();
    while (!stopping.signal.aborted) {
      await client.query('select 1');
      if (isAway) log.info('The database answers again');
      isAway = false;
      await pause();
    }
  }

  /** Resolves after the pace, or at once when it is over. */
  async function pause(): Promise<void> {
    await delay(beatMs, undefined, { signal: stopping.signal }).catch((error: unknown) => { if (!stopping.signal.aborted) throw error; });
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      const socket = new Socket();
      const close = (): void => { socket.destroy(); };
      stopping.signal.addEventListener('abort', close);
      try {
        await follow(new pg.Client({ connectionString: databaseUrl, application_name: 'hotline12345-watch', stream: () => socket, connectionTimeoutMillis: silentMs, query_timeout: silentMs }));
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (/time(d )?out/i.test(String(error))) pool.dropConnections();
        if (!isAway) log.error({ err: error }, 'The database cannot be reached; what needs it is refused until it can');
        isAway = true;
        await pause();
      } finally {
        stopping.signal.removeEventListener('abort', close);
        socket.destroy();
      }
    }
  }

  const watching = watch();
  return { stop: async () => { stopping.abort(); await watching; } };
}

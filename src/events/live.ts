import pg from 'pg';
import type { Logger } from 'pino';
import { liveChannel, type LiveEvent } from './publish.ts';

export type LiveListener = (event: LiveEvent | { readonly type: 'resync' }) => void;
const reconnectMs = 1_000;

/** One LISTEN connection a process; after a break everyone is told to read anew, for events were missed. */
export function createLive(databaseUrl: string, log: Logger): { subscribe: (listener: LiveListener) => () => void; close: () => Promise<void> } {
  const listeners = new Set<LiveListener>();
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let wanted = true;
  const tell: LiveListener = (event) => { for (const listener of listeners) listener(event); };
  async function connect(): Promise<void> {
    const next = new pg.Client({ connectionString: databaseUrl, application_name: 'hotline12345-live', keepAlive: true });
    let isOver = false;
    const retry = (): void => {
      if (isOver) return;
      isOver = true;
      if (wanted) timer = setTimeout(() => { void connect(); }, reconnectMs);
    };
    next.on('error', retry);
    next.on('end', retry);
    next.on('notification', (message) => tell(JSON.parse(message.payload ?? '{}') as LiveEvent));
    try {
      await next.connect();
      await next.query(`listen ${liveChannel}`);
      client = next;
      tell({ type: 'resync' });
    } catch (error) {
      log.debug({ err: error }, 'Live events wait for the database');
      retry();
    }
  }
  void connect();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      wanted = false;
      clearTimeout(timer);
      await client?.end();
    },
  };
}

import pg from 'pg';
import type { Logger } from 'pino';
import { liveChannel, type LiveEvent } from './publish.ts';

export type LiveListener = (event: LiveEvent | { readonly type: 'resync' }) => void;
const reconnectMs = 1_000;

/** Whoever may connect to the database may notify; what cannot be read must not end the service. */
function readEvent(payload: string | undefined): LiveEvent | null {
  try {
    const event: unknown = JSON.parse(payload ?? '');
    return typeof event === 'object' && event !== null && 'type' in event ? (event as LiveEvent) : null;
  } catch {
    return null; // not JSON; the caller says so
  }
}

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
    next.on('notification', (message) => {
      const event = readEvent(message.payload);
      if (event) tell(event);
      else log.warn('A live event that is none of ours was ignored');
    });
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

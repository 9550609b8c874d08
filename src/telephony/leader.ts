import { Socket } from 'node:net';
import pg from 'pg';
import type { Deps } from '../deps.ts';
import { backoffMs, pause } from './backoff.ts';

/** The advisory lock of the telephony role: one holder per database. */
const lockKey = 12_345;
/** Long enough for the one that took the application over to prove that it leads, milliseconds. */
const replacedPauseMs = 30_000;

export type Leadership = {
  /** Takes the role up; `giveUp` may be called at any time after. */
  readonly start: (giveUp: () => void) => void;
  readonly stop: () => Promise<void>;
  /** Another process leads. */
  readonly onStandBy: () => void;
  /** What is done when the database notifies of a channel, by its name. */
  readonly onNotified: Readonly<Record<string, () => void>>;
};

/**
 * Holds the telephony role for as long as the database says so; stand-bys ask again and again. Losing the
 * connection is losing the role: the application is left, and new calls go to Asterisk's own queue. `heartbeatMs`: how
 * often the leader asks its database whether it is still there, and how long the answer may take.
 */
export function leadTelephony(deps: Pick<Deps, 'config' | 'log'>, role: Leadership, heartbeatMs = 5_000): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();

  /** Whether the database gives this process the role. */
  async function take(client: pg.Client): Promise<boolean> {
    await client.connect();
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [lockKey]);
    if (!rows[0]?.held) return false;
    client.on('notification', ({ channel }) => role.onNotified[channel]?.());
    for (const channel of Object.keys(role.onNotified)) await client.query(`listen ${channel}`);
    return true;
  }

  /** Resolves when the role is over, to the pause before it may be asked for again; null when another process has it. */
  async function holdRole(client: pg.Client, life: AbortController): Promise<number | null> {
    const ended = new Promise<void>((resolve) => life.signal.addEventListener('abort', () => resolve()));
    client.on('error', (error) => life.abort(error));
    client.on('end', () => life.abort(new Error('the database closed the connection')));
    const isTaken = await Promise.race([take(client), ended]);
    life.signal.throwIfAborted();
    if (!isTaken) return null;
    let pauseMs = 0;
    // A database that is gone without a word, because another took its place, would leave two leaders.
    const heartbeat = setInterval(() => { client.query('select 1').catch((error: unknown) => life.abort(error)); }, heartbeatMs);
    deps.log.info('This process leads telephony');
    role.start(() => {
      pauseMs = replacedPauseMs;
      life.abort(new Error('another service took over the application'));
    });
    await ended;
    clearInterval(heartbeat);
    if (!stopping.signal.aborted) deps.log.warn({ err: life.signal.reason as Error }, 'The telephony role was lost; until it is taken again, new calls go to Asterisk’s own queue');
    await role.stop();
    return pauseMs;
  }

  async function lead(): Promise<void> {
    let told = '';
    for (let attempt = 0; !stopping.signal.aborted; attempt += 1) {
      const socket = new Socket();
      const client = new pg.Client({
        connectionString: deps.config.DATABASE_URL, application_name: 'hotline12345-leader', stream: () => socket,
        connectionTimeoutMillis: heartbeatMs, query_timeout: heartbeatMs,
      });
      const life = new AbortController();
      const end = (): void => life.abort(new Error('stopped'));
      stopping.signal.addEventListener('abort', end);
      let pauseMs = 0;
      try {
        const held = await holdRole(client, life);
        if (held === null) role.onStandBy();
        else [attempt, pauseMs] = [0, held];
        told = '';
      } catch (error) {
        const { message } = error as Error;
        if (!stopping.signal.aborted && message !== told) deps.log.warn({ err: error }, 'The telephony role could not be taken; trying again');
        told = message;
      } finally {
        stopping.signal.removeEventListener('abort', end);
        // Not by client.end(), which waits for the answer of a database that may never give one; the lock goes with the socket.
        socket.destroy();
      }
      await pause(pauseMs + backoffMs(attempt), stopping.signal);
    }
  }

  const leading = lead();
  return { stop: async () => { stopping.abort(); await leading; } };
}

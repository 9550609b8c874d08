import { Socket } from 'node:net';
import pg from 'pg';
import type { Deps } from '../deps.ts';
import { backoffMs, pause } from './backoff.ts';
import { endHolder, findHolder, tryRole, type Holder } from './role-queries.ts';

/** Long enough for the one that took the application over to prove that it leads, milliseconds. */
const replacedPauseMs = 30_000;

export type Leadership = {
  /** Done while the role is held already, before it is taken up. */
  readonly prepare: () => Promise<void>;
  /** Takes the role up; `giveUp` may be called at any time after. */
  readonly start: (giveUp: () => void) => void;
  readonly stop: () => Promise<void>;
  /** Another process leads. */
  readonly onStandBy: () => void;
  /** Nobody is known to lead: this process cannot ask its database. */
  readonly onDatabaseAway: () => void;
  /** What is done when the database notifies of a channel, by its name. */
  readonly onNotified: Readonly<Record<string, () => void>>;
};

export type Leading = {
  /** Whether this process may act as the leader now; one that was stopped for a while may have been replaced, and loses the role. */
  readonly holds: () => boolean;
  readonly stop: () => Promise<void>;
};

/** Milliseconds; `silentMs` is above what a loaded machine keeps an answer waiting. */
const usualPace = {
  /** How often the leader asks its database whether it is still there. */
  beatMs: 1_000,
  /** No answer for this long: the database is away, or the leader is. */
  silentMs: 5_000,
  /** How often a stand-by asks for the role. */
  askMs: 300,
};

/**
 * Holds the telephony role for as long as the database says so; stand-bys ask again and again. Losing the
 * connection is losing the role: the application is left, and new calls go to Asterisk's own queue. A leader that is frozen
 * keeps its connection and its lock, but asks nothing: a stand-by that sees so ends its connection.
 */
export function leadTelephony(deps: Pick<Deps, 'config' | 'log'>, role: Leadership, pace = usualPace): Leading {
  const { beatMs, silentMs, askMs } = pace;
  const stopping = new AbortController();
  /** When the database answered the leader last, by the monotonic clock; and how the role is given up. */
  let held: { answeredAt: number; readonly life: AbortController } | null = null;

  /** Resolves when the database gives this process the role. */
  async function take(client: pg.Client, life: AbortController): Promise<void> {
    await client.connect();
    for (let leader: SilentFor | null = null; !(await tryRole(client));) {
      role.onStandBy();
      leader = heed(leader, await findHolder(client));
      if (leader && performance.now() - leader.since > silentMs) {
        deps.log.warn({ silentMs }, 'The process that leads telephony has been silent; its hold on the role is ended');
        await endHolder(client, leader.holder);
      }
      await pause(askMs, life.signal);
      life.signal.throwIfAborted();
    }
    client.on('notification', ({ channel }) => role.onNotified[channel]?.());
    for (const channel of Object.keys(role.onNotified)) await client.query(`listen ${channel}`);
    await role.prepare();
  }

  /** Resolves when the role is over, to the pause before it may be asked for again. */
  async function holdRole(client: pg.Client, life: AbortController): Promise<number> {
    const ended = new Promise<void>((resolve) => life.signal.addEventListener('abort', () => resolve()));
    client.on('error', (error) => life.abort(error));
    client.on('end', () => life.abort(new Error('the database closed the connection')));
    await Promise.race([take(client, life), ended]);
    life.signal.throwIfAborted();
    let pauseMs = 0;
    const term = { answeredAt: performance.now(), life };
    held = term;
    let isAsked = false;
    const beat = setInterval(() => {
      if (isAsked) return;
      isAsked = true;
      client.query('select 1').then(() => {
        isAsked = false;
        term.answeredAt = performance.now();
      }, (error: unknown) => life.abort(error));
    }, beatMs);
    deps.log.info('This process leads telephony');
    role.start(() => {
      pauseMs = replacedPauseMs;
      life.abort(new Error('another service took over the application'));
    });
    await ended;
    held = null;
    clearInterval(beat);
    if (!stopping.signal.aborted) deps.log.warn({ err: life.signal.reason as Error }, 'The telephony role was lost; until it is taken again, new calls go to Asterisk’s own queue');
    await role.stop();
    if (!stopping.signal.aborted && pauseMs === 0) role.onDatabaseAway();
    return pauseMs;
  }

  async function lead(): Promise<void> {
    let told = '';
    for (let attempt = 0; !stopping.signal.aborted; attempt += 1) {
      const socket = new Socket();
      const client = new pg.Client({
        connectionString: deps.config.DATABASE_URL, application_name: 'hotline12345-leader', stream: () => socket,
        connectionTimeoutMillis: silentMs, query_timeout: silentMs,
      });
      const life = new AbortController();
      const end = (): void => life.abort(new Error('stopped'));
      stopping.signal.addEventListener('abort', end);
      let pauseMs = 0;
      try {
        pauseMs = await holdRole(client, life);
        [attempt, told] = [0, ''];
      } catch (error) {
        const { message } = error as Error;
        if (!stopping.signal.aborted && message !== told) deps.log.warn({ err: error }, 'The telephony role could not be taken; trying again');
        if (!stopping.signal.aborted) role.onDatabaseAway();
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
  return {
    holds: () => {
      if (held && performance.now() - held.answeredAt > silentMs) held.life.abort(new Error('this process, or its database, stood still'));
      return held !== null && !held.life.signal.aborted;
    },
    stop: async () => { stopping.abort(); await leading; },
  };
}

type SilentFor = { readonly holder: Holder; /** By the monotonic clock, milliseconds. */ readonly since: number };

/** Since when the holder has not been heard of; by this process's own count, for clocks are set. */
function heed(before: SilentFor | null, holder: Holder | undefined): SilentFor | null {
  if (!holder) return null;
  const isSilent = before?.holder.pid === holder.pid && before.holder.beat === holder.beat;
  return isSilent ? before : { holder, since: performance.now() };
}

import type { Logger } from 'pino';
import { backoffMs, pause } from './backoff.ts';

/** No connecting takes longer, milliseconds: a peer that accepts and says nothing counts as gone. */
const connectTimeoutMs = 10_000;

/** Thrown where trying again cannot help until a person acts, a wrong password for one; it is tried again all the same. */
export class Refusal extends Error {}

export type KeptConnection = {
  readonly name: string;
  readonly log: Logger;
  /**
   * Opens one connection and resolves when it is up. `life` is that connection's: whoever finds the connection dead aborts
   * it with the reason, and every socket and timer of the connection ends with it.
   */
  readonly connect: (life: AbortController) => Promise<void>;
  readonly onConnected: () => void;
  /** How long to wait before the n-th try (from 0) since the connection was up, milliseconds. */
  readonly pauseMs?: ((attempt: number) => number) | undefined;
};

/** Keeps one connection up for ever: each loss is followed by a new one, after a pause that starts short again after each success. */
export function keepConnected({ name, log, connect, onConnected, pauseMs = backoffMs }: KeptConnection): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();

  async function liveOnce(life: AbortController, onUp: () => void): Promise<void> {
    const ended = new Promise<never>((_, reject) => life.signal.addEventListener('abort', () => reject(life.signal.reason as Error)));
    const guard = setTimeout(() => life.abort(new Error('connecting took too long')), connectTimeoutMs);
    try {
      await Promise.race([connect(life), ended]);
      onUp();
      clearTimeout(guard);
      await ended;
    } finally {
      clearTimeout(guard);
      life.abort(new Error('the connection is over')); // closes what a half opened connection has opened so far
    }
  }

  async function run(): Promise<void> {
    let told = '';
    for (let attempt = 0; !stopping.signal.aborted; attempt += 1) {
      const life = new AbortController();
      const end = (): void => life.abort(new Error('stopped'));
      let wasUp = false;
      stopping.signal.addEventListener('abort', end);
      try {
        await liveOnce(life, () => {
          [attempt, told, wasUp] = [0, '', true];
          log.info({ connection: name }, 'Connected to Asterisk');
          onConnected();
        });
      } catch (error) {
        const { message } = error as Error;
        if (wasUp && !stopping.signal.aborted) log.warn({ connection: name, err: error }, 'The connection to Asterisk was lost; live calls go on talking');
        // Each reason is told once, not at each of the tries that may go on for days.
        else if (!stopping.signal.aborted && message !== told) tell(error, message);
      }
      stopping.signal.removeEventListener('abort', end);
      await pause(pauseMs(attempt), stopping.signal);
    }

    function tell(error: unknown, message: string): void {
      told = message;
      if (error instanceof Refusal) log.error({ connection: name, err: error }, 'Asterisk refused the service; its user and password must be those of ari.conf and manager.conf');
      else log.warn({ connection: name, err: error }, 'Asterisk cannot be reached; trying again until it can');
    }
  }

  const running = run();
  return { stop: async () => { stopping.abort(); await running; } };
}

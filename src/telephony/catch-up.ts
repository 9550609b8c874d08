import { backoffMs, pause } from './backoff.ts';

export type CatchUp = {
  /** What happened unseen is to be looked for; asked while that is under way, it is done once more after. */
  readonly ask: () => void;
  /** It succeeded, and nothing was asked for since. */
  readonly isDone: () => boolean;
  /** Nothing more is begun; resolves when what was under way is over. */
  readonly stop: () => Promise<void>;
};

/**
 * Work that must succeed once after each connect: never twice at the same time, and tried again until it succeeds,
 * for as long as the connection is up; the next connection asks again anyway.
 */
export function catchUp(work: () => Promise<void>, { isConnected, onError }: { isConnected: () => boolean; onError: (error: unknown) => void }): CatchUp {
  const stopping = new AbortController();
  let isAsked = false;
  let isDone = false;
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    for (let attempt = 0; isAsked && !stopping.signal.aborted; attempt += 1) {
      isAsked = false;
      try {
        await work();
        attempt = -1;
        isDone = !isAsked;
      } catch (error) {
        onError(error);
        await pause(backoffMs(attempt), stopping.signal);
        isAsked ||= isConnected();
      }
    }
    running = null;
  }

  return {
    isDone: () => isDone,
    ask: () => {
      isAsked = true;
      isDone = false;
      running ??= run();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

import { setTimeout as delay } from 'node:timers/promises';

/** Wait before the n-th try to reconnect (from 0), milliseconds: 0.25 s doubling to 5 s, with jitter, for ever. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const limit = Math.min(250 * 2 ** Math.min(attempt, 10), 5_000);
  return limit / 2 + random() * (limit / 2);
}

/** Waits so long, or until told to stop. */
export async function pause(ms: number, stop: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal: stop });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until the answer is neither undefined, null nor false; the limit is for a stuck test only. */
export async function until<T>(question: () => Promise<T | undefined | null | false> | T | undefined | null | false, what: string, limitMs = 90_000): Promise<T> {
  for (const end = Date.now() + limitMs; Date.now() < end; ) {
    const answer = await question();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    await pause(50);
  }
  throw new Error(`never happened: ${what}`);
}

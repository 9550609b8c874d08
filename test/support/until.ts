import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until the answer is a yes or a thing, so neither nothing, false nor a count of 0; the limit is for a stuck test only. */
export async function until<T>(question: () => Promise<T | undefined | null | false | 0> | T | undefined | null | false | 0, what: string, limitMs = 240_000): Promise<T> {
  for (const end = Date.now() + limitMs; Date.now() < end; ) {
    const answer = await question();
    if (answer) return answer;
    await pause(50);
  }
  throw new Error(`never happened: ${what}`);
}

import type { Deps } from '../deps.ts';

export type Step = (deps: Deps) => Promise<void>;

/** One look through the rows, step by step. A step that fails stops no other, and says so once, until it works again. */
export function createSteps(deps: Deps, steps: Readonly<Record<string, Step>>): () => Promise<void> {
  const failing = new Set<string>();
  return async () => {
    for (const [step, work] of Object.entries(steps)) {
      try {
        await work(deps);
        if (failing.delete(step)) deps.log.info({ step }, 'A step of the sweep works again');
      } catch (error) {
        if (!failing.has(step)) deps.log.error({ err: error, step }, 'A step of the sweep fails; it is tried again every second');
        failing.add(step);
      }
    }
  };
}

/** Each in its turn; one that fails keeps none of the others waiting. @throws AggregateError of all that failed, at the end, with `message`. */
export async function eachAlone<Item>(items: Iterable<Item> | AsyncIterable<Item>, message: string, work: (item: Item) => Promise<unknown>): Promise<void> {
  const errors: unknown[] = [];
  for await (const item of items) await work(item).catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw new AggregateError(errors, message);
}

/** The steps again and again, one run at a time; the end waits for the one that is under way. */
export function repeatSteps(run: () => Promise<void>, everyMs: number): { readonly stop: () => Promise<void> } {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => { running ??= run().finally(() => { running = null; }); }, everyMs);
  return { stop: async () => {
    clearInterval(timer);
    await running;
  } };
}

const tails = new Map<string, Promise<void>>();

/** Runs pieces of work of one key one after the other, those of different keys side by side. */
export async function inOrder<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve();
  const result = before.then(work);
  const tail = result.then(() => undefined, () => undefined); // the error goes to this caller, not to the next one
  tails.set(key, tail);
  try {
    return await result;
  } finally {
    if (tails.get(key) === tail) tails.delete(key);
  }
}

/** How many at once: enough to keep Asterisk and the database busy, few enough to leave room for what comes meanwhile. */
const lanes = 8;

/** Does the work for each item; one that fails stops none of the others. Resolves to what went wrong. */
export async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<unknown[]> {
  const errors: unknown[] = [];
  const rest = items.values();
  const lane = async (): Promise<void> => {
    for (const item of rest) await work(item).catch((error: unknown) => errors.push(error));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return errors;
}

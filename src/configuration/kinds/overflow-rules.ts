type Leading = { readonly overflowQueueId: string | null; readonly nightQueueId: string | null };

/** A way from the queue over overflow and night queues back to itself, or null. */
export function findCycle(queues: ReadonlyMap<string, Leading>, from: string): string[] | null {
  const seen = new Set<string>();
  const walk = (id: string, path: readonly string[]): string[] | null => {
    const queue = queues.get(id);
    if (!queue || seen.has(id)) return null;
    seen.add(id);
    for (const next of [queue.overflowQueueId, queue.nightQueueId]) {
      if (next === null) continue;
      if (next === from) return [...path, id, from];
      const found = walk(next, [...path, id]);
      if (found) return found;
    }
    return null;
  };
  return walk(from, []);
}

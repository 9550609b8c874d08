import type { Configuration, Fault, Item, Kind, Reference, Row } from './kind.ts';

/** Everything that is wrong with the configuration as a whole; none for a sound one. */
export function checkConfiguration(kinds: readonly Kind[], all: Configuration): Fault[] {
  return kinds.flatMap((kind) => [...(all.get(kind.name) ?? [])].flatMap(([key, { item }]) =>
    [...missing(kind, item, all), ...(kind.check?.(item, all, key) ?? [])].map(({ field, message }) => ({ path: `${kind.name}/${key}/${field}`, message }))));
}

function missing(kind: Kind, item: Item, all: Configuration): { field: string; message: string }[] {
  return (kind.references?.(item) ?? [])
    .filter(({ kind: other, key }) => key !== null && !all.get(other)?.has(key))
    .map(({ field, kind: other, key }) => ({ field, message: `${other} ${key} does not exist; make it first, or name another` }));
}

/** The rows that name this one: `number 12345 (queueId)`. */
export function usersOf(kinds: readonly Kind[], all: Configuration, target: { readonly kind: string; readonly key: string }): string[] {
  const names = (one: Reference): boolean => one.kind === target.kind && one.key === target.key;
  return kinds.flatMap((kind) => [...(all.get(kind.name) ?? [])]
    .filter(([key]) => kind.name !== target.kind || key !== target.key)
    .flatMap(([key, { item }]) => (kind.references?.(item) ?? []).filter(names).map(({ field }) => `${kind.name} ${key} (${field})`)));
}

/** The configuration with one row put, or removed. */
export function withRow(all: Configuration, target: { readonly kind: string; readonly key: string }, row: Row | null): Configuration {
  const rows = new Map(all.get(target.kind));
  if (row) rows.set(target.key, row);
  else rows.delete(target.key);
  return new Map([...all, [target.kind, rows]]);
}

/** What a change makes wrong; what was wrong before is left, so that it can be mended step by step. */
export function newFaults(before: readonly Fault[], after: readonly Fault[]): Fault[] {
  const known = new Set(before.map((fault) => `${fault.path} ${fault.message}`));
  return after.filter((fault) => !known.has(`${fault.path} ${fault.message}`));
}

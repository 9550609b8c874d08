import { isDeepStrictEqual } from 'node:util';
import type { UserActor } from '../auth/actor.ts';
import { audit, type RequestTrace } from '../auth/audit.ts';
import type { Tx } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { checkConfiguration, newFaults, usersOf, withRow } from './configuration-rules.ts';
import type { Configuration, Item, Kind, Row } from './kind.ts';
import { configurationKinds } from './kinds.ts';
import { findChange, findItem, findLastVersion, insertChange, listChanges, loadConfiguration, lockConfiguration, writeItem, type Change } from './queries.ts';

export type Author = { readonly actor: UserActor; readonly trace: RequestTrace };
export type Wanted = { readonly kind: Kind; readonly key: string; readonly item: Item | null };
/** `changeId` is null when everything was so already. */
export type Changed = { readonly changeId: number | null; readonly key: string; readonly row: Row | null };

/** Puts (`item`) or removes (null) a row, starting from `version` of it; undefined: there is none yet. */
export async function changeConfiguration(deps: Deps, author: Author, wanted: Wanted & { readonly version: number | undefined }): Promise<Changed> {
  return transaction(deps.pool, async (tx) => {
    const all = await lockAll(tx);
    requireVersion(wanted, all.get(wanted.kind.name)?.get(wanted.key), wanted.version);
    return saveChange(deps, tx, author, { ...wanted, all, undoes: null });
  });
}

/** The inverse of a change, as a change of its own; refused when it would take back more than that one change. */
export async function undoChange(deps: Deps, author: Author, changeId: number): Promise<Changed & { readonly kind: Kind }> {
  return transaction(deps.pool, async (tx) => {
    const all = await lockAll(tx);
    const change = await findChange(tx, changeId);
    const kind = configurationKinds.find((one) => one.name === change?.kind);
    if (!change || !kind) throw new AppError('not_found', { entity: 'change', id: String(changeId) });
    const current = all.get(kind.name)?.get(change.key)?.item ?? null;
    if (!isAs(current, change.after)) await refuseChangedSince(tx, change);
    refuseFixed(kind, change);
    return { kind, ...(await saveChange(deps, tx, author, { kind, key: change.key, item: change.before, all, undoes: changeId })) };
  });
}

export async function lockAll(tx: Tx): Promise<Configuration> {
  await lockConfiguration(tx);
  return loadConfiguration(tx);
}

export function requireVersion({ kind, key, item }: Wanted, current: Row | undefined, version: number | undefined): void {
  if (!current && (item === null || (kind.isMadeApart && version === undefined))) throw new AppError('not_found', { entity: kind.name, id: key });
  if (current?.version === version) return;
  const shown = current ? viewRow(kind, key, current) : null;
  throw new AppError(version === undefined ? 'already_exists' : 'stale_version', { current: shown });
}

export function viewRow(kind: Kind, key: string, { version, item }: Row): Record<string, unknown> {
  return { [kind.keyField]: key, ...item, version };
}

/** Whether the row is as a change left it; a column that was added since says nothing. */
function isAs(current: Item | null, left: Item | null): boolean {
  if (current === null || left === null) return current === left;
  return Object.entries(left).every(([field, value]) => isDeepStrictEqual(current[field], value));
}

function refuseFixed(kind: Kind, { before, after }: Change): void {
  const fields = before && after ? (kind.lasting ?? []).filter((field) => !isDeepStrictEqual(before[field], after[field])) : [];
  if (fields.length > 0) throw new AppError('not_undoable', { fields });
}

async function refuseChangedSince(tx: Tx, { kind, key }: Change): Promise<never> {
  const [last] = await listChanges(tx, { kind, key }, Number.MAX_SAFE_INTEGER, 1);
  const change = last && { id: last.id, at: last.at.toISOString(), login: last.login, undoes: last.undoes };
  throw new AppError('changed_since', { change });
}

export type Saving = Wanted & { readonly all: Configuration; readonly undoes: number | null };

/** Checks the whole with the change in it, then writes the row, its history and the audit, and tells who follows. */
export async function saveChange(deps: Deps, tx: Tx, { actor, trace }: Author, { kind, key, all, undoes, ...given }: Saving): Promise<Changed> {
  const target = { kind: kind.name, key };
  const current = all.get(kind.name)?.get(key) ?? null;
  const item = given.item && complete(kind, current, given.item);
  if (isDeepStrictEqual(current?.item ?? null, item)) return { changeId: null, key, row: current };
  const version = (current?.version ?? await findLastVersion(tx, kind.name, key)) + 1;
  if (item === null) refuseWhenUsed([...usersOf(configurationKinds, all, target), ...(current && kind.isRequired?.(current.item, key) ? ['the service itself'] : [])]);
  const edit = (current && item && kind.checkEdit?.(current.item, item)) ?? [];
  const errors = [
    ...edit.map(({ field, message }) => ({ path: `${kind.name}/${key}/${field}`, message })),
    ...newFaults(checkConfiguration(configurationKinds, all), checkConfiguration(configurationKinds, withRow(all, target, item && { version, item }))),
  ];
  if (errors.length > 0) throw new AppError('configuration_invalid', { errors });
  const at = deps.now();
  const write = { key, item, version, isNew: current === null, at };
  await (kind.write ? kind.write(tx, write) : writeItem(tx, kind, write));
  if (item === null && kind.findUses) refuseWhenUsed(await kind.findUses(tx, key));
  const row = (await findItem(tx, kind, key)) ?? null;
  const changeId = await insertChange(tx, { at, userId: actor.userId, kind: kind.name, key, before: current?.item ?? null, after: row?.item ?? null, version, undoes });
  // Without the key: it may be a citizen's number.
  await audit(tx, actor, trace, { action: 'configuration.changed', entity: 'configuration_change', entityId: String(changeId), details: { kind: kind.name, undoes } });
  deps.log.info({ changeId, kind: kind.name, userId: actor.userId, undoes }, 'The configuration changed');
  return { changeId, key, row };
}

/** An item from before a field was added leaves that field as it is. */
function complete(kind: Kind, current: Row | null, item: Item): Item {
  const defaults = Object.entries({ ...kind.body.properties, ...kind.fixed }).flatMap(([field, schema]) => ('default' in schema ? [[field, schema.default] as const] : []));
  return { ...Object.fromEntries(defaults), ...current?.item, ...item };
}

function refuseWhenUsed(usedBy: readonly string[]): void {
  if (usedBy.length > 0) throw new AppError('in_use', { usedBy });
}

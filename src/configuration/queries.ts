import { execute, query, queryOne, type Db, type Tx } from '../db/query.ts';
import { notify } from '../db/transaction.ts';
import type { Configuration, Item, Kind, Row, Write } from './kind.ts';
import { configurationKinds } from './kinds.ts';

/** The advisory lock of all changes: each sees the whole configuration, so they take turns. */
const lockKey = 12_347;
/** Woken when the configuration changed; the payload is the change's id. */
export const configurationChannel = 'hotline_configuration';

/** Held until the transaction ends. Times read afterwards are in UTC, so that equal rows look equal. */
export async function lockConfiguration(tx: Tx): Promise<void> {
  await execute(tx, 'select pg_advisory_xact_lock($1)', [lockKey]);
  await execute(tx, `set local timezone = 'UTC'`);
}

function snake(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

type Source = Pick<Kind, 'source' | 'keyField'> & { readonly fields: readonly string[] };
type KeyedRow = Row & { readonly key: string };

/** Names of tables and columns come from the kinds, never from a request. */
function selectFrom({ source, keyField, fields }: Source): string {
  const parts = fields.map((field) => `'${field}', ${snake(field)}`).join(', ');
  return `select ${snake(keyField)}::text as key, version, jsonb_build_object(${parts}) as item from ${source}`;
}

function sourceOf(kind: Kind): Source {
  return { source: kind.source, keyField: kind.keyField, fields: Object.keys({ ...kind.body.properties, ...kind.fixed }) };
}

/** What kinds may name that is administered elsewhere. */
const elsewhere: Readonly<Record<string, Source>> = {
  operator: { source: 'users', keyField: 'id', fields: [] }, unit: { source: '(select id, version from units where closed_at is null) u', keyField: 'id', fields: [] },
};

export async function loadConfiguration(tx: Tx): Promise<Configuration> {
  const sources = { ...elsewhere, ...Object.fromEntries(configurationKinds.map((kind) => [kind.name, sourceOf(kind)])) };
  const all = new Map<string, ReadonlyMap<string, Row>>();
  for (const [name, source] of Object.entries(sources)) {
    const rows = await query<KeyedRow>(tx, selectFrom(source));
    all.set(name, new Map(rows.map(({ key, version, item }) => [key, { version, item }])));
  }
  return all;
}

export async function listItems(db: Db, kind: Kind, after: string, limit: number): Promise<KeyedRow[]> {
  const key = `${snake(kind.keyField)}::text`;
  return query(db, `${selectFrom(sourceOf(kind))} where ${key} > $1 order by ${key} limit $2`, [after, limit]);
}

export async function findItem(db: Db, kind: Kind, key: string): Promise<Row | undefined> {
  return queryOne<Row>(db, `${selectFrom(sourceOf(kind))} where ${snake(kind.keyField)}::text = $1`, [key]);
}

export async function writeItem(tx: Tx, kind: Kind, { key, item, version, isNew }: Write): Promise<void> {
  const keyColumn = snake(kind.keyField);
  if (item === null) {
    await execute(tx, `delete from ${kind.source} where ${keyColumn}::text = $1`, [key]);
    return;
  }
  const columns = [...Object.keys(item).map(snake), 'version'].join(', ');
  const values = JSON.stringify({ ...Object.fromEntries(Object.entries(item).map(([field, value]) => [snake(field), value])), [keyColumn]: key, version });
  const record = `jsonb_populate_record(null::${kind.source}, $1)`;
  if (isNew) await execute(tx, `insert into ${kind.source} (${keyColumn}, ${columns}) select ${keyColumn}, ${columns} from ${record}`, [values]);
  else await execute(tx, `update ${kind.source} set (${columns}) = (select ${columns} from ${record}) where ${keyColumn}::text = $2`, [values, key]);
}

export type Change = {
  readonly id: number;
  readonly at: Date;
  readonly userId: string;
  readonly login: string;
  readonly kind: string;
  readonly key: string;
  readonly before: Item | null;
  readonly after: Item | null;
  readonly version: number;
  readonly undoes: number | null;
};

/** Of a row that may be gone; 0 when there never was one. */
export async function findLastVersion(tx: Tx, kind: string, key: string): Promise<number> {
  const row = await queryOne<{ version: number | null }>(tx, 'select max(version) as version from configuration_changes where kind = $1 and key = $2', [kind, key]);
  return row?.version ?? 0;
}

export async function insertChange(tx: Tx, change: Omit<Change, 'id' | 'login'>): Promise<number> {
  const { at, userId, kind, key, before, after, version, undoes } = change;
  const json = (item: Item | null) => item && JSON.stringify(item);
  const row = await queryOne<{ id: number }>(tx, `insert into configuration_changes (at, user_id, kind, key, before, after, version, undoes)
    values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`, [at, userId, kind, key, json(before), json(after), version, undoes]);
  if (!row) throw new Error('a change without an id');
  await notify(tx, configurationChannel, String(row.id));
  return row.id;
}

const selectChanges = `select c.id, c.at, c.user_id, u.login, c.kind, c.key, c.before, c.after, c.version, c.undoes
  from configuration_changes c join users u on u.id = c.user_id`;

export async function findChange(db: Db, id: number): Promise<Change | undefined> {
  return queryOne<Change>(db, `${selectChanges} where c.id = $1`, [id]);
}

export type ChangeFilter = { readonly kind?: string; readonly key?: string; readonly userId?: string };

/** Newest first. */
export async function listChanges(db: Db, { kind, key, userId }: ChangeFilter, beforeId: number, limit: number): Promise<Change[]> {
  return query<Change>(db, `${selectChanges} where c.id < $1 and ($2::text is null or c.kind = $2) and ($3::text is null or c.key = $3)
    and ($4::uuid is null or c.user_id = $4) order by c.id desc limit $5`, [beforeId, kind, key, userId, limit]);
}

export async function findLastChangeId(db: Db): Promise<number> {
  return (await queryOne<{ id: number | null }>(db, 'select max(id) as id from configuration_changes'))?.id ?? 0;
}

/** Rows that changed after the change `since`, up to `upTo`. */
export async function listChangedRows(db: Db, since: number, upTo: number): Promise<{ kind: string; key: string }[]> {
  return query(db, 'select distinct kind, key from configuration_changes where id > $1 and id <= $2', [since, upTo]);
}

/** Numbers that once led somewhere, among them those that still do. */
export async function listFormerNumbers(db: Db): Promise<string[]> {
  return (await query<{ key: string }>(db, `select distinct key from configuration_changes where kind = 'number'`)).map((row) => row.key);
}

/** The telephone system has followed all changes up to this one. */
export async function saveProvisioned(db: Db, changeId: number): Promise<void> {
  await execute(db, 'update provisioning set change_id = greatest(change_id, $1)', [changeId]);
}

export async function isProvisioned(db: Db, changeId: number): Promise<boolean> {
  return (await queryOne(db, 'select change_id from provisioning where change_id >= $1', [changeId])) !== undefined;
}

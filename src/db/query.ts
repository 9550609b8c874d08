import { createHash } from 'node:crypto';
import type pg from 'pg';

/** A connection with or without a transaction; functions that must be in one take `Tx`. */
export type Db = pg.Pool | pg.PoolClient;
/** A connection inside a transaction, given out only by `transaction()`. */
export type Tx = pg.PoolClient & { readonly __tx: true };

const camelNames = new Map<string, string>();

/** A column's name in the code: `opened_at` → `openedAt`. */
export function camel(column: string): string {
  let name = camelNames.get(column);
  if (name === undefined) {
    name = column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    camelNames.set(column, name);
  }
  return name;
}

/** Statements by their text: each is parsed and planned once a connection, which costs PostgreSQL more than most of ours cost to run. */
const statementNames = new Map<string, string>();

function prepared(text: string, values: readonly unknown[]): pg.QueryConfig {
  let name = statementNames.get(text);
  if (name === undefined) {
    name = createHash('sha1').update(text).digest('base64url');
    statementNames.set(text, name);
  }
  return { name, text, values: values as unknown[] };
}

/**
 * Runs one statement; columns come back in camelCase (`opened_at` → `openedAt`). Statements of one connection that are not awaited one
 * by one are sent at once and run in the order in which they were given.
 */
export async function query<Row>(db: Db, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  return named<Row>(await db.query<unknown[]>({ ...prepared(text, values), rowMode: 'array' }));
}

/** The same, planned for these very values: for statements whose best plan depends on them, at some 0.3 ms a time. */
export async function queryAnew<Row>(db: Db, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  return named<Row>(await db.query<unknown[]>({ text, values: values as unknown[], rowMode: 'array' }));
}

function named<Row>({ fields, rows }: pg.QueryArrayResult<unknown[]>): Row[] {
  const names = fields.map((field) => camel(field.name));
  return rows.map((values) => {
    const row: Record<string, unknown> = {};
    for (let index = 0; index < names.length; index += 1) row[names[index] ?? ''] = values[index];
    return row as Row;
  });
}

/** The first row, or undefined. */
export async function queryOne<Row>(db: Db, text: string, values: readonly unknown[] = []): Promise<Row | undefined> {
  return (await query<Row>(db, text, values))[0];
}

/** One statement that writes, not given to any connection yet. */
export type Statement = { readonly text: string; readonly values: readonly unknown[] };

/**
 * Runs writes that need nothing of each other as one statement, which spares both sides the most of what several cost. None may touch a row of
 * another: they run in no set order, and each sees the rows as they were before. Keys that refer to each other are looked at afterwards.
 * Source: PostgreSQL 18, 7.8.4 "Data-Modifying Statements in WITH".
 */
export async function write(tx: Tx, ...statements: readonly (Statement | undefined)[]): Promise<void> {
  const { text, values } = joined(statements.filter((one) => one !== undefined));
  if (text) await execute(tx, text, values);
}

function joined(statements: readonly Statement[]): Statement {
  const values: unknown[] = [];
  const texts = statements.map((one) => {
    const before = values.length;
    values.push(...one.values);
    return before === 0 ? one.text : one.text.replace(/\$(\d+)/g, (_, place: string) => `$${Number(place) + before}`);
  });
  const last = texts.pop() ?? '';
  return { text: texts.length === 0 ? last : `with ${texts.map((text, index) => `w${index} as (${text})`).join(', ')} ${last}`, values };
}

/** How many rows a statement changed. */
export async function execute(db: Db, text: string, values: readonly unknown[] = []): Promise<number> {
  return (await db.query(prepared(text, values))).rowCount ?? 0;
}

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
  return renamed<Row>(await db.query<Record<string, unknown>>(prepared(text, values)));
}

/** The same, planned for these very values: for statements whose best plan depends on them, at some 0.3 ms a time. */
export async function queryAnew<Row>(db: Db, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  return renamed<Row>(await db.query<Record<string, unknown>>(text, values as unknown[]));
}

function renamed<Row>(result: pg.QueryResult<Record<string, unknown>>): Row[] {
  return result.rows.map((row) => {
    const named: Record<string, unknown> = {};
    for (const column in row) named[camel(column)] = row[column];
    return named as Row;
  });
}

/** The first row, or undefined. */
export async function queryOne<Row>(db: Db, text: string, values: readonly unknown[] = []): Promise<Row | undefined> {
  return (await query<Row>(db, text, values))[0];
}

/** How many rows a statement changed. */
export async function execute(db: Db, text: string, values: readonly unknown[] = []): Promise<number> {
  return (await db.query(prepared(text, values))).rowCount ?? 0;
}

import type pg from 'pg';
import { execute, type Db, type Tx } from './query.ts';

/**
 * Runs `work` in one transaction: committed when it resolves, rolled back when it throws. Statements that `work` gives at once share a round
 * trip, as the first does with `begin`, and those that were sent along with the commit.
 */
export async function transaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = (await pool.connect()) as Tx;
  const along: Promise<unknown>[] = [];
  const notices = new Map<string, Notice>();
  open.set(client, { along, notices });
  let broken: Error | undefined;
  try {
    sendAlong(client, client.query('begin'));
    const result = await work(client);
    if (notices.size > 0) sendAlong(client, tellAll(client, [...notices.values()]));
    // PostgreSQL does not commit what a statement has failed in, whether or not we have heard of that yet.
    const ends = await atOnce(...along, client.query('commit'));
    if ((ends.at(-1) as pg.QueryResult).command !== 'COMMIT') throw new Error('a statement of the transaction failed, and nobody waited for it');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: unknown) => {
      broken = rollbackError as Error; // a connection that cannot roll back is thrown away, the server rolls back itself
    });
    // What failed first says why, not what failed because of it.
    await atOnce(...along);
    throw error;
  } finally {
    open.delete(client);
    client.release(broken);
  }
}

type Notice = { readonly channel: string; readonly payload: string };
/** What a transaction that is open has to do at its end. */
type Open = { readonly along: Promise<unknown>[]; readonly notices: Map<string, Notice> };
const open = new WeakMap<Db, Open>();

/** NOTIFY: whoever listens to the channel hears of it, once, when the transaction commits; outside of one at once. */
export async function notify(db: Db, channel: string, payload: string): Promise<void> {
  const notices = open.get(db)?.notices;
  if (notices) notices.set(`${channel} ${payload}`, { channel, payload });
  else await tellAll(db, [{ channel, payload }]);
}

/** What was to be told at the commit, and no longer holds. */
export function takeBackNotice(tx: Tx, channel: string, payload: string): void {
  open.get(tx)?.notices.delete(`${channel} ${payload}`);
}

async function tellAll(db: Db, notices: readonly Notice[]): Promise<void> {
  await execute(db, 'select pg_notify(channel, payload) from unnest($1::text[], $2::text[]) as n (channel, payload)',
    [notices.map((one) => one.channel), notices.map((one) => one.payload)]);
}

/**
 * Statements whose answer nobody needs before the commit: each one statement, given already. They run in their order, and the commit fails by the
 * first that does.
 */
export function sendAlong(tx: Tx, ...statements: readonly (Promise<unknown> | undefined)[]): void {
  const along = open.get(tx)?.along;
  if (!along) throw new Error('a statement is sent along with a transaction that is over');
  for (const statement of statements) {
    if (!statement) continue;
    statement.catch(() => undefined); // told at the end of the transaction
    along.push(statement);
  }
}

type Settled<Work extends readonly unknown[]> = { -readonly [Index in keyof Work]: Awaited<Work[Index]> };

/**
 * Pieces of work of one transaction that need nothing of each other, in one round trip where they can; their first statements run in the order
 * given. Unlike with Promise.all all have ended when it throws, so that none writes after the rollback.
 */
export async function atOnce<Work extends readonly unknown[]>(...work: Work): Promise<Settled<Work>> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as Settled<Work>;
}

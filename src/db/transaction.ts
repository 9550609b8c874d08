import type pg from 'pg';
import type { Tx } from './query.ts';

/**
 * Runs `work` in one transaction: committed when it resolves, rolled back when it throws. Statements that `work` gives at once share a round
 * trip, as the first does with `begin`, and those that were sent along with the commit.
 */
export async function transaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = (await pool.connect()) as Tx;
  const along: Promise<unknown>[] = [];
  sentAlong.set(client, along);
  let broken: Error | undefined;
  try {
    sendAlong(client, client.query('begin'));
    const result = await work(client);
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
    sentAlong.delete(client);
    client.release(broken);
  }
}

const sentAlong = new WeakMap<pg.PoolClient, Promise<unknown>[]>();

/**
 * Statements whose answer nobody needs before the commit: each one statement, given already. They run in their order, and the commit fails by the
 * first that does.
 */
export function sendAlong(tx: Tx, ...statements: readonly (Promise<unknown> | undefined)[]): void {
  const along = sentAlong.get(tx);
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

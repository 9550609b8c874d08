import type pg from 'pg';
import type { Tx } from './query.ts';

/**
 * Runs `work` in one transaction: committed when it resolves, rolled back when it throws. Statements that `work` gives at once share a round
 * trip, as the first does with `begin`; one that failed and was not waited for fails the commit.
 */
export async function transaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = (await pool.connect()) as Tx;
  let broken: Error | undefined;
  try {
    const begun = client.query('begin');
    begun.catch(() => undefined); // awaited below; what fails it fails the work's first statement, too
    const result = await work(client);
    await begun;
    const { command } = await client.query('commit');
    if (command !== 'COMMIT') throw new Error('a statement of the transaction failed, and nobody waited for it');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: unknown) => {
      broken = rollbackError as Error; // a connection that cannot roll back is thrown away, the server rolls back itself
    });
    throw error;
  } finally {
    client.release(broken);
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

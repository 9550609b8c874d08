import type pg from 'pg';
import type { Tx } from './query.ts';

/** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. */
export async function transaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = (await pool.connect()) as Tx;
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
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

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../src/db/migrate.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLogger } from '../../src/log.ts';

/** A database beside the running service's own, with its schema and nobody else at its rows. */
export async function ownDatabase(serverUrl: string): Promise<{ pool: pg.Pool; url: string; close: () => Promise<void> }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const server = new pg.Pool({ connectionString: serverUrl, max: 1 });
  await server.query(`create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await migrate(url.href, createLogger('silent'));
  const pool = createPool(url.href, createLogger('silent'), 16);
  pool.options.connectionTimeoutMillis = 0; // many at once on a slow machine are late, not lost
  // Nobody is called back by itself but in the tests about that.
  await pool.query('update queues set missed_callback_after_sec = null');
  return {
    pool,
    url: url.href,
    close: async () => {
      await pool.end();
      // A connection that ends just now would be cut by the drop, and tell nobody but the process.
      for (let tries = 0; tries < 100 && (await server.query('select 1 from pg_stat_activity where datname = $1', [name])).rowCount; tries += 1) await pause(50);
      await server.query(`drop database ${name} with (force)`);
      await server.end();
    },
  };
}

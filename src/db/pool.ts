import pg from 'pg';
import type { Logger } from 'pino';
import { writeTogether } from './write-together.ts';

// int8 (OID 20) holds event ids and byte counts here, all far below 2^53: numbers, not strings.
pg.types.setTypeParser(20, Number);
// date (OID 1082) stays the text it is, so that no time zone moves it by a day.
pg.types.setTypeParser(1082, (text) => text);

/** The service's connection pool. A lost idle connection is logged and replaced, never fatal. */
export function createPool(databaseUrl: string, log: Logger, max = 12): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    connectionTimeoutMillis: 5_000,
    application_name: 'hotline12345',
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 30_000,
    // Statements that do not wait for each other share a round trip.
    pipeline: true,
  });
  pool.on('connect', writeTogether);
  pool.on('error', (error) => log.warn({ err: error }, 'A database connection was lost'));
  return pool;
}

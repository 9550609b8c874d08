import { Socket } from 'node:net';
import pg from 'pg';
import type { Logger } from 'pino';
import { writeTogether } from './write-together.ts';

// int8 (OID 20) holds event ids and byte counts here, all far below 2^53: numbers, not strings.
pg.types.setTypeParser(20, Number);
// date (OID 1082) stays the text it is, so that no time zone moves it by a day.
pg.types.setTypeParser(1082, (text) => text);

/** `dropConnections`: whoever waits for an answer is told at once that none comes; the next query connects anew. */
export type ServicePool = pg.Pool & { readonly dropConnections: () => void };

/** A server that does not take a connection within 5 s is away; a client's own limit, for the pool's is how long its callers wait for a free one. */
class ConnectingClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, connectionTimeoutMillis: 5_000 });
  }
}

/**
 * The service's connection pool. Who comes in a burst waits for a connection as long as a statement may last: late, and not lost. A lost idle connection is logged, the first of an outage, and replaced, never fatal. The server ends a
 * statement after 30 s; `query_timeout` is for a server that does not, watch-database.ts for one that says nothing any more.
 */
export function createPool(databaseUrl: string, log: Logger, max = 12): ServicePool {
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    Client: ConnectingClient,
    connectionTimeoutMillis: 30_000,
    application_name: 'hotline12345',
    keepAlive: true,
    statement_timeout: 30_000,
    query_timeout: 40_000,
    idle_in_transaction_session_timeout: 30_000,
    // Statements that do not wait for each other share a round trip.
    pipeline: true,
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      return socket.on('close', () => sockets.delete(socket));
    },
  });
  let isTold = false;
  pool.on('connect', (client) => {
    isTold = false;
    writeTogether(client);
    // One that is lost between two statements of a transaction: the next statement fails by it. Without a listener it would end the process.
    client.on('error', () => undefined);
  });
  pool.on('error', (error) => {
    if (!isTold) log.warn({ err: error }, 'A database connection was lost');
    isTold = true;
  });
  return Object.assign(pool, { dropConnections: () => { for (const socket of sockets) socket.destroy(); } });
}

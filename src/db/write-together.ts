import type { Socket } from 'node:net';
import type pg from 'pg';

/**
 * Statements given in one turn of the event loop leave in one write. `pg` writes each by itself, and in a call's transactions those system calls
 * cost the service more than everything else it does.
 */
export function writeTogether(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
  const submit = client.query.bind(client) as (...statement: unknown[]) => unknown;
  let isHeld = false;
  Object.assign(client, { query: (...statement: unknown[]): unknown => {
    if (!isHeld) {
      isHeld = true;
      stream.cork();
      // After all promises of this turn have gone on: what they give as well comes along.
      process.nextTick(() => {
        isHeld = false;
        stream.uncork();
      });
    }
    return submit(...statement);
  } });
}

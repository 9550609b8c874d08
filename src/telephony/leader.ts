import pg from 'pg';
import type { Deps } from '../deps.ts';
import { backoffMs } from './backoff.ts';

/** The advisory lock of the telephony role: one holder per database. */
const lockKey = 12_345;

export type Leadership = { readonly start: () => Promise<void>; readonly stop: () => Promise<void>; readonly onMatchWanted: () => void; readonly channel: string };

/**
 * Holds the telephony role for as long as the database says so; stand-bys ask again and again. Losing the
 * connection is losing the role: the application is left, and new calls go to Asterisk's own queue.
 */
export function leadTelephony(deps: Deps, role: Leadership): { stop: () => Promise<void> } {
  let wanted = true;
  let interrupt: () => void = () => undefined;
  const pause = (ms: number): Promise<void> => new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    interrupt = () => { clearTimeout(timer); resolve(); };
  });
  async function lead(): Promise<void> {
    for (let attempt = 0; wanted; attempt += 1) {
      const client = new pg.Client({ connectionString: deps.config.DATABASE_URL, application_name: 'hotline12345-leader', keepAlive: true });
      const lost = new Promise<void>((resolve) => { client.on('error', () => resolve()); client.on('end', () => resolve()); });
      try {
        await client.connect();
        const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [lockKey]);
        if (rows[0]?.held) {
          attempt = 0;
          client.on('notification', role.onMatchWanted);
          await client.query(`listen ${role.channel}`);
          deps.log.info('This process leads telephony');
          await role.start();
          const stopped = new Promise<void>((resolve) => { interrupt = resolve; });
          await Promise.race([lost, stopped]);
          await role.stop();
          if (wanted) deps.log.warn('The database connection of the telephony role was lost; new calls go to Asterisk’s own queue');
        }
      } catch (error) {
        if (attempt === 0) deps.log.warn({ err: error }, 'The telephony role could not be taken; trying again');
      } finally {
        await client.end().catch(() => deps.log.debug('The leader’s connection was gone already'));
      }
      if (wanted) await pause(backoffMs(attempt));
    }
  }
  const leading = lead();
  return { stop: async () => { wanted = false; interrupt(); await leading; } };
}

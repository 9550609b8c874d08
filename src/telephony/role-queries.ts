import type pg from 'pg';

/** The advisory lock of the telephony role: one holder per database. */
const lockKey = 12_345;

export async function tryRole(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [lockKey]);
  return rows[0]?.held ?? false;
}

export type Holder = { readonly pid: number; /** When its connection was used last, by the database's clock: compare it with itself only. */ readonly beat: string };

/** Who holds the role. Source: PostgreSQL, "pg_locks" (a bigint key is classid and objid, objsubid 1) and "pg_stat_activity". */
export async function findHolder(client: pg.Client): Promise<Holder | undefined> {
  const { rows } = await client.query<Holder>(`select l.pid, a.state_change::text as beat from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.classid = 0 and l.objid = $1 and l.objsubid = 1 and l.granted and a.state_change is not null
      and l.database = (select oid from pg_database where datname = current_database())`, [lockKey]);
  return rows[0];
}

/** Ends the holder's connection, and with it the lock. */
export async function endHolder(client: pg.Client, { pid }: Holder): Promise<void> {
  await client.query('select pg_terminate_backend($1)', [pid]);
}

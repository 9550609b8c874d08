import pg from 'pg';
import { seatEndpoint } from '../../src/seats/seat.ts';
import { listFallbackMembers } from '../support/fallback-members.ts';
import { startOwnStack, type OwnStack } from '../support/own-stack.ts';
import type { Logged } from '../support/phone-log.ts';
import { until } from '../support/until.ts';
import { insertSeats, signIn, startSeats, type Seats } from './crowd.ts';

/** A whole hotline as durable as `npm start`'s, with seats for all figures. */
export type Stand = { readonly own: OwnStack; readonly pool: pg.Pool; readonly seats: Seats; readonly stop: () => Promise<void> };

/** As many as the largest hotline has. */
const seatCount = 750;

export async function buildStand(): Promise<Stand> {
  const own = await startOwnStack(false);
  const pool = new pg.Pool({ connectionString: own.place.env['DATABASE_URL'], max: 2 });
  // Straight into the queue, and ready again at once: what is measured is the hotline, not a greeting.
  await pool.query(`update queues set max_waiting = 1000, wrap_up_sec = 0, announce_every_sec = 0, missed_callback_after_sec = null; update numbers set greeting_prompts = '{}'`);
  const stand = { own, pool, seats: await insertSeats(pool, seatCount) };
  await restartService(stand);
  return { ...stand, stop: async () => {
    await pool.end();
    await own.stop();
  } };
}

type Running = Pick<Stand, 'own'>;

export async function stopService({ own: { servers } }: Running): Promise<void> {
  await servers['service']?.part.stop(15_000);
}

export async function restartService(stand: Running): Promise<void> {
  await stopService(stand);
  await stand.own.servers['service']?.start();
}

/** The seats' phones for one figure, with the first `count` operators signed in and in Asterisk's own queue as well. */
export async function staff({ own, pool, seats }: Stand, count: number, phone: { readonly RING_MS: number; readonly TALK_MS: number }): Promise<{ log: () => Promise<Logged[]>; stop: () => void }> {
  const used = { ids: seats.ids.slice(0, count), rows: seats.rows.slice(0, count) };
  const phones = await startSeats(own.place, pool, used, phone);
  await signIn(pool, seats, count);
  await pool.query('analyze');
  await untilMembers(own, used.ids);
  return phones;
}

/** Whom `app_queue` would ring: the service's sweep keeps its members in step. */
async function untilMembers({ place }: OwnStack, ids: readonly string[]): Promise<void> {
  const wanted = ids.map((id) => `PJSIP/${seatEndpoint(id)}`).sort().join();
  await until(async () => (await listFallbackMembers(place)).sort().join() === wanted, 'the seats are in Asterisk’s own queue');
}

/** Nothing is left of the calls before: no live call, every recording stored or given up. */
export async function untilQuiet({ pool }: Stand): Promise<void> {
  let left = '';
  await until(async () => {
    const { rows } = await pool.query<{ live: string; unstored: string }>(`select (select count(*) from calls where state <> 'ended') as live,
      (select count(*) from recordings where stored_at is null and failure is null) as unstored`);
    left = `${rows[0]?.live ?? '?'} calls live, ${rows[0]?.unstored ?? '?'} recordings not stored`;
    return Number(rows[0]?.live) + Number(rows[0]?.unstored) === 0;
  }, 'the calls before to be over', 180_000).catch((error: unknown) => { throw new Error(`${left} are left`, { cause: error }); });
}

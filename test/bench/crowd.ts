import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { startSipp, type Sipp } from '../../scripts/phones/sipp.ts';
import { audioSink } from './audio-sink.ts';
import { freeUdpPort } from '../../scripts/stack/ports.ts';
import { insertUser } from '../../src/auth/queries.ts';
import { transaction } from '../../src/db/transaction.ts';
import { insertSeat } from '../../src/seats/queries.ts';
import { seatEndpoint } from '../../src/seats/seat.ts';
import { seatDigest } from '../../src/seats/sip-digest.ts';
import type { Place } from '../support/own-stack.ts';
import { grantLongRegistrations, longSec } from '../support/long-registrations.ts';
import { readLogged, type Logged } from '../support/phone-log.ts';
import { until } from '../support/until.ts';

export type Seats = { readonly ids: readonly string[]; readonly rows: readonly string[] };
const password = 'for-this-run-only-0123456789';

/** So many seats with an operator each, that no person logs in to: rows only, given to Asterisk by the service when it starts. */
export async function insertSeats(pool: pg.Pool, count: number): Promise<Seats> {
  const ids = Array.from({ length: count }, (_, index) => String(81_000 + index));
  const at = new Date();
  await transaction(pool, async (tx) => {
    for (const id of ids) {
      await insertSeat(tx, { id, sipDigest: seatDigest(id, password), queueIds: ['12345'] }, at);
      await insertUser(tx, { id: uuid(), login: `seat${id}`, displayName: id, roles: ['operator'], endsAt: null, mustChangePassword: false, passwordHash: 'none', at });
    }
  });
  return { ids, rows: ids.map((id) => `${seatEndpoint(id)};${password};`) };
}

/** Operators sit down at the first `count` seats and are ready; everybody else goes. */
export async function signIn(pool: pg.Pool, seats: Seats, count: number): Promise<void> {
  await pool.query(`update seats set state = 'signed_out', operator_id = null, idle_since = null, not_ready_reason = null, wrap_up_until = null where state <> 'signed_out'`);
  await pool.query(`update seats s set state = 'ready', operator_id = u.id, idle_since = now() - random() * interval '1 hour', state_since = now() from users u where u.login = 'seat' || s.id and s.id = any($1)`, [seats.ids.slice(0, count)]);
}

/** The phones of the figure before. */
let left: Sipp | undefined;

/**
 * The seats' phones: one program that answers for all. They register once and for long, for which Asterisk is told to grant that: a phone's
 * requests must come from the port where it is called, and SIPp plays one scenario a port.
 */
export async function startSeats(place: Place, pool: pg.Pool, seats: Seats, values: { RING_MS: number; TALK_MS: number }): Promise<{ log: () => Promise<Logged[]>; stop: () => void }> {
  const remotePort = Number(place.env['HOTLINE_SEAT_SIP_PORT']);
  // Of a figure that could not be measured.
  left?.stop();
  await left?.done;
  await grantLongRegistrations(place, seats.ids);
  const localPort = await freeUdpPort();
  const register = (): Promise<number> => startSipp(place.root, { scenario: 'crowd-register', service: 'seats', remotePort, localPort, rows: seats.rows,
    values: { EXPIRES: longSec }, calls: seats.rows.length, rate: 100 }).done;
  await until(async () => (await register()) === 0, 'the seats can register');
  const phones = startSipp(place.root, { scenario: 'crowd-seat', service: 'seats', remotePort, localPort, values, mediaPort: await audioSink(), calls: 10_000_000, timeoutSec: 86_400 });
  left = phones;
  process.once('exit', () => phones.stop()); // SIPp would go on alone
  await phones.bound;
  await until(async () => {
    const { rows } = await pool.query<{ count: number }>('select count(*) from seats where is_registered and id = any($1)', [seats.ids]);
    return Number(rows[0]?.count) === seats.ids.length;
  }, 'all seats are registered', 180_000);
  return {
    log: async () => {
      phones.hangUp();
      return (await phones.log).map(readLogged);
    },
    stop: () => phones.stop(),
  };
}

/** `calls` begun at `rate` a second, `atOnce` under way at most; who waits longest hangs up `talkMs` after the answer. Numbers from `first` on. */
type Crowd = { readonly calls: number; readonly rate: number; readonly talkMs: number; readonly first: number; readonly atOnce?: number };

/** Citizens with a number each call one after the other. Gives what they logged and how many calls did not go as they should. */
export async function callIn({ root, env }: Place, options: Crowd): Promise<{ log: Logged[]; failed: number }> {
  const rows = Array.from({ length: options.calls }, (_, index) => `${13_900_000_000 + options.first + index};`);
  const phones = startSipp(root, { scenario: 'crowd-citizen', service: '12345', remotePort: Number(env['HOTLINE_TRUNK_SIP_PORT']), localPort: await freeUdpPort(), rows, mediaPort: await audioSink(),
    values: { TALK_MS: options.talkMs }, calls: options.calls, rate: options.rate, timeoutSec: 3_600, ...(options.atOnce ? { atOnce: options.atOnce } : {}) });
  const log = (await phones.log).map(readLogged);
  return { log, failed: options.calls - log.filter((line) => line.what === 'over').length };
}

import { setTimeout as pause } from 'node:timers/promises';
import { startSipp, type Sipp } from '../../../scripts/phones/sipp.ts';
import { freeUdpPort } from '../../../scripts/stack/ports.ts';
import { query } from '../../../src/db/query.ts';
import type { Place } from '../../support/own-stack.ts';
import { readLogged, type Logged } from '../../support/phone-log.ts';
import { until } from '../../support/until.ts';
import type { City, Seat } from './city.ts';

export type Phones = {
  /** At once and without a word. */
  readonly stop: () => void;
  /** Nobody dials any more; who is on the line stays to the end. */
  readonly close: () => void;
  /** All are down, or were made so after `limitSec`. */
  readonly log: (limitSec: number) => Promise<Logged[]>;
};

/** A seat keeps its registration so long, seconds: the most that Asterisk grants, and longer than any fault. */
const registrationSec = 120;
/** More than any phone of a fault is used, seconds. */
const mostCalls = 2_000;

/** The phones of some seats behind one port, which register and then answer, all in the same way. */
export async function staff({ place, pool }: City, seats: readonly Seat[], values: { RING_MS: number; TALK_MS: number }): Promise<Phones> {
  const at = { service: 'seats', remotePort: Number(place.env['HOTLINE_SEAT_SIP_PORT']), localPort: await freeUdpPort() };
  const rows = seats.map(({ sipUser, sipPassword }) => `${sipUser};${sipPassword};`);
  // Again when an answer was lost: a registration twice is one.
  await until(async () => (await startSipp(place.root, { ...at, scenario: 'crowd-register', rows, values: { EXPIRES: registrationSec }, calls: rows.length, rate: 50 }).done) === 0, 'the seats can register');
  const phones = startSipp(place.root, { ...at, scenario: 'crowd-seat', values, calls: mostCalls });
  await phones.bound;
  const ids = seats.map(({ id }) => id);
  await until(async () => (await query(pool, 'select id from seats where is_registered and id = any($1)', [ids])).length === ids.length, 'the seats are registered');
  return { stop: () => phones.stop(), close: () => phones.hangUp(), log: (limitSec) => readLog(phones, limitSec) };
}

/** Citizens with numbers of their own, from `first` on, call one after the other; each hangs up after `patienceMs` unless hung up on. */
export async function callIn({ root, env }: Place, options: { number: string; first: number; calls?: number; perSecond: number; patienceMs: number }): Promise<Phones> {
  const { calls = mostCalls } = options;
  const rows = Array.from({ length: calls }, (_, index) => `${options.first + index};`);
  const phones = startSipp(root, { scenario: 'crowd-citizen', service: options.number, remotePort: Number(env['HOTLINE_TRUNK_SIP_PORT']), localPort: await freeUdpPort(), rows,
    values: { TALK_MS: options.patienceMs }, calls, rate: options.perSecond });
  // Once: no more calls. Source: SIPp's documentation, SIGUSR1.
  return { stop: () => phones.stop(), close: () => { phones.child.kill('SIGUSR1'); }, log: (limitSec) => readLog(phones, limitSec) };
}

async function readLog(phones: Sipp, limitSec: number): Promise<Logged[]> {
  await Promise.race([phones.done, pause(limitSec * 1_000, undefined, { ref: false })]);
  phones.hangUp();
  await Promise.race([phones.done, pause(5_000, undefined, { ref: false })]);
  phones.stop();
  return (await phones.log).map(readLogged);
}

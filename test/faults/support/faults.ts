import { setTimeout as pause } from 'node:timers/promises';
import { query } from '../../../src/db/query.ts';
import { ProgramError } from '../../../scripts/stack/settings.ts';
import { until } from '../../support/until.ts';
import { crowdNumber, type City } from './city.ts';
import { callIn } from './phones.ts';
import type { Fault, Size } from './scene.ts';
import { killsInEachState } from './states.ts';

/** Long enough for what should be noticed to be noticed, milliseconds. */
const outageMs = ({ isShort }: Size): number => (isShort ? 3_000 : 20_000);
/** Events that were missed are looked for every five seconds; what is found is looked at twice. */
const lookAgainMs = 10_000;
const hourMs = 3_600_000;

/** A service gives a call to a seat, from now on. */
async function served({ pool }: City): Promise<void> {
  const [last] = await query<{ id: string }>(pool, 'select coalesce(max(id), 0) as id from call_events');
  await until(async () => (await query(pool, `select 1 from call_events where id > $1 and type = 'matched' limit 1`, [last?.id])).length, 'a service gives a call to a seat');
}

const ofService: readonly Fault[] = [
  { name: 'no fault', strike: () => pause(1_000) },
  { name: 'kill -9 of the service, started again', isShort: true, strike: async ({ kill, start }) => { await kill('service'); await start('service'); } },
  { name: 'kill -9 of the service, away for 15 s', strike: async ({ kill, start }) => { await kill('service'); await pause(15_000); await start('service'); } },
  {
    name: 'kill -9 of the service in a burst', strike: async (city, { callers }) => {
      const burst = await callIn(city.place, { number: crowdNumber, first: 13_800_000_000, calls: callers, perSecond: 40, patienceMs: 3_000 });
      await pause(300);
      await city.kill('service');
      await city.start('service');
      await burst.log(60);
    },
  },
  {
    name: 'kill -9 of the service three times while it starts', strike: async (city) => {
      await city.kill('service');
      for (const afterMs of [1_000, 1_400, 1_800]) {
        const starting = city.start('service').catch((error: unknown) => {
          if (!(error instanceof ProgramError)) throw error; // killed on the way
        });
        await pause(afterMs);
        await city.kill('service').catch((error: unknown) => {
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone already
        });
        await starting;
      }
      await city.start('service');
    },
  },
  {
    name: 'kill -9 of the leader, a stand-by takes over', strike: async (city) => {
      await city.start('standBy');
      await city.kill('service');
      await served(city);
    },
  },
  {
    name: 'the leader frozen (SIGSTOP), a stand-by takes over', strike: async (city) => {
      await city.start('standBy');
      city.signal('service', 'SIGSTOP');
      await served(city);
      city.signal('service', 'SIGCONT'); // and finds that another leads
    },
  },
  {
    name: 'the service frozen for 20 s (SIGSTOP), no stand-by', strike: async (city, size) => {
      city.signal('service', 'SIGSTOP');
      await pause(outageMs(size));
      city.signal('service', 'SIGCONT');
      await pause(500);
      await city.healthy();
    },
  },
];

const ofConnections: readonly Fault[] = [
  {
    name: 'ARI and AMI cut, Redis wiped', isShort: true, strike: async (city) => {
      city.proxies.ari.reset();
      city.proxies.ami.reset();
      await city.flushRedis();
      await pause(500);
      await city.healthy();
    },
  },
  { name: 'ARI frozen for 20 s (no FIN)', strike: async (city, size) => { city.proxies.ari.freeze(); await pause(outageMs(size)); await mend(city, 'ari'); } },
  { name: 'ARI refused for 20 s', strike: async (city, size) => { city.proxies.ari.refuse(); city.proxies.ari.reset(); await pause(outageMs(size)); await mend(city, 'ari'); } },
  { name: 'AMI refused for 20 s', strike: async (city, size) => { city.proxies.ami.refuse(); city.proxies.ami.reset(); await pause(outageMs(size)); await mend(city, 'ami'); } },
  { name: 'events of ARI 1.5 s late', strike: (city, size) => trouble(city, size, { slowMs: 1_500 }) },
  { name: 'events of ARI lost (1 in 5)', strike: (city, size) => trouble(city, size, { lost: 0.2 }) },
  { name: 'events of ARI doubled (1 in 2)', strike: (city, size) => trouble(city, size, { doubled: 0.5 }) },
  { name: 'events of ARI out of order (1 in 2)', strike: (city, size) => trouble(city, size, { late: 0.5, lateMs: 400 }) },
  { name: 'events of ARI lost, doubled and out of order', isShort: true, strike: (city, size) => trouble(city, size, { lost: 0.1, doubled: 0.2, late: 0.3, lateMs: 300 }) },
  { name: 'no event of ARI for 10 s, the connection alive', strike: (city, size) => trouble(city, size, { lost: 1 }) },
];

async function mend(city: City, proxy: keyof City['proxies']): Promise<void> {
  await city.proxies[proxy].pass();
  await pause(500);
  await city.healthy();
}

async function trouble(city: City, size: Size, what: Parameters<City['proxies']['ari']['trouble']>[0]): Promise<void> {
  city.proxies.ari.trouble(what, size.seed);
  await pause(size.isShort ? 3_000 : 10_000);
  city.proxies.ari.trouble(null);
  await pause(lookAgainMs);
}

const ofServers: readonly Fault[] = [
  { name: 'PostgreSQL killed and started again', strike: async (city) => { await city.kill('postgres'); await city.start('postgres'); await city.healthy(); } },
  {
    name: 'PostgreSQL stopped for 60 s (5 s in the short form)', isShort: true, strike: async (city, { isShort }) => {
      await city.kill('postgres');
      await pause(isShort ? 5_000 : 60_000);
      await city.start('postgres');
      await city.healthy();
    },
  },
  {
    name: 'PostgreSQL gone without a word for 20 s', strike: async (city, size) => {
      city.proxies.postgres.freeze();
      await pause(outageMs(size));
      await mend(city, 'postgres');
      await served(city); // which is a stand-by at first, to what PostgreSQL still takes for the leader
    },
  },
  { name: 'Redis wiped', strike: async (city) => { await city.flushRedis(); await pause(2_000); } },
  { name: 'Redis killed, away for 10 s', strike: async (city) => { await city.kill('redis'); await pause(10_000); await city.start('redis'); await city.healthy(); } },
  { name: 'Asterisk killed and started again', endsCalls: true, strike: async (city) => { await city.kill('asterisk'); await city.start('asterisk'); await pause(500); await city.healthy(); } },
  { name: 'the disk for recordings full', needsDisk: true, strike: async (city, size) => { city.disk?.fill(); await pause(outageMs(size)); city.disk?.free(); } },
  { name: 'the service’s clock an hour ahead', strike: (city, size) => step(city, size, hourMs) },
  { name: 'the service’s clock an hour behind', strike: (city, size) => step(city, size, -hourMs) },
];

async function step(city: City, size: Size, shiftMs: number): Promise<void> {
  city.stepClock(shiftMs);
  await pause(outageMs(size));
  city.stepClock(0);
}

/** Every fault, by its name in the table. */
export const faults: readonly Fault[] = [...ofService, ...killsInEachState, ...ofConnections, ...ofServers];

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { ApiClient } from '../../../scripts/phones/api-client.ts';
import type { Server } from '../../../scripts/stack/stack.ts';
import { startFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { hotline } from '../../support/hotline.ts';
import { prepareDatabase, serviceOn, startOwnServers } from '../../support/own-stack.ts';
import { until } from '../../support/until.ts';
import { startEventProxy } from './event-proxy.ts';
import { mountSmallDisk } from './small-disk.ts';
import { stageRows } from './states.ts';

export type City = Awaited<ReturnType<typeof startCity>>;

/** Where citizens of the crowd call, and where those who come after a fault do: seats of their own, so that some are free. */
export const crowdNumber = '12345';
export const probeNumber = '12346';
const stageSeat = '8006';
const probeSeats = ['8007', '8008', '8009', '8010'];

const queues = `update queues set ring_timeout_sec = 10, wrap_up_sec = 0, announce_every_sec = 0;
  insert into queues (id, name, ring_timeout_sec, wrap_up_sec, announce_every_sec) values ('probe', 'probe', 10, 0, 0);
  update queues set missed_callback_after_sec = null;
  update numbers set greeting_prompts = '{number-1}';
  insert into numbers (number, queue_id, greeting_prompts) values ('${probeNumber}', 'probe', '{}');
  update queue_seats set queue_id = 'probe' where seat_id = any(array['${probeSeats.join("','")}'])`;

type PartName = 'service' | 'standBy' | 'asterisk' | 'postgres' | 'redis';

/** A hotline of ten seats whose service reaches PostgreSQL, Valkey, ARI and AMI through proxies that can be told to break. */
export async function startCity() {
  const { place, servers, stop } = await startOwnServers(false); // rows must survive the death of PostgreSQL
  const { env } = place;
  prepareDatabase(place);
  const people = hotline(place);
  people.pool.on('error', () => undefined); // the database is killed on purpose
  await people.pool.query(`${queues}; ${stageRows(stageSeat)}`);
  const proxies = await startProxies(env);
  const clockFile = join(place.dataDir, 'clock');
  const settings = { ...throughProxies(env, proxies), FAULTS_CLOCK_FILE: clockFile };
  const modules = [fileURLToPath(new URL('shifted-clock.mjs', import.meta.url))];
  const services = {
    service: serviceOn(place, { settings, modules }),
    standBy: serviceOn(place, { name: 'stand-by', settings: { ...settings, HOTLINE_HTTP_PORT: env['TEST_STAND_BY_PORT'] ?? '' }, modules }),
  };
  const redis = new Redis(env['REDIS_URL'] ?? '', { lazyConnect: true });
  redis.on('error', () => undefined); // it is killed on purpose
  const disk = mountSmallDisk(env['HOTLINE_RECORDINGS_DIR'] ?? '');
  await services.service.start();
  const all: Record<string, Server> = { ...servers, ...services };
  const seats = await signIn(people);
  const [staged = seats[0]] = seats.filter(({ id }) => id === stageSeat);
  if (!staged) throw new Error('no seat');
  /** A service leads telephony, and this one has everything it needs; as a stand-by it needs nothing. */
  const healthy = async (): Promise<void> => {
    await until(async () => (await people.ari<{ name: string }[]>('/applications').catch(() => [])).length > 0, 'a service is there for calls');
    await until(async () => (await fetch(`${people.origin}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => null))?.ok, 'the service has everything it needs');
  };
  /** What the services take for the time is wrong by so much, milliseconds. */
  const stepClock = (shiftMs: number): void => writeFileSync(clockFile, String(shiftMs));
  return {
    ...people, healthy, stepClock, proxies, disk, seats, stageSeat: staged, crowdSeats: seats.filter(({ id }) => id !== stageSeat && !probeSeats.includes(id)), probeSeats: seats.filter(({ id }) => probeSeats.includes(id)),
    kill: async (name: PartName) => {
      const part = all[name]?.part;
      if (!part?.pid) throw new Error(`${name} does not run`);
      process.kill(part.pid, 'SIGKILL');
      await until(() => !part.isRunning, `${name} is gone`);
    },
    signal: (name: keyof typeof services, signal: NodeJS.Signals) => {
      const { pid } = services[name].part;
      if (pid !== undefined) process.kill(pid, signal);
    },
    start: async (name: PartName) => all[name]?.start(),
    flushRedis: () => redis.flushall(),
    /** Whatever a fault has left broken is whole again: one service, which leads. */
    restore: async () => {
      for (const proxy of Object.values(proxies)) await proxy.pass();
      proxies.ari.trouble(null);
      stepClock(0);
      disk?.free();
      if (services.service.part.pid !== undefined && services.service.part.isRunning) process.kill(services.service.part.pid, 'SIGCONT');
      await services.standBy.part.stop();
      for (const { part, start } of [...Object.values(servers), services.service]) if (!part.isRunning) await start();
      await healthy();
    },
    stop: async () => {
      redis.disconnect();
      await people.close();
      await services.standBy.part.stop();
      await services.service.part.stop();
      for (const proxy of Object.values(proxies)) proxy.stop();
      disk?.remove();
      await stop();
    },
  };
}

async function startProxies(env: Record<string, string>) {
  const to = (port: number | string | undefined): Promise<FaultProxy> => startFaultProxy({ port: Number(port), isForLoad: true });
  return {
    postgres: await to(new URL(env['DATABASE_URL'] ?? '').port), redis: await to(new URL(env['REDIS_URL'] ?? '').port),
    ari: await startEventProxy(Number(new URL(env['ASTERISK_ARI_URL'] ?? '').port)), ami: await to(env['ASTERISK_AMI_PORT']),
  };
}

function throughProxies(env: Record<string, string>, proxies: Record<'postgres' | 'redis' | 'ari' | 'ami', FaultProxy>): Record<string, string> {
  const via = (url: string | undefined, { port }: FaultProxy): string => Object.assign(new URL(url ?? ''), { port: String(port) }).href;
  return { DATABASE_URL: via(env['DATABASE_URL'], proxies.postgres), REDIS_URL: via(env['REDIS_URL'], proxies.redis), ASTERISK_ARI_URL: via(env['ASTERISK_ARI_URL'], proxies.ari), ASTERISK_AMI_PORT: String(proxies.ami.port) };
}

export type Seat = { readonly id: string; readonly sipUser: string; readonly sipPassword: string; readonly act: (action: string, body?: object) => Promise<unknown>; readonly rest: () => Promise<unknown>; readonly api: ApiClient };

/** An operator at each seat, who stays: seats are made ready again after each fault. */
async function signIn({ first, origin }: ReturnType<typeof hotline>): Promise<Seat[]> {
  return Promise.all(first.seats.map(async ({ seat: id, sipUser, sipPassword }, index) => {
    const api = new ApiClient(origin);
    const { login, password } = first.operators[index] ?? first.admin;
    await api.logIn(login, password);
    const act = (action: string, body?: object): Promise<unknown> => api.post(`/api/seats/${id}/actions/${action}`, body);
    await act('sign_in');
    return { id, sipUser, sipPassword, act, rest: () => act('not_ready', { reason: 'meal' }), api };
  }));
}

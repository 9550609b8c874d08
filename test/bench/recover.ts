import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import type { Logged } from '../support/phone-log.ts';
import { callIn } from './crowd.ts';
import { sec, type Figure } from './figure.ts';
import { staff, untilQuiet, type Stand } from './stand.ts';

const live = 200;
/** Calls of this many seconds fill the hotline at this rate, calls a second. */
const fillRate = 20;

/** `kill -9` of the service with 200 calls live, started again at once, as `npm start` does: when a new call rings, and when all live ones are known again. */
export async function measureRecovery(stand: Stand): Promise<Figure[]> {
  const { own, pool } = stand;
  const service = own.servers['service'];
  if (!service?.part.pid) throw new Error('no service');
  const phones = await staff(stand, 400, { RING_MS: 100, TALK_MS: 600_000 });
  const talking = async (): Promise<number> => Number((await pool.query<{ count: string }>(`select count(*) as count from calls where state = 'talking'`)).rows[0]?.count);
  const held = callIn(own.place, { calls: live, rate: fillRate, talkMs: 90_000, first: 300_000 });
  await until(async () => (await talking()) === live, `${live} calls live`);
  const killedAt = Date.now();
  process.kill(service.part.pid, 'SIGKILL');
  await until(() => !service.part.isRunning, 'the service is gone');
  // Ten a second from now on: whoever rings them.
  const newcomers = callIn(own.place, { calls: 100, rate: 10, talkMs: 1_000, first: 310_000 });
  await service.start();
  const knownMs = comparedAt(own.place.dataDir, killedAt) - killedAt;
  const readyMs = Date.now() - killedAt;
  const stillTalking = await talking();
  const fresh = await newcomers;
  const { rows } = await pool.query<{ number: string }>(`select caller_number as number from calls where offered_at > to_timestamp($1::float8 / 1000) and ringing_at is not null and carried_by = 'service'`, [killedAt]);
  const byService = new Set(rows.map((row) => row.number));
  const failed = fresh.failed + (await held).failed;
  await untilQuiet(stand);
  const rings = (await phones.log()).filter((line) => line.what === 'invite' && line.atMs > killedAt);
  const first = (lines: readonly Logged[]): number => Math.min(...lines.map((line) => line.atMs)) - killedAt;
  const [anyMs, oursMs] = [first(rings), first(rings.filter((line) => byService.has(line.caller)))];
  return [
    { name: `kill -9 with ${live} live → first new call rings a seat (by Asterisk’s own queue; by the service)`, ours: `${sec(anyMs)}; ${sec(oursMs)}`, peer: '–', mark: '≤ 3 s', isReached: oursMs <= 3_000, numbers: { anyMs, oursMs, failed } },
    { name: `kill -9 → all ${live} live calls known again (API and 750 seats looked through as well)`, ours: `${sec(knownMs)} (${sec(readyMs)}), ${stillTalking} known`, peer: '–', mark: '≤ 3 s', isReached: knownMs <= 3_000 && stillTalking >= live, numbers: { knownMs, readyMs, stillTalking } },
  ];
}

/** When every live call's legs had been looked for in Asterisk: the service's own log line. */
function comparedAt(dataDir: string, after: number): number {
  const lines = readFileSync(join(dataDir, 'log', 'service.log'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as { time: string; msg: string });
  const line = lines.find(({ time, msg }) => Date.parse(time) > after && msg === 'Compared the calls with Asterisk');
  return line ? Date.parse(line.time) : NaN;
}

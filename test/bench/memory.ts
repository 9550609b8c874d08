import { setTimeout as pause } from 'node:timers/promises';
import { callIn } from './crowd.ts';
import { type Figure } from './figure.ts';
import { staff, untilQuiet, type Stand } from './stand.ts';
import { memoryMb, parts } from './usage.ts';

const seats = 750;
const live = 500;

/** All seats signed in, five hundred calls live at once. */
export async function measureMemory(stand: Stand): Promise<Figure[]> {
  const phones = await staff(stand, seats, { RING_MS: 100, TALK_MS: 600_000 });
  const crowd = callIn(stand.own.place, { calls: live, rate: 10, talkMs: 100_000, first: 400_000 });
  let most = 0;
  const peak = new Map(parts.map((part) => [part, 0]));
  const watching = { isOver: false };
  const watch = (async () => {
    for (; !watching.isOver; await pause(1_000)) {
      const { rows } = await stand.pool.query<{ count: string }>(`select count(*) as count from calls where state = 'talking'`);
      most = Math.max(most, Number(rows[0]?.count));
      for (const part of parts) peak.set(part, Math.max(peak.get(part) ?? 0, memoryMb(stand.own, part)));
    }
  })();
  const { failed } = await crowd;
  watching.isOver = true;
  await watch;
  phones.stop();
  await untilQuiet(stand);
  const service = peak.get('service') ?? NaN;
  return [{ name: `memory of the service, ${seats} seats signed in, ${live} calls live (Asterisk)`, ours: `${service.toFixed(0)} MiB (${(peak.get('asterisk') ?? NaN).toFixed(0)} MiB), ${most} live, ${failed} failed`, peer: '–',
    mark: '≤ 300 MB', isReached: service * 1.048576 <= 300 && most === live && failed === 0, numbers: { ...Object.fromEntries(peak), live: most, failed } }];
}

const soakMin = 30;
const soakRate = 5;
/** Until then the service warms up: caches, compiled code. */
const warmMin = 5;
/** What the garbage collector's breathing moves two means of five minutes apart, as part of the whole. */
const noise = 0.05;

/** Half an hour of calls: whether the service needs more and more. */
export async function measureSoak(stand: Stand): Promise<Figure[]> {
  const phones = await staff(stand, 200, { RING_MS: 100, TALK_MS: 600_000 });
  const samples: { minute: number; mb: number }[] = [];
  const startedAt = Date.now();
  const watcher = setInterval(() => { samples.push({ minute: (Date.now() - startedAt) / 60_000, mb: memoryMb(stand.own, 'service') }); }, 5_000);
  const calls = soakRate * soakMin * 60;
  const { failed } = await callIn(stand.own.place, { calls, rate: soakRate, talkMs: 3_000, first: 500_000 });
  clearInterval(watcher);
  phones.stop();
  await untilQuiet(stand);
  const mean = (from: number, to: number): number => {
    const chosen = samples.filter(({ minute }) => minute >= from && minute < to);
    return chosen.reduce((sum, { mb }) => sum + mb, 0) / chosen.length;
  };
  const [early, late] = [mean(warmMin, warmMin + 5), mean(soakMin - 5, soakMin)];
  return [{ name: `growth over ${soakMin} min at ${soakRate} calls/s (means of minutes ${warmMin}–${warmMin + 5} and ${soakMin - 5}–${soakMin})`, ours: `${early.toFixed(0)} → ${late.toFixed(0)} MiB, ${failed} of ${calls} failed`, peer: '–',
    mark: 'none', isReached: late <= early * (1 + noise) && failed === 0, numbers: { early, late, failed, calls } }];
}

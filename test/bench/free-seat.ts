import type { Logged } from '../support/phone-log.ts';
import { callIn } from './crowd.ts';
import { ms, quantile, type Figure } from './figure.ts';
import { restartService, staff, stopService, untilQuiet, type Stand } from './stand.ts';

const seats = 10;
const waiting = 50;
const calls = 200;

/** Fifty callers wait all the time: from a seat's BYE to its next INVITE. */
export async function measureFreeSeat(stand: Stand): Promise<Figure[]> {
  const ours = quantile(await measureSide(stand, 100_000, async () => undefined), 0.5);
  const peer = quantile(await measureSide(stand, 101_000, () => stopService(stand)), 0.5);
  await restartService(stand);
  return [{ name: `seat free → next INVITE there, ${waiting} waiting, p50`, ours: `${ms(ours)} (${(ours / peer).toFixed(2)} ×)`, peer: ms(peer), mark: '≤ 0.2 ×', isReached: ours <= 0.2 * peer, numbers: { ours, peer } }];
}

async function measureSide(stand: Stand, first: number, prepare: () => Promise<void>): Promise<number[]> {
  const phones = await staff(stand, seats, { RING_MS: 100, TALK_MS: 2_000 });
  await prepare();
  const { failed } = await callIn(stand.own.place, { calls, rate: 20, talkMs: 600_000, first, atOnce: seats + waiting });
  if (failed > 0) throw new Error(`${failed} of ${calls} calls failed`);
  if (stand.own.servers['service']?.part.isRunning) await untilQuiet(stand);
  // The last ones find fewer waiting.
  return gaps(await phones.log()).slice(0, calls - 2 * waiting);
}

/** In the order of their BYEs. */
function gaps(log: readonly Logged[]): number[] {
  const ordered = [...log].sort((a, b) => a.atMs - b.atMs);
  return ordered.flatMap((line, index) => {
    const next = line.what === 'bye' ? ordered.slice(index).find((later) => later.what === 'invite' && later.seat === line.seat) : undefined;
    return next ? [next.atMs - line.atMs] : [];
  });
}

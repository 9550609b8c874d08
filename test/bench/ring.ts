import type { Logged } from '../support/phone-log.ts';
import { callIn } from './crowd.ts';
import { ms, quantile, type Figure } from './figure.ts';
import { restartService, staff, stopService, untilQuiet, type Stand } from './stand.ts';

const rate = 20;
const callsARound = 400;
const talkMs = 3_000;
/** Calls before those that are measured: a service that has just started has its code still to be compiled. */
const warmCalls = 200;
/** We and `app_queue` in turn, so that what disturbs the machine disturbs both. */
const rounds = 2;

/** A number without greeting, idle seats: from the citizen's INVITE to the seat's, on the wire. */
export async function measureRing(stand: Stand): Promise<Figure[]> {
  const phones = await staff(stand, 200, { RING_MS: 100, TALK_MS: 600_000 });
  const ours: Logged[] = [];
  const peer: Logged[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(...await measureRound(stand, round * 10_000));
    await stopService(stand);
    peer.push(...await measureRound(stand, 5_000 + round * 10_000));
    await restartService(stand);
    await untilQuiet(stand);
  }
  const rung = new Map((await phones.log()).filter((line) => line.what === 'invite').map((line) => [line.caller, line.atMs]));
  const waits = (calls: readonly Logged[]): number[] => calls.flatMap(({ caller, atMs }) => rung.get(caller) === undefined ? [] : [(rung.get(caller) ?? NaN) - atMs]);
  const [we, they] = [waits(ours), waits(peer)];
  const line = (name: string, part: number): Figure => {
    const [our, their] = [quantile(we, part), quantile(they, part)];
    return { name: `INVITE → INVITE, idle seats, ${rate}/s, ${name}`, ours: `${ms(our)} (${(our / their).toFixed(1)} ×)`, peer: ms(their), mark: '≤ 4 ×, aim at 2 ×', isReached: our <= 4 * their,
      numbers: { ours: our, peer: their, calls: we.length, peerCalls: they.length } };
  };
  return [line('p50', 0.5), line('p95', 0.95)];
}

async function measureRound(stand: Stand, first: number): Promise<Logged[]> {
  await callIn(stand.own.place, { calls: warmCalls, rate, talkMs, first: first + callsARound });
  if (stand.own.servers['service']?.part.isRunning) await untilQuiet(stand);
  const { log, failed } = await callIn(stand.own.place, { calls: callsARound, rate, talkMs, first });
  if (failed > 0) throw new Error(`${failed} of ${callsARound} calls failed`);
  return log.filter((line) => line.what === 'invite');
}

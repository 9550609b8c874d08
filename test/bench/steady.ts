import { callIn } from './crowd.ts';
import { ms, quantile, type Figure } from './figure.ts';
import { cpuMs, parts, type Part } from './usage.ts';
import { restartService, staff, stopService, untilQuiet, type Stand } from './stand.ts';

const seats = 400;
const talkMs = 3_000;
const steadyRate = 20;
const steadySec = 300;
const ladder = [30, 40, 60];
const stepSec = 30;
/** A rate is held when no call failed and half of the seats rang within this, milliseconds. */
const slowestMs = 1_000;

type Held = { readonly failed: number; readonly p50: number; readonly uncased: number; /** A call, milliseconds. */ readonly cpu: Readonly<Record<Part, number>> };

/** Calls for five minutes on end, each with its case, and what one costs each part, with what is done after it; then ever more a second, until they fail. */
export async function measureSteady(stand: Stand): Promise<Figure[]> {
  let first = 200_000;
  const hold = async (side: 'ours' | 'peer', rate: number, seconds: number): Promise<Held> => {
    const phones = await staff(stand, seats, { RING_MS: 100, TALK_MS: 600_000 });
    if (side === 'peer') await stopService(stand);
    const calls = rate * seconds;
    const since = new Date();
    const before = parts.map((part) => cpuMs(stand.own, part));
    const { log, failed } = await callIn(stand.own.place, { calls, rate, talkMs, first });
    first += calls;
    const rung = new Map((await phones.log()).filter((line) => line.what === 'invite').map((line) => [line.caller, line.atMs]));
    const waits = log.filter((line) => line.what === 'invite').map(({ caller, atMs }) => (rung.get(caller) ?? Infinity) - atMs);
    if (side === 'ours') await untilQuiet(stand);
    const cpu = Object.fromEntries(parts.map((part, index) => [part, (cpuMs(stand.own, part) - (before[index] ?? 0)) / calls])) as Record<Part, number>;
    if (side === 'peer') await restartService(stand);
    await untilQuiet(stand);
    return { failed, cpu, p50: quantile(waits, 0.5), uncased: side === 'ours' ? calls - await countAnswered(stand, since) : 0 };
  };
  const climb = async (side: 'ours' | 'peer'): Promise<{ held: number; cpu: Held['cpu'] | undefined }> => {
    let [held, firstCpu] = [steadyRate, undefined as Held['cpu'] | undefined];
    for (const rate of ladder) {
      const { failed, p50, uncased, cpu } = await hold(side, rate, stepSec);
      firstCpu ??= cpu;
      if (failed + uncased > 0 || p50 > slowestMs) break;
      held = rate;
    }
    return { held, cpu: firstCpu };
  };
  const steady = await hold('ours', steadyRate, steadySec);
  const ours = await climb('ours');
  const peer = await climb('peer');
  return [
    { name: `${steadyRate} calls/s for ${steadySec / 60} min: failed, without a case`, ours: `${steady.failed}, ${steady.uncased} of ${steadyRate * steadySec} (p50 ${ms(steady.p50)})`, peer: '', mark: 'none',
      isReached: steady.failed + steady.uncased === 0, numbers: { failed: steady.failed, p50: steady.p50, uncased: steady.uncased, calls: steadyRate * steadySec } },
    { name: `highest rate held for ${stepSec} s, calls/s (tried ${ladder.join(', ')})`, ours: String(ours.held), peer: String(peer.held), mark: '≥ 20', isReached: ours.held >= 20, numbers: { ours: ours.held, peer: peer.held } },
    ...parts.map((part): Figure => {
      const their = part === 'asterisk' ? peer.cpu?.[part] : undefined;
      return { name: `CPU a call of ${talkMs / 1_000} s: ${part}`, ours: ms(steady.cpu[part]), peer: their === undefined ? '–' : ms(their), mark: part === 'service' ? '≤ 15 ms' : '',
        isReached: part === 'service' ? steady.cpu[part] <= 15 : null, numbers: { ours: steady.cpu[part], ...(their === undefined ? {} : { peer: their }) } };
    }),
  ];
}

/** Calls answered since then that have exactly one case, which is theirs alone. */
async function countAnswered({ pool }: Stand, since: Date): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(`select count(distinct c.id) as count from calls c join cases k on k.id = c.case_id and k.call_id = c.id
    where c.offered_at >= $1 and c.outcome = 'answered'`, [since]);
  return Number(rows[0]?.count);
}

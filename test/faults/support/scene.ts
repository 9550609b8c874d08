import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import { crowdNumber, probeNumber, type City } from './city.ts';
import { judge, readPhones, type Evidence, type Verdict } from './invariants.ts';
import { keepEvidence } from './keep-evidence.ts';
import { liveCalls, numbersOfScene, readRows, untilNothingIsLeft } from './look-around.ts';
import { callIn, staff, type Phones } from './phones.ts';

export type Size = { readonly callers: number; readonly impatient: number; readonly talkMs: number; readonly isShort: boolean; /** Of what is left to chance. */ readonly seed: number };
/** A call in the state that a fault is about. */
export type Staged = { /** Sees it to its end, and says what is wrong with that. */ readonly end: () => Promise<string[]> };
export type Fault = {
  readonly name: string;
  /** Brings one more call, from this number, into the state that the fault is about. */
  readonly stage?: (city: City, caller: string) => Promise<Staged>;
  /** Another crowd than that of all faults. */
  readonly crowd?: Partial<Size>;
  /** Also struck by `npm test`. */
  readonly isShort?: boolean;
  /** Asterisk itself dies, and with it every call. */
  readonly endsCalls?: boolean;
  /** Breaks something, and mends what does not mend itself; resolves when everything is there again. */
  readonly strike: (city: City, size: Size) => Promise<void>;
  /** Only where a small disk could be mounted. */
  readonly needsDisk?: boolean;
};
/** A line of the table. */
export type Result = Verdict & { readonly fault: string; readonly wholeSec: number };

/** The numbers of a scene begin here, and are its own. */
let nextNumber = 13_900_000_000;

/** A crowd calls, some talk and some wait; the fault strikes; others call on; when all are down, what must hold is looked at. */
export async function play(city: City, fault: Fault, given: Size): Promise<Result> {
  const opened: Phones[] = [];
  try {
    return await strikeUnderLoad(city, fault, { ...given, ...fault.crowd }, async (phones) => { opened.push(await phones); return phones; });
  } finally {
    for (const phones of opened) phones.stop();
    await city.restore();
  }
}

async function strikeUnderLoad(city: City, fault: Fault, size: Size, open: (phones: Promise<Phones>) => Promise<Phones>): Promise<Result> {
  const first = (nextNumber += numbersOfScene);
  for (const seat of city.seats) {
    await seat.act('ready').catch((error: unknown) => {
      if (!String(error).includes('action_not_allowed')) throw error; // ready already
    });
  }
  const desks = [await open(staff(city, city.crowdSeats, { RING_MS: 400, TALK_MS: size.talkMs })), await open(staff(city, city.probeSeats, { RING_MS: 200, TALK_MS: 500 }))];
  const calling = (options: Parameters<typeof callIn>[1]): Promise<Phones> => open(callIn(city.place, options));
  const patient = await calling({ number: crowdNumber, first, calls: size.callers, perSecond: 10, patienceMs: 200_000 });
  const impatient = size.impatient === 0 ? null : await calling({ number: crowdNumber, first: first + 2_000, calls: size.impatient, perSecond: 10, patienceMs: size.talkMs });
  await until(async () => (await liveCalls(city, first)).filter((call) => ['waiting', 'ringing', 'talking'].includes(call.state)).length >= size.callers, 'the crowd is there');
  const staged = await fault.stage?.(city, String(first + 6_000));
  const before = await liveCalls(city, first);
  const atMs = Date.now();
  const probes = await calling({ number: probeNumber, first: first + 4_000, perSecond: 2, patienceMs: 200_000 });
  await fault.strike(city, size);
  const healedMs = Date.now();
  await pause(1_500); // somebody calls when everything is there again
  probes.close();
  const wrongs = (await staged?.end().catch((error: unknown) => [(error as Error).message])) ?? [];
  const citizens = await Promise.all([patient, impatient, probes].filter((one) => one !== null).map(async (one) => ({ isPatient: one !== impatient, log: await one.log(60) })));
  const left = await untilNothingIsLeft(city);
  for (const desk of desks) desk.close();
  const seats = (await Promise.all(desks.map((desk) => desk.log(5)))).flat();
  const evidence: Evidence = { atMs, healedMs, endsCalls: fault.endsCalls ?? false, before, left, rows: await readRows(city, first), ...readPhones(citizens, seats) };
  const judged = judge(evidence);
  const verdict = { ...judged, violations: [...wrongs, ...judged.violations] };
  if (verdict.violations.length > 0) await keepEvidence(city, fault.name, evidence);
  return { fault: fault.name, ...verdict, wholeSec: (healedMs - atMs) / 1_000 };
}

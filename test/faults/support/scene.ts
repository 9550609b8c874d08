import { setTimeout as pause } from 'node:timers/promises';
import { query } from '../../../src/db/query.ts';
import { until } from '../../support/until.ts';
import { crowdNumber, probeNumber, type City } from './city.ts';
import { judge, readPhones, type Before, type Evidence, type Row, type Verdict } from './invariants.ts';
import { keepEvidence } from './keep-evidence.ts';
import { callIn, staff } from './phones.ts';

export type Size = { readonly callers: number; readonly impatient: number; readonly talkMs: number; readonly isShort: boolean; /** Of what is left to chance. */ readonly seed: number };
export type Fault = {
  readonly name: string;
  /** Also struck by `npm test`. */
  readonly isShort?: boolean;
  /** Asterisk itself dies, and with it every call. */
  readonly endsCalls?: boolean;
  /** Breaks something and mends it; resolves when everything is there again. */
  readonly strike: (city: City, size: Size) => Promise<void>;
  /** Puts things back when all is over. */
  readonly after?: (city: City) => Promise<void>;
  /** Only where a small disk could be mounted. */
  readonly needsDisk?: boolean;
};
/** A line of the table. */
export type Result = Verdict & { readonly fault: string; readonly wholeSec: number };

/** Numbers of one scene are apart from those of all others. */
let nextNumber = 13_900_000_000;
const numbersOfScene = 10_000;

/** A crowd calls, some talk and some wait; the fault strikes; others call on; when all are down, what must hold is looked at. */
export async function play(city: City, fault: Fault, size: Size): Promise<Result> {
  const first = (nextNumber += numbersOfScene);
  for (const seat of city.seats) await seat.act('ready').catch(() => undefined); // ready already
  const desks = await Promise.all([staff(city, city.crowdSeats, { RING_MS: 400, TALK_MS: size.talkMs }), staff(city, city.probeSeats, { RING_MS: 200, TALK_MS: 500 })]);
  const patient = await callIn(city.place, { number: crowdNumber, first, calls: size.callers, perSecond: 10, patienceMs: 200_000 });
  const impatient = await callIn(city.place, { number: crowdNumber, first: first + 2_000, calls: size.impatient, perSecond: 10, patienceMs: size.talkMs });
  await until(async () => (await liveCalls(city, first)).filter((call) => ['waiting', 'ringing', 'talking'].includes(call.state)).length >= size.callers, 'the crowd is there');
  const before = await liveCalls(city, first);
  const atMs = Date.now();
  const probes = await callIn(city.place, { number: probeNumber, first: first + 4_000, perSecond: 2, patienceMs: 200_000 });
  await fault.strike(city, size);
  const healedMs = Date.now();
  await pause(1_500); // somebody calls when everything is there again
  probes.close();
  const phones = await Promise.all([patient, impatient, probes].map(async (one) => ({ isPatient: one !== impatient, log: await one.log(60) })));
  const left = await untilNothingIsLeft(city);
  for (const desk of desks) desk.close();
  const seats = (await Promise.all(desks.map((desk) => desk.log(5)))).flat();
  await fault.after?.(city);
  const evidence: Evidence = { atMs, healedMs, endsCalls: fault.endsCalls ?? false, before, left, rows: await readRows(city, first), ...readPhones(phones, seats) };
  const verdict = judge(evidence);
  if (verdict.violations.length > 0) await keepEvidence(city, fault.name, evidence);
  return { fault: fault.name, ...verdict, wholeSec: (healedMs - atMs) / 1_000 };
}

const ofScene = `direction = 'inbound' and caller_number >= $1 and caller_number < $2`;
const bounds = (first: number): string[] => [String(first), String(first + numbersOfScene)];

function liveCalls({ pool }: City, first: number): Promise<Before[]> {
  return query(pool, `select caller_number, state, queued_at from calls where state <> 'ended' and ${ofScene}`, bounds(first));
}

function readRows({ pool }: City, first: number): Promise<Row[]> {
  return query(pool, `select c.id, c.caller_number, c.state, c.outcome, c.offered_at, c.queued_at, c.connected_at, c.ended_at, k.state as case_state, k.callback_reason, d.total_sec, d.talk_sec,
      coalesce(d.greeting_sec, 0) + coalesce(d.wait_sec, 0) + coalesce(d.ring_sec, 0) + coalesce(d.talk_sec, 0) + coalesce(d.message_sec, 0) as parts_sec,
      exists (select 1 from call_events e where e.call_id = c.id and e.type = 'matched') as is_matched
    from calls c join call_durations d on d.call_id = c.id left join cases k on k.id = c.case_id where ${ofScene.replaceAll('caller_number', 'c.caller_number')}`, bounds(first));
}

/** Whatever is still there after a while, by name; nothing of it may be. */
async function untilNothingIsLeft(city: City): Promise<string[]> {
  let left: string[] = [];
  await until(async () => (left = await leftBehind(city)).length === 0, 'nothing is left behind', 30_000).catch(() => undefined);
  return left;
}

async function leftBehind({ pool, ari }: City): Promise<string[]> {
  const [channels, bridges, legs, seats, recordings] = await Promise.all([
    ari<{ name: string }[]>('/channels'), ari<{ id: string }[]>('/bridges'), query<{ role: string; callId: string }>(pool, `select role, call_id from call_legs where state <> 'ended'`),
    query<{ id: string; state: string }>(pool, `select id, state from seats where state in ('reserved', 'ringing', 'on_call', 'wrap_up')`),
    query<{ callId: string }>(pool, 'select call_id from recordings where stored_at is null and failure is null'),
  ]);
  return [
    ...channels.map(({ name }) => `the channel ${name}`), ...bridges.map(({ id }) => `the bridge ${id}`), ...legs.map((leg) => `the ${leg.role}'s leg of call ${leg.callId}`),
    ...seats.map(({ id, state }) => `seat ${id}, ${state},`), ...recordings.map(({ callId }) => `the unfinished recording of ${callId}`),
  ];
}

import { query } from '../../../src/db/query.ts';
import { until } from '../../support/until.ts';
import type { City } from './city.ts';
import type { Before, Row } from './invariants.ts';

/** Citizens of one scene call from numbers that begin with its first one. */
export const numbersOfScene = 10_000;
const ofScene = `direction = 'inbound' and caller_number >= $1 and caller_number < $2`;
const bounds = (first: number): string[] => [String(first), String(first + numbersOfScene)];

/** Calls of the scene that have not ended. */
export function liveCalls({ pool }: City, first: number): Promise<Before[]> {
  return query(pool, `select caller_number, state, queued_at from calls where state <> 'ended' and ${ofScene}`, bounds(first));
}

/** All calls of citizens of the scene, with their cases. */
export function readRows({ pool }: City, first: number): Promise<Row[]> {
  return query(pool, `select c.id, c.caller_number, c.state, c.outcome, c.offered_at, c.queued_at, c.connected_at, c.ended_at, k.state as case_state, k.callback_reason, d.total_sec,
      coalesce(d.greeting_sec, 0) + coalesce(d.wait_sec, 0) + coalesce(d.ring_sec, 0) + coalesce(d.talk_sec, 0) + coalesce(d.message_sec, 0) as parts_sec,
      exists (select 1 from call_events e where e.call_id = c.id and e.type = 'matched') and c.carried_by <> 'asterisk' as is_matched
    from calls c join call_durations d on d.call_id = c.id left join cases k on k.id = c.case_id where ${ofScene.replaceAll('caller_number', 'c.caller_number')}`, bounds(first));
}

/** Whatever is still there after a while, by name; nothing of it may be. */
export async function untilNothingIsLeft(city: City): Promise<string[]> {
  let left: string[] = [];
  await until(async () => (left = await leftBehind(city)).length === 0, 'nothing is left behind').catch((error: unknown) => {
    if (left.length === 0) throw error; // it could not be looked at, and that is no empty list
  });
  return left;
}

async function leftBehind({ pool, ari }: City): Promise<string[]> {
  const [channels, bridges, legs, seats, recordings] = await Promise.all([
    ari<{ name: string }[]>('/channels'), ari<{ id: string }[]>('/bridges'), query<{ role: string; callId: string }>(pool, `select role, call_id from call_legs where state <> 'ended'`),
    query<{ id: string; state: string }>(pool, `select id, state from seats where state in ('reserved', 'ringing', 'on_call', 'wrap_up')`),
    query<{ callId: string }>(pool, 'select call_id from recordings where stored_at is null and failure is null and retry_at is null'),
  ]);
  return [
    ...channels.map(({ name }) => `the channel ${name}`), ...bridges.map(({ id }) => `the bridge ${id}`), ...legs.map((leg) => `the ${leg.role}'s leg of call ${leg.callId}`),
    ...seats.map(({ id, state }) => `seat ${id}, ${state},`), ...recordings.map(({ callId }) => `the unfinished recording of ${callId}`),
  ];
}

import { afterAll, afterEach, beforeAll } from 'vitest';
import { query } from '../../src/db/query.ts';
import type { hotline } from './hotline.ts';
import { until } from './until.ts';

type City = ReturnType<typeof hotline>;
type Desk = Awaited<ReturnType<City['seat']>>;

let nextCaller = 13_800_000_200;

/** Calls in which people talk, for the tests of a file: nobody is greeted, and after each test no channel and no operator is left. */
export function talks(city: City) {
  const signedIn: Desk[] = [];
  beforeAll(() => city.pool.query(`update queues set ring_timeout_sec = 30, wrap_up_sec = 600; update numbers set greeting_prompts = '{}'`));
  afterEach(async () => {
    await city.quiet();
    for (const one of signedIn.splice(0)) await one.act('sign_out');
  });
  afterAll(() => city.close());

  const seat = async (...options: Parameters<City['seat']>): Promise<Desk> => {
    const one = await city.seat(...options);
    signedIn.push(one);
    return one;
  };
  /** The roles that hear each other in Asterisk. */
  const heard = async (callId: string): Promise<string[]> => {
    const { channels = [] } = await city.ari<{ channels?: string[] }>(`/bridges/${callId}`); // none before the first talk
    const legs = await query<{ id: string; role: string }>(city.pool, 'select id, role from call_legs where call_id = $1', [callId]);
    return channels.map((id) => legs.find((leg) => leg.id === id)?.role ?? 'stranger').sort();
  };
  /** A citizen and an operator who talk. */
  const talk = async (citizen: [scenario: string, values?: Record<string, number | string>, more?: Parameters<City['citizen']>[4]] = ['citizen-waits'], desk: Parameters<City['seat']> = [0, 'seat-answers'], caller = String(nextCaller += 1)) => {
    const one = await seat(...desk);
    const phone = city.citizen(citizen[0], caller, citizen[1], '12345', citizen[2]);
    const { id: callId } = await city.callOf(caller, (call) => call.state === 'talking');
    // The row comes first; until the two are bridged they hear nobody, and nobody has their keys.
    await until(async () => (await heard(callId)).length >= 2, 'the two hear each other');
    const act = (action: string, body?: object) => one.api.post<{ legId: string | null }>(`/api/calls/${callId}/actions/${action}`, body);
    const legs = async () => (await city.shownCall(one.api, callId)).legs;
    const hangUp = () => one.api.post(`/api/calls/${callId}/hang-up`);
    return { desk: one, phone, callId, caller, act, legs, hangUp, legOf: async (role: string) => (await legs()).filter((leg) => leg.role === role && leg.state === 'up').at(-1)?.id ?? '' };
  };
  const untilHeard = (callId: string, roles: string[]) => until(async () => (await heard(callId)).join() === [...roles].sort().join(), `${roles.join(', ')} hear each other`);
  const untilUp = (one: { legOf: (role: string) => Promise<string> }, role: string) => until(() => one.legOf(role), `the ${role} is there`);
  return { seat, talk, untilHeard, untilUp };
}

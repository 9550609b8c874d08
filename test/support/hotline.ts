import pg from 'pg';
import { beforeAll } from 'vitest';
import WebSocket from 'ws';
import { ApiClient, readFirstRun } from '../../scripts/phones/api-client.ts';
import { startSipp, type Sipp, type SippOptions } from '../../scripts/phones/sipp.ts';
import type { CallDurations } from '../../src/calls/queries.ts';
import { query } from '../../src/db/query.ts';
import { grantLongRegistrations, longSec } from './long-registrations.ts';
import type { Place } from './own-stack.ts';
import { placeOfWorker } from './place-of-worker.ts';
import { phonePorts } from './port-block.ts';
import { until } from './until.ts';

export type CallRow = {
  id: string; state: string; outcome: string | null; endedBy: string | null; caseId: string | null; seatId: string | null;
  queuedAt: Date | null; connectedAt: Date | null; announceAt: Date | null;
};
export type SeatView = { state: string; notReadyReason: string | null; isRegistered: boolean; wrapUpUntil: string | null; callId: string | null };
export type CallView = { outcome: string | null; durations: CallDurations; legs: LegView[];
  talks: { startedAt: string; endedAt: string | null; legIds: string[] }[] };
type LegView = { id: string; role: string; state: string; isHeld: boolean; directoryCode: string | null; number: string | null; outcome: string | null; hangupCause: number | null };
export type LiveEvent = { type: string; callId?: string; caseId?: string; seatId?: string; caller?: { number: string } | null; kind?: string; history?: { count: number } };
type Values = Record<string, number | string>;
type More = Partial<Pick<SippOptions, 'mediaPort' | 'localHost' | 'remotePort' | 'speech' | 'presses' | 'pressesOf' | 'calls' | 'rate' | 'atOnce'>>;
/** The longest that Asterisk grants a seat (maximum_expiration). */
const registrationSec = 120;

/** What a file finds on the stack it shares with others, whatever those changed: queue, numbers and roles as after a first run. */
const asAfterFirstRun = `update queues set max_waiting = default, ring_timeout_sec = default, wrap_up_sec = default, announce_every_sec = default, strategy = default,
    skills = default, overflow_queue_id = null, overflow_after_sec = null, overflow_waiting = null, hours_code = null, night_queue_id = null,
    callback_offer_after_sec = null, missed_callback_after_sec = null, repeat_within_min = default where id = '12345';
  update numbers set greeting_prompts = default, priority = default;
  update survey_rules set max_lines = 0, windows = default, max_tries = default, link_days = default, reserved_lines = default, trunk_lines = default;
  update users set roles = '{operator}' where login ~ '^operator[0-9]+$'`;

/** The running hotline as its tests use it: phones around it, its API, its rows, its channels. */
export function hotline(ownPlace?: Place) {
  const place = ownPlace ?? placeOfWorker();
  const { env, root, dataDir } = place;
  const first = readFirstRun(dataDir);
  const pool = new pg.Pool({ connectionString: env['DATABASE_URL'] });
  if (!ownPlace) beforeAll(() => pool.query(asAfterFirstRun));
  const origin = `http://127.0.0.1:${env['HOTLINE_HTTP_PORT'] ?? ''}`;
  const phones: Sipp[] = [];
  const occupants = new Map<number, Sipp>();
  const seated = new Map<string, () => Promise<unknown>>();
  const port = phonePorts(place.firstPhone);
  const start = (options: Parameters<typeof startSipp>[1]): Sipp => {
    const phone = startSipp(root, options);
    phones.push(phone);
    return phone;
  };
  /** A phone on a port that others use before and after it: it starts when the one before is done, and is there when this resolves. */
  const occupy = async (options: SippOptions): Promise<Sipp> => {
    await occupants.get(options.localPort)?.done;
    const phone = start(options);
    occupants.set(options.localPort, phone);
    await phone.bound;
    return phone;
  };
  /** Each person logs in once: logins are limited by the minute. */
  const entered = new Map<string, Promise<ApiClient>>();
  const enter = ({ login, password }: { login: string; password: string }): Promise<ApiClient> => {
    const api = new ApiClient(origin);
    const one = entered.get(login) ?? api.logIn(login, password).then(() => api);
    entered.set(login, one);
    return one;
  };
  /** What Asterisk itself says, by ARI. */
  const ari = async <Answer>(path: string, method = 'GET'): Promise<Answer> => {
    const auth = `Basic ${Buffer.from(`${env['ASTERISK_ARI_USER'] ?? ''}:${env['ASTERISK_ARI_PASSWORD'] ?? ''}`).toString('base64')}`;
    const text = await (await fetch(`${env['ASTERISK_ARI_URL'] ?? ''}${path}`, { method, headers: { authorization: auth } })).text();
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  };
  return {
    place, env, dataDir, pool, origin, first,
    /** A port for one more phone. */
    phonePort: port,
    /** A citizen who calls as `caller`. */
    citizen: (scenario: string, caller: string, values: Values = {}, service = '12345', more: More = {}) =>
      start({ scenario, service, remotePort: Number(env['HOTLINE_TRUNK_SIP_PORT']), localPort: port(), values: { CALLER: caller, ...values }, ...more }),
    /** What answers, or not, where calls out go. */
    party: (scenario: string, values: Values = {}, more: More = {}) =>
      occupy({ scenario, service: 'party', remotePort: Number(env['HOTLINE_TRUNK_SIP_PORT']), localPort: Number(env['TEST_TRUNK_PEER_PORT']), values, ...more }),
    /** Operator `index` signs in at seat `index`; its phone plays `scenario` for the next call. */
    seat: async (index: number, scenario: string | null, values: Values = {}, more: More = {}) => {
      const seat = first.seats[index];
      const account = first.operators[index];
      if (!seat || !account) throw new Error('no such seat');
      const own = { service: seat.sipUser, remotePort: Number(env['HOTLINE_SEAT_SIP_PORT']), localPort: port() };
      const credentials = { user: seat.sipUser, password: seat.sipPassword };
      let registeredAt = 0;
      const expiresSec = more.calls ? longSec : registrationSec;
      if (more.calls) await grantLongRegistrations(place, [seat.seat]);
      /** The phone registers for so long, seconds; 0 ends its registration. As a real one it tries again where Asterisk, with much to do, did not take it. */
      const register = (expires = expiresSec) => until(async () => {
        registeredAt = Date.now();
        return (await (await occupy({ scenario: 'seat-register', ...own, ...credentials, values: { EXPIRES: expires } })).done) === 0;
      }, 'the seat can register');
      /** A real phone registers anew in time; ours does so before it is used. */
      const use = async (options: Partial<SippOptions> & Pick<SippOptions, 'scenario'>): Promise<Sipp> => {
        if (Date.now() - registeredAt > (expiresSec * 1000) / 2) await register();
        return occupy({ ...own, ...options });
      };
      const play = (name: string, words: Values = {}) => use({ scenario: name, ...credentials, ...more, values: words });
      const dial = (number: string, name = 'seat-dials') => use({ scenario: name, ...credentials, values: { NUMBER: number } });
      await register();
      const phone = scenario ? await play(scenario, values) : undefined;
      const api = await enter(account);
      const path = `/api/seats/${seat.seat}`;
      const act = (action: string, body?: object) => api.post<SeatView>(`${path}/actions/${action}`, body);
      const state = async () => api.get<SeatView>(path);
      /** The phone registered before the operator comes, so that no call is offered to a phone that is not known yet. */
      await until(async () => (await state()).isRegistered, 'the seat is registered');
      seated.set(seat.seat, () => act('sign_out'));
      await act('sign_in');
      await act('ready');
      return { seatId: seat.seat, api, phone, act, state, register, play, dial };
    },
    /** The call with its legs and durations, as the API shows it. */
    shownCall: (api: ApiClient, callId: string) => api.get<CallView>(`/api/calls/${callId}`),
    /** The call once it is over. */
    endOf: (callId: string) =>
      until(async () => (await query<CallRow>(pool, `select * from calls where id = $1 and state = 'ended'`, [callId]))[0], `the end of call ${callId}`),
    callOf: (caller: string, test: (call: CallRow) => boolean = (call) => call.state === 'ended') =>
      until(async () => (await query<CallRow>(pool, 'select * from calls where caller_number = $1 order by id desc limit 1', [caller])).find(test), `the call of ${caller}`),
    caseOf: async (call: Pick<CallRow, 'caseId'>) =>
      (await query<{ state: string; callbackReason: string | null; number: string; ownerId: string | null }>(pool, 'select * from cases where id = $1', [call.caseId]))[0],
    ari,
    /** Everything that a person's screen is told from now on. */
    listen: async (api: ApiClient) => {
      const events: LiveEvent[] = [];
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/events`, { headers: { cookie: api.cookie } });
      socket.on('message', (data: Buffer) => events.push(JSON.parse(data.toString()) as LiveEvent));
      await until(() => events.some((event) => event.type === 'hello'), 'the socket is open');
      return { events, close: () => socket.close() };
    },
    /** No leg is left behind, in Asterisk or in the rows. */
    quiet: () => until(async () => {
      const channels = await ari<unknown[]>('/channels');
      const legs = await query(pool, `select id from call_legs where state <> 'ended'`);
      return channels.length === 0 && legs.length === 0;
    }, 'no channel and no leg is left'),
    close: async () => {
      for (const phone of phones) phone.stop();
      // Nobody's phone rings in the next file that shares the stack.
      const left = ownPlace ? [] : await query<{ id: string }>(pool, `select id from seats where state <> 'signed_out'`);
      for (const { id } of left) await seated.get(id)?.();
      await pool.end();
    },
  };
}

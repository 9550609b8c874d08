import pg from 'pg';
import { inject } from 'vitest';
import { ApiClient, readFirstRun } from '../../scripts/phones/api-client.ts';
import { startSipp, type Sipp } from '../../scripts/phones/sipp.ts';
import { query } from '../../src/db/query.ts';
import type { Place } from './own-stack.ts';
import { until } from './until.ts';

export type CallRow = { id: string; state: string; outcome: string | null; endedBy: string | null; caseId: string | null; seatId: string | null; queuedAt: Date | null; connectedAt: Date | null };
let nextPort = 26_000;

/** The running hotline as its tests use it: phones around it, its API, its rows, its channels. */
export function hotline(place: Place = inject('place')) {
  const { env, root, dataDir } = place;
  const first = readFirstRun(dataDir);
  const pool = new pg.Pool({ connectionString: env['DATABASE_URL'] });
  const origin = `http://127.0.0.1:${env['HOTLINE_HTTP_PORT'] ?? ''}`;
  const phones: Sipp[] = [];
  const port = (): number => (nextPort += 4);
  const start = (options: Parameters<typeof startSipp>[1]): Sipp => {
    const phone = startSipp(root, options);
    phones.push(phone);
    return phone;
  };
  return {
    env, dataDir, pool, origin, first,
    /** A citizen who calls as `caller`. */
    citizen: (scenario: string, caller: string, values: Record<string, number> = {}, service = '12345') =>
      start({ scenario, service, remotePort: Number(env['HOTLINE_TRUNK_SIP_PORT']), localPort: port(), values: { CALLER: caller, ...values } }),
    /** Operator `index` signs in at seat `index`; its phone plays `scenario` for the next call. */
    seat: async (index: number, scenario: string | null, values: Record<string, number> = {}) => {
      const seat = first.seats[index];
      const account = first.operators[index];
      if (!seat || !account) throw new Error('no such seat');
      const localPort = port();
      const remotePort = Number(env['HOTLINE_SEAT_SIP_PORT']);
      const registered = await start({ scenario: 'seat-register', service: seat.sipUser, user: seat.sipUser, password: seat.sipPassword, remotePort, localPort }).done;
      if (registered !== 0) throw new Error('the seat could not register');
      const phone = scenario ? start({ scenario, service: seat.sipUser, remotePort, localPort, values }) : undefined;
      const api = new ApiClient(origin);
      await api.logIn(account.login, account.password);
      await api.post(`/api/seats/${seat.seat}/actions/sign_in`);
      await api.post(`/api/seats/${seat.seat}/actions/ready`);
      const act = (action: string, body?: object) => api.post<{ state: string }>(`/api/seats/${seat.seat}/actions/${action}`, body);
      const state = async () => api.get<{ state: string; notReadyReason: string | null; isRegistered: boolean }>(`/api/seats/${seat.seat}`);
      await until(async () => (await state()).isRegistered, 'the seat is registered');
      return { seatId: seat.seat, api, phone, act, state };
    },
    callOf: (caller: string, test: (call: CallRow) => boolean = (call) => call.state === 'ended') =>
      until(async () => (await query<CallRow>(pool, 'select * from calls where caller_number = $1 order by id desc limit 1', [caller])).find(test), `the call of ${caller}`),
    caseOf: async (call: CallRow) => (await query<{ state: string; callbackReason: string | null; number: string; ownerId: string | null }>(pool, 'select * from cases where id = $1', [call.caseId]))[0],
    /** No leg is left behind, in Asterisk or in the rows. */
    quiet: () => until(async () => {
      const auth = `Basic ${Buffer.from(`${env['ASTERISK_ARI_USER'] ?? ''}:${env['ASTERISK_ARI_PASSWORD'] ?? ''}`).toString('base64')}`;
      const channels = (await (await fetch(`${env['ASTERISK_ARI_URL'] ?? ''}/channels`, { headers: { authorization: auth } })).json()) as unknown[];
      const legs = await query(pool, `select id from call_legs where state <> 'ended'`);
      return channels.length === 0 && legs.length === 0;
    }, 'no channel and no leg is left'),
    close: async () => {
      for (const phone of phones) phone.stop();
      await pool.end();
    },
  };
}

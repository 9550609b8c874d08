import { beforeAll, expect } from 'vitest';
import type { ApiClient } from '../../scripts/phones/api-client.ts';
import { query } from '../../src/db/query.ts';
import { caseDesk, type Shown } from './case-desk.ts';
import { hotline } from './hotline.ts';
import { ask, type Person } from './people.ts';
import { talks } from './talks.ts';
import { timePasses } from './time-passes.ts';
import { until } from './until.ts';

type Desk = Awaited<ReturnType<typeof caseDesk>>;
type Talk = Awaited<ReturnType<ReturnType<typeof talks>['talk']>>;

/** A citizen's matter from the phone call to the archive: real phones on the real Asterisk, then the case as its people lead it. */
export function story() {
  const city = hotline();
  const { talk } = talks(city);
  const told = {} as Desk;
  beforeAll(async () => {
    Object.assign(told, await caseDesk(city.pool, city.origin));
    await city.pool.query(`update queues set wrap_up_sec = 1; update users set roles = '{operator,callback}' where login = 'operator2'`);
  });

  /** A citizen calls, and an operator answers; `caseId` is the case that the call opened. */
  const call = async (caller: string, seatIndex = 0) => {
    const one = await talk(['citizen-waits'], [seatIndex, 'seat-answers'], caller);
    const { caseId } = await city.callOf(caller, (row) => row.state === 'talking');
    return { ...one, caseId: String(caseId) };
  };
  const edit = async (api: ApiClient, caseId: string, fields: object): Promise<Shown> => {
    const { version } = await api.get<Shown>(`/api/cases/${caseId}`);
    const answer = await api.send('PATCH', `/api/cases/${caseId}`, { version, ...fields });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Shown;
  };
  const act = async (api: ApiClient, caseId: string, path: string, body: object = {}): Promise<Shown> => {
    const { version } = await api.get<Shown>(`/api/cases/${caseId}`);
    return api.post<Shown>(`/api/cases/${caseId}/${path}`, { version, ...body });
  };
  const anyDistrict = async (): Promise<string> => (await query<{ code: string }>(city.pool, 'select code from districts order by position limit 1'))[0]?.code ?? '';
  /** The call is over, and everything of it is kept: who spoke, how long, and the recording. */
  const hungUp = async (one: Talk): Promise<void> => {
    await one.hangUp();
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered' });
    await until(async () => (await query(city.pool, 'select call_id from recordings where call_id = $1 and stored_at is not null', [one.callId])).length === 1, 'the recording is stored');
  };

  return {
    city, told, call, edit, act, hungUp,
    /** A citizen calls and tells what is the matter; the operator writes it down and saves it for dispatch while they talk. Gives the case. */
    tells: async (caller: string, fields: object): Promise<string> => {
      const one = await call(caller);
      await edit(one.desk.api, one.caseId, { type: 'help', categoryCode: 'city-road', districtCode: await anyDistrict(), ...fields });
      await act(one.desk.api, one.caseId, 'actions/save_for_dispatch');
      await hungUp(one);
      return one.caseId;
    },
    /** Somebody of the callback group calls the citizen about the case, talks, and says what came of it. */
    callsBack: async (caseId: string, outcome: 'close' | 'rework', body: object = {}): Promise<Shown> => {
      const caller = await city.seat(1, 'seat-answers');
      await city.party('seat-answers');
      const { callId } = await caller.api.post<{ callId: string }>('/api/calls', { caseId });
      await until(async () => (await query(city.pool, `select id from calls where id = $1 and state = 'talking'`, [callId])).length === 1, 'the citizen is called back');
      const shown = await act(caller.api, caseId, `acts/${outcome}`, body);
      await caller.api.post(`/api/calls/${callId}/hang-up`);
      await city.endOf(callId);
      await caller.act('sign_out');
      return shown;
    },
    timeline: async (caseId: string, as: Person = told.people.dispatcher): Promise<string[]> =>
      ((await ask(city.origin, 'GET', `/api/cases/${caseId}/events`, { as })).body['items'] as { type: string }[]).map((one) => one.type),
    passes: (caseId: string, interval: string): Promise<void> => timePasses(city.pool, caseId, interval),
    rang: async (caseId: string): Promise<string[]> => (await query<{ kind: string }>(city.pool, 'select kind from case_alarms where case_id = $1 and rung_at is not null order by rung_at, at', [caseId])).map((one) => one.kind),
  };
}

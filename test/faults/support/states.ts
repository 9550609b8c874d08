import { query } from '../../../src/db/query.ts';
import { until } from '../../support/until.ts';
import type { City } from './city.ts';
import { staff, type Phones } from './phones.ts';
import type { Fault, Staged } from './scene.ts';

/** Where the one call of interest is brought into its state, beside the crowd: a seat and numbers of its own. */
type Stage = { readonly city: City; readonly caller: string; readonly answer: (ringMs: number, talkMs: number) => Promise<void> };
type State = {
  readonly name: string;
  /** Brings a call there; its id. */
  readonly reach: (stage: Stage) => Promise<string>;
  /** What somebody does after the fault. */
  readonly goOn?: (stage: Stage) => Promise<unknown>;
  /** How it ends when nothing was lost; `answered` unless told. */
  readonly outcome?: string;
};
const numbers = { greeted: '12347', menu: '12348', direct: '12349' };
const unit = '057188880001';
/** Longer than a service needs to be there again: whoever answers while none is there is hung up on by Asterisk. */
const longRingMs = 25_000;
/** The operator's own phone rings for 20 s at most. */
const longOwnRingMs = 16_000;

/** Calls of the stage, ready before the service starts. */
export const stageRows = (seatId: string): string => `insert into queues (id, name, ring_timeout_sec, wrap_up_sec, announce_every_sec) values ('stage', 'stage', 60, 0, 0);
  update menus set prompts = '{greeting}', timeout_sec = 2, tries = 2 where id = 'main';
  insert into numbers (number, queue_id, greeting_prompts, menu_id) values ('${numbers.greeted}', 'stage', '{recording-notice,greeting}', null),
    ('${numbers.menu}', 'stage', '{}', 'main'), ('${numbers.direct}', 'stage', '{}', null);
  update queue_seats set queue_id = 'stage' where seat_id = '${seatId}'`;

const inState = ({ city, caller }: Stage, state: string): Promise<string> => city.callOf(caller, (call) => call.state === state).then((call) => call.id);

/** A citizen calls and stays until hung up on; the id of the call once it is in `state`. */
async function callTo(stage: Stage, number: string, state: string): Promise<string> {
  stage.city.citizen('citizen-waits', stage.caller, {}, number);
  return inState(stage, state);
}

async function dialOut({ city }: Stage, state: string): Promise<string> {
  const { callId } = await city.stageSeat.api.post<{ callId: string }>('/api/calls', { number: '13911110002' });
  await until(async () => (await query(city.pool, 'select 1 from calls where id = $1 and state = $2', [callId, state])).length, `the call out is ${state}`);
  return callId;
}

const states: readonly State[] = [
  { name: 'greeting', reach: async (stage) => { await stage.answer(300, 2_000); return callTo(stage, numbers.greeted, 'greeting'); } },
  { name: 'menu', reach: async (stage) => { await stage.answer(300, 2_000); return callTo(stage, numbers.menu, 'menu'); } },
  {
    name: 'waiting', reach: async (stage) => {
      await stage.answer(300, 2_000);
      await stage.city.stageSeat.rest();
      return callTo(stage, numbers.direct, 'waiting');
    }, goOn: ({ city }) => city.stageSeat.act('ready'),
  },
  { name: 'ringing', reach: async (stage) => { await stage.answer(longRingMs, 2_000); return callTo(stage, numbers.direct, 'ringing'); } },
  { name: 'talking', reach: async (stage) => { await stage.answer(300, 12_000); return callTo(stage, numbers.direct, 'talking'); } },
  {
    name: 'held', reach: async (stage) => {
      await stage.answer(300, 12_000);
      const callId = await callTo(stage, numbers.direct, 'talking');
      await stage.city.stageSeat.api.post(`/api/calls/${callId}/actions/hold`);
      return callId;
    },
  },
  {
    name: 'three-way', reach: async (stage) => {
      const { city } = stage;
      await stage.answer(300, 20_000);
      await city.party('seat-answers');
      const callId = await callTo(stage, numbers.direct, 'talking');
      await city.stageSeat.api.post(`/api/calls/${callId}/actions/consult`, { target: { number: unit } });
      await until(async () => (await query(city.pool, `select 1 from call_legs where call_id = $1 and role = 'unit' and state = 'up'`, [callId])).length, 'the unit answers');
      await city.stageSeat.api.post(`/api/calls/${callId}/actions/join`);
      return callId;
    }, goOn: async ({ city, caller }) => {
      const { id } = await city.callOf(caller, () => true);
      await until(async () => (await city.ari<{ channels?: string[] }>(`/bridges/${id}`)).channels?.length === 3, 'the three hear each other');
      await city.stageSeat.api.post(`/api/calls/${id}/hang-up`);
    },
  },
  {
    name: 'transferring', reach: async (stage) => {
      await stage.answer(300, 60_000);
      await stage.city.party('seat-answers', { RING_MS: longRingMs });
      stage.city.citizen('citizen-hangs-up', stage.caller, { TALK_MS: longRingMs + 6_000 }, numbers.direct);
      const callId = await inState(stage, 'talking');
      await stage.city.stageSeat.api.post(`/api/calls/${callId}/actions/transfer`, { target: { number: unit } });
      return inState(stage, 'transferring');
    },
  },
  { name: 'dialing_seat', reach: async (stage) => { await stage.answer(longOwnRingMs, 4_000); await stage.city.party('seat-answers'); return dialOut(stage, 'dialing_seat'); } },
  { name: 'dialing_party', reach: async (stage) => { await stage.answer(300, longRingMs + 10_000); await stage.city.party('seat-answers', { RING_MS: longRingMs }); return dialOut(stage, 'dialing_party'); } },
  {
    name: 'dismissing', outcome: 'nobody_signed_in', reach: async (stage) => {
      await stage.city.stageSeat.act('sign_out');
      return callTo(stage, numbers.direct, 'dismissing');
    }, goOn: ({ city }) => city.stageSeat.act('sign_in'),
  },
  {
    name: 'confirming', reach: async (stage) => {
      const { city } = stage;
      await stage.answer(300, 20_000);
      await city.stageSeat.rest();
      await city.pool.query(`update queues set callback_offer_after_sec = 1 where id = 'stage'`);
      await city.citizen('citizen-presses', stage.caller, {}, numbers.direct).done;
      await city.pool.query(`update queues set callback_offer_after_sec = null where id = 'stage'`);
      await city.party('phone-presses', { KEY_MS: 5_000, FIRST_KEY: 5, SECOND_KEY: 1 });
      await city.stageSeat.act('ready');
      return until(async () => (await query<{ id: string }>(city.pool, `select id from calls where called_number = $1 and state = 'confirming'`, [stage.caller]))[0]?.id, 'the citizen is asked to press 1');
    },
  },
];

async function stageCall(city: City, caller: string, { name, reach, goOn, outcome = 'answered' }: State): Promise<Staged> {
  const phones: Phones[] = [];
  const stage: Stage = { city, caller, answer: async (RING_MS, TALK_MS) => { phones.push(await staff(city, [city.stageSeat], { RING_MS, TALK_MS })); } };
  const callId = await reach(stage);
  return {
    end: async () => {
      await goOn?.(stage);
      const call = await city.endOf(callId);
      for (const one of phones) one.close();
      return call.outcome === outcome ? [] : [`the call that was ${name} ended as ${String(call.outcome)}`];
    },
  };
}

/** The service dies while a call is in each of its states; it is the same call afterwards, and goes on as it would have. */
export const killsInEachState: readonly Fault[] = states.map((state) => ({
  name: `kill -9 while a call is ${state.name}`, crowd: { callers: 6, impatient: 0, talkMs: 4_000 },
  stage: (city, caller) => stageCall(city, caller, state),
  strike: async ({ kill, start }) => { await kill('service'); await start('service'); },
}));

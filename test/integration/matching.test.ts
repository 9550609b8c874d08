import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { applyCallEvent } from '../../src/calls/apply-call-event.ts';
import type { CallEvent } from '../../src/calls/call-event.ts';
import { matchCalls } from '../../src/calls/waiting/match-calls.ts';
import { planMatches, type FreeSeat, type Match, type Strategy, type WaitingCall } from '../../src/calls/waiting/match-rules.ts';
import { offerCall } from '../../src/calls/inbound/offer-call.ts';
import { passOnWaiting } from '../../src/calls/waiting/pass-on.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import { createLogger } from '../../src/log.ts';
import { applySeatEvent } from '../../src/seats/apply-seat-event.ts';
import { insertSeat } from '../../src/seats/queries.ts';
import { fakeTelephony, type FakeOptions, type FakeTelephony } from '../support/fake-telephony.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { until } from '../support/until.ts';

const seatCount = 30;
const seatId = (index: number): string => String(8100 + index);

describe('matching waiting callers with ready seats, many at once', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  const failures: unknown[] = [];
  const log = createLogger('silent');
  vi.spyOn(log, 'error').mockImplementation((...args: unknown[]) => { failures.push(args); });
  const config = { HOTLINE_AREA_CODE: '0571', HOTLINE_RECORDINGS_DIR: tmpdir() } as Deps['config'];
  const makeDeps = (telephony: FakeTelephony): Deps =>
    ({ config, log, pool: db.pool, telephony, jobs: { wake: () => Promise.resolve() }, now: () => new Date() });

  beforeAll(async () => {
    db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    await db.pool.query('update queues set max_waiting = 1000, wrap_up_sec = 0, announce_every_sec = 0');
    for (let index = 0; index < seatCount; index += 1) {
      await transaction(db.pool, (tx) => insertSeat(tx, { id: seatId(index), sipDigest: '', queueIds: ['12345'] }, new Date()));
      const operatorId = uuid();
      await db.pool.query(`insert into users (id, login, display_name, password_hash, roles) values ($1, $2, 'n', '', '{operator}')`, [operatorId, `op${index}`]);
      await db.pool.query(`update seats set operator_id = $2, state = 'ready', idle_since = now(), is_registered = true where id = $1`, [seatId(index), operatorId]);
    }
  });
  /** Callers who find no telephone system wait, whoever is free: then it comes back, and they are matched. */
  const whileAway = async <T>(telephony: FakeTelephony, work: () => Promise<T>): Promise<T> => {
    telephony.isThere = false;
    const result = await work();
    telephony.isThere = true;
    return result;
  };
  /** Three queues more, each with a strategy of its own; every seat serves two of the four, every third speaks English. */
  const openQueues = async () => {
    await db.pool.query(`insert into queues (id, name, max_waiting, wrap_up_sec, announce_every_sec, strategy, skills, overflow_queue_id, overflow_after_sec) values
      ('turns', 't', 1000, 0, 0, 'round_robin', '[]', null, null), ('english', 'e', 1000, 0, 0, 'skill_first', '[{"skillCode":"english","minLevel":2}]', 'turns', 1),
      ('known', 'k', 1000, 0, 0, 'last_operator_first', '[]', 'english', 1)`);
    await db.pool.query(`insert into numbers (number, queue_id, greeting_prompts, priority) values ('80001', 'turns', '{}', 0), ('80002', 'english', '{}', 2), ('80003', 'known', '{}', 1)`);
    await db.pool.query(`insert into queue_seats select case id::int % 3 when 0 then 'turns' when 1 then 'english' else 'known' end, id from seats`);
    await db.pool.query(`insert into operator_skills (operator_id, skills) select operator_id, jsonb_build_array(jsonb_build_object('skillCode', 'english', 'level', 1 + id::int % 4))
      from seats where id::int % 3 = 1`);
  };
  const closeQueues = async () => {
    await db.pool.query(`delete from numbers where queue_id <> '12345'`);
    await db.pool.query(`delete from queues where id <> '12345'`);
    await db.pool.query('delete from operator_skills');
  };
  beforeEach(async () => {
    failures.length = 0;
    await db.pool.query(`update seats set state = 'ready', call_id = null, not_ready_reason = null, is_registered = true`);
    for (const table of ['seat_events', 'call_events', 'call_legs', 'recordings']) await db.pool.query(`delete from ${table}`);
    await db.pool.query('update cases set call_id = null');
    await db.pool.query('delete from calls');
    await closeQueues();
    // The seat that became idle last stands first, so that only the right order gives the right seat.
    await db.pool.query(`update seats set idle_since = now() - make_interval(secs => id::int)`);
  });
  afterAll(() => db.close());

  it('gives the longest idle seats to those who have waited longest, however many match at once', async () => {
    const telephony = fakeTelephony({ tell: () => undefined, onDialed: () => undefined });
    const deps = makeDeps(telephony);
    const citizens = Array.from({ length: 200 }, () => uuid());
    await db.pool.query(`update numbers set greeting_prompts = '{}'`);
    await whileAway(telephony, () => Promise.all(citizens.map((channelId) => offerCall(deps, { channelId, calledNumber: '12345', callerRaw: '' }))));
    await Promise.all((await processes(8)).map((matchInProcess) => matchInProcess(deps)));
    const waitedLongest = await query<{ id: string }>(db.pool, 'select id from calls order by queued_at, id limit $1', [seatCount]);
    const matched = await query<{ callId: string; seatId: string }>(db.pool,
      `select call_id, data->>'seatId' as seat_id from call_events where type = 'matched' order by id`);
    expect(matched.map((row) => row.callId)).toEqual(waitedLongest.map((row) => row.id));
    expect(matched.map((row) => row.seatId)).toEqual(Array.from({ length: seatCount }, (_, index) => seatId(seatCount - 1 - index)));
    await until(() => telephony.channels.size === seatCount, 'every matched seat rings');
    expect(failures).toEqual([]);
  });

  it('gives each caller of each queue the seat that one plan over all of them gives, however many processes match at once', async () => {
    await openQueues();
    const telephony = fakeTelephony({ tell: () => undefined, onDialed: () => undefined });
    const deps = makeDeps(telephony);
    await db.pool.query(`update numbers set greeting_prompts = '{}'`);
    // The number decides the queue and the priority, the caller the operator spoken with before.
    const spoken = await query<{ id: string; operatorId: string }>(db.pool, `select id, operator_id from seats where id = '8105'`);
    await whileAway(telephony, () => offerCall(deps, { channelId: uuid(), calledNumber: '80003', callerRaw: '13800008000' }));
    await db.pool.query(`insert into call_legs (id, call_id, role, seat_id, operator_id, state, started_at, answered_at, ended_at) select 'spoken', id, 'operator', $1, $2, 'ended', now(), now(), now() from calls`,
      [spoken[0]?.id, spoken[0]?.operatorId]);
    await db.pool.query(`update calls set state = 'ended', outcome = 'answered', ended_at = now()`);
    for (const [index, number] of Array.from({ length: 60 }, (_, place) => ['12345', '80001', '80002', '80003'][place % 4] ?? '').entries()) {
      await whileAway(telephony, () => offerCall(deps, { channelId: uuid(), calledNumber: number, callerRaw: index === 59 ? '13800008000' : '' }));
    }
    const rows = await query<{ id: string; queueId: string; callerNumber: string | null }>(db.pool, `select id, queue_id, caller_number from calls where state = 'waiting'
      order by case called_number when '80002' then 2 when '80003' then 1 else 0 end desc, queued_at, id`);
    const strategies: Record<string, Strategy> = { 12345: 'longest_idle', turns: 'round_robin', english: 'skill_first', known: 'last_operator_first' };
    const calls = rows.map((row): WaitingCall => ({ id: row.id, queueId: row.queueId, strategy: strategies[row.queueId] ?? 'longest_idle',
      demand: row.queueId === 'english' ? [{ skillCode: 'english', minLevel: 2 }] : [], lastOperatorId: row.callerNumber ? spoken[0]?.operatorId ?? null : null }));
    const seats = (await query<{ id: string; operatorId: string; idleSince: Date }>(db.pool, 'select id, operator_id, idle_since from seats')).map((seat): FreeSeat => ({
      ...seat, answeredToday: 0, leadsQueueIds: [], queueIds: ['12345', ['turns', 'english', 'known'][Number(seat.id) % 3] ?? ''],
      skills: Number(seat.id) % 3 === 1 ? [{ skillCode: 'english', level: 1 + (Number(seat.id) % 4) }] : [] }));
    await Promise.all((await processes(6)).map((matchInProcess) => matchInProcess(deps)));
    const matched = await query<Match>(db.pool, `select call_id, data->>'seatId' as seat_id from call_events where type = 'matched' order by id`);
    expect(matched.length).toBeGreaterThan(20);
    expect(matched).toEqual(planMatches(calls, seats, new Map()));
    expect(failures).toEqual([]);
  });

  it('waits for the first caller when an event holds that call, and passes over a seat without a phone', async () => {
    const telephony = fakeTelephony({ tell: () => undefined, onDialed: () => undefined });
    const deps = makeDeps(telephony);
    await db.pool.query(`update seats set state = 'not_ready', not_ready_reason = 'break' where id not in ($1, $2)`, [seatId(0), seatId(1)]);
    await db.pool.query('update seats set is_registered = id <> $1', [seatId(1)]);
    for (const channelId of [uuid(), uuid()]) await whileAway(telephony, () => offerCall(deps, { channelId, calledNumber: '12345', callerRaw: '' }));
    const [first] = await query<{ id: string }>(db.pool, 'select id from calls order by queued_at, id');
    const holder = await db.pool.connect();
    await holder.query('begin');
    await holder.query('select 1 from calls where id = $1 for update', [first?.id]);
    const matching = matchCalls(deps);
    await until(async () => (await db.pool.query('select 1 from pg_locks where not granted')).rowCount, 'the matcher waits for the row');
    await holder.query('commit');
    holder.release();
    await matching;
    await db.pool.query('update seats set is_registered = true');
    const ringing = await query(db.pool, `select id, seat_id from calls where state = 'ringing'`);
    expect(ringing).toEqual([{ id: first?.id, seatId: seatId(0) }]);
    expect(failures).toEqual([]);
  });

  it('gives the next seat to the first caller, not to the second, when the seat of the first is gone as it is taken', async () => {
    const telephony = fakeTelephony({ tell: () => undefined, onDialed: () => undefined });
    const deps = makeDeps(telephony);
    await db.pool.query(`update numbers set greeting_prompts = '{}'`);
    await db.pool.query(`update seats set state = 'not_ready', not_ready_reason = 'break' where id not in ($1, $2)`, [seatId(0), seatId(1)]);
    for (const channelId of [uuid(), uuid()]) await whileAway(telephony, () => offerCall(deps, { channelId, calledNumber: '12345', callerRaw: '' }));
    const [first] = await query<{ id: string }>(db.pool, 'select id from calls order by queued_at, id');
    const holder = await db.pool.connect();
    await holder.query('begin');
    await holder.query(`update seats set state = 'not_ready', not_ready_reason = 'break' where id = $1`, [seatId(1)]);
    const matching = matchCalls(deps);
    await until(async () => (await db.pool.query('select 1 from pg_locks where not granted')).rowCount, 'the matcher waits for the longest idle seat');
    await holder.query('commit');
    holder.release();
    await matching;
    expect(await query(db.pool, `select id, seat_id from calls where state = 'ringing'`)).toEqual([{ id: first?.id, seatId: seatId(0) }]);
    expect(failures).toEqual([]);
  });

  it('gives whoever comes alone the longest idle seat at once, but nobody before those who wait, and waits for no seat that is held', async () => {
    const telephony = fakeTelephony({ tell: () => undefined, onDialed: () => undefined });
    const deps = makeDeps(telephony);
    await db.pool.query(`update numbers set greeting_prompts = '{}'`);
    const arrive = async (): Promise<string> => {
      const channelId = uuid();
      await offerCall(deps, { channelId, calledNumber: '12345', callerRaw: '' });
      return channelId;
    };
    const stateOf = async (channelId: string) =>
      (await query<{ state: string; seatId: string | null }>(db.pool, 'select c.state, c.seat_id from calls c join call_legs l on l.call_id = c.id where l.id = $1', [channelId]))[0];
    expect(await stateOf(await arrive())).toEqual({ state: 'ringing', seatId: seatId(seatCount - 1) });
    expect(telephony.channels.size).toBe(1);
    // Somebody is about to take the seat that is next: the newcomer does not wait for that, and is matched like any other.
    const holder = await db.pool.connect();
    await holder.query('begin');
    await holder.query('select 1 from seats where id = $1 for update', [seatId(seatCount - 2)]);
    const second = await arrive();
    expect(await stateOf(second)).toEqual({ state: 'waiting', seatId: null });
    const third = await arrive();
    expect(await stateOf(third)).toEqual({ state: 'waiting', seatId: null });
    await holder.query('rollback');
    holder.release();
    await matchCalls(deps);
    expect(await stateOf(second)).toEqual({ state: 'ringing', seatId: seatId(seatCount - 2) });
    expect(await stateOf(third)).toEqual({ state: 'ringing', seatId: seatId(seatCount - 3) });
    expect(failures).toEqual([]);
  });

  it('never gives a seat two calls or a call two seats, whoever answers, refuses or leaves, told twice and by two processes', async () => {
    await openQueues();
    await db.pool.query(`update numbers set greeting_prompts = '{greeting}'`);
    // A second copy of the door, with a queue of events of its own, as another process has.
    vi.resetModules();
    await import('../support/identity-key.ts');
    const other = (await import('../../src/calls/apply-call-event.ts')).applyCallEvent;
    const matchers = await processes(3);
    const working = new Set<Promise<unknown>>();
    const track = (work: Promise<unknown>): void => {
      working.add(work);
      void work.catch((error: unknown) => failures.push(error)).finally(() => working.delete(work));
    };
    const soon = (act: () => void): void => track(pause(Math.random() * 40).then(act));
    const tell = (callId: string, event: CallEvent): void => soon(() => track((Math.random() < 0.5 ? applyCallEvent : other)(deps, callId, event)));
    const onDialed: FakeOptions['onDialed'] = ({ channelId, callId, answer, refuse }) => soon(() => {
      const fate = Math.random();
      if (fate < 0.15) return refuse(21);
      if (fate < 0.25) return refuse(19);
      answer();
      if (fate < 0.7) soon(() => telephony.leave(channelId, callId, 16));
    });
    const telephony = fakeTelephony({ tell, onDialed });
    const deps = makeDeps(telephony);
    const arrive = (): void => {
      const channelId = uuid();
      telephony.arrive(channelId);
      track(offerCall(deps, { channelId, calledNumber: ['12345', '80001', '80002', '80003'][citizens.length % 4] ?? '', callerRaw: '' }));
      citizens.push(channelId);
    };
    const citizens: string[] = [];
    for (let count = 0; count < 250; count += 1) soon(arrive);
    const isOver = async (): Promise<boolean> => {
      for (const matchInProcess of matchers) track(matchInProcess(deps));
      track(passOnWaiting(deps));
      // A citizen now and then loses patience, wherever the call stands.
      const leaving = citizens[Math.floor(Math.random() * citizens.length)];
      const [leg] = await query<{ callId: string }>(db.pool, 'select call_id from call_legs where id = $1', [leaving]);
      if (leaving && leg) telephony.leave(leaving, leg.callId, 16);
      for (const seat of await query<{ id: string }>(db.pool, `select id from seats where state = 'not_ready'`)) {
        await transaction(db.pool, (tx) => applySeatEvent(deps, tx, seat.id, { type: 'ready' }, new Date()));
      }
      const live = await query(db.pool, `select 1 from calls where state <> 'ended' limit 1`);
      return citizens.length === 250 && live.length === 0 && working.size === 0;
    };
    for (const end = Date.now() + 250_000; !(await isOver()) && Date.now() < end;) await pause(10);

    expect(await query(db.pool, `select state, count(*) from calls group by 1`)).toEqual([{ state: 'ended', count: 250 }]);
    expect(await query(db.pool, `select state, call_id from seats where state not in ('ready', 'not_ready')`)).toEqual([]);
    expect([...telephony.channels.keys()]).toEqual([]);
    expect(await query(db.pool, `select id from call_legs where state <> 'ended'`)).toEqual([]);
    const inUse = new Map<string, string>();
    for (const step of await query<SeatStep>(db.pool, 'select seat_id, event, call_id, to_state from seat_events order by id')) {
      if (step.event === 'reserve') expect(inUse.has(step.seatId)).toBe(false);
      if (step.callId) expect(step.event === 'reserve' || inUse.get(step.seatId) === step.callId).toBe(true);
      if (step.toState === 'ready' || step.toState === 'not_ready') inUse.delete(step.seatId);
      else if (step.callId) inUse.set(step.seatId, step.callId);
    }
    const answered = await query<{ legs: number }>(db.pool, `select count(*) as legs from call_legs
      where role = 'operator' and answered_at is not null group by call_id`);
    expect(answered.every((row) => row.legs === 1)).toBe(true);
    expect(answered.length).toBeGreaterThan(20);
    const unfit = await query(db.pool, `select l.call_id from call_legs l join calls c on c.id = l.call_id join queues q on q.id = c.queue_id
      left join operator_skills k on k.operator_id = l.operator_id where l.answered_at is not null and l.role = 'operator'
      and (not exists (select 1 from queue_seats m where m.queue_id = c.queue_id and m.seat_id = l.seat_id) or not meets_demand(k.skills, q.skills))`);
    expect(unfit).toEqual([]);
    expect(await query(db.pool, 'select deadlocks from pg_stat_database where datname = current_database()')).toEqual([{ deadlocks: 0 }]);
    expect(failures).toEqual([]);
  });
});

/** Copies of the matching with a turn of their own each, as so many processes have. */
async function processes(count: number): Promise<(typeof matchCalls)[]> {
  const copies: (typeof matchCalls)[] = [];
  for (let copy = 0; copy < count; copy += 1) {
    vi.resetModules();
    await import('../support/identity-key.ts');
    copies.push((await import('../../src/calls/waiting/match-calls.ts')).matchCalls);
  }
  return copies;
}

type SeatStep = { readonly seatId: string; readonly event: string; readonly callId: string | null; readonly toState: string };

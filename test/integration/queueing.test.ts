import { tmpdir } from 'node:os';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { announceDuePositions } from '../../src/calls/waiting/announce-position.ts';
import { applyCallEvent } from '../../src/calls/apply-call-event.ts';
import { inOrder } from '../../src/calls/in-order.ts';
import { matchCalls } from '../../src/calls/waiting/match-calls.ts';
import { offerCall } from '../../src/calls/inbound/offer-call.ts';
import { passOnWaiting } from '../../src/calls/waiting/pass-on.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import { createLogger } from '../../src/log.ts';
import { insertSeat } from '../../src/seats/queries.ts';
import { fakeTelephony } from '../support/fake-telephony.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { until } from '../support/until.ts';

type Row = { id: string; state: string; outcome: string | null; queueId: string | null; caseId: string | null; priority: number; queuePath: string[]; queuedAt: Date | null;
  overflowAt: Date | null; seatId: string | null };
/** Wednesday, 10:00 in China, an ordinary working day. */
const wednesday = new Date('2026-11-25T02:00:00Z');

describe('callers in queues', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  let clock = wednesday;
  const played: string[] = [];
  const log = createLogger('silent');
  const warned = vi.spyOn(log, 'warn');
  const fake = fakeTelephony({ tell: (callId, event) => void applyCallEvent(deps, callId, event), onDialed: () => undefined });
  const telephony = { ...fake, play: async (channelId: string, playbackId: string, prompts: readonly string[]) => {
    played.push(...prompts);
    await fake.play(channelId, playbackId, prompts);
  } };
  const jobs = { wake: () => Promise.resolve() };
  const config = { HOTLINE_AREA_CODE: '0571', HOTLINE_RECORDINGS_DIR: tmpdir() } as Deps['config'];
  const deps: Deps = { config, log, jobs, telephony, get pool() { return db.pool; }, now: () => clock };
  const run = (text: string, values: unknown[] = []) => db.pool.query(text, values);
  const wait = (seconds: number): void => { clock = new Date(clock.getTime() + seconds * 1000); };
  const rowOf = async (channelId: string): Promise<Row> => {
    const [row] = await query<Row>(db.pool, 'select c.* from calls c join call_legs l on l.call_id = c.id where l.id = $1', [channelId]);
    if (!row) throw new Error('no such call');
    return row;
  };
  /** A citizen calls; the row as it is once the call waits or is over. */
  const call = async (caller = '', number = '12345'): Promise<Row & { channelId: string }> => {
    const channelId = uuid();
    fake.arrive(channelId);
    await offerCall(deps, { channelId, calledNumber: number, callerRaw: caller });
    await until(async () => ['waiting', 'ringing', 'ended'].includes((await rowOf(channelId)).state), 'the caller waits, has a seat or is gone');
    wait(1);
    return { ...await rowOf(channelId), channelId };
  };
  const again = async (one: { channelId: string }): Promise<Row> => rowOf(one.channelId);
  const hangUp = (one: { id: string; channelId: string }) => applyCallEvent(deps, one.id, { type: 'leg_ended', legId: one.channelId, cause: 16 });
  const seat = async (id: string, queueIds: string[], skills: object[] = []) => {
    const operatorId = uuid();
    await transaction(db.pool, (tx) => insertSeat(tx, { id, sipDigest: '', queueIds }, clock));
    await run(`insert into users (id, login, display_name, password_hash, roles) values ($1, $2, 'n', '', '{operator}')`, [operatorId, `op-${operatorId}`]);
    await run('insert into operator_skills (operator_id, skills) values ($1, $2)', [operatorId, JSON.stringify(skills)]);
    await run(`update seats set operator_id = $2, state = 'not_ready', not_ready_reason = 'break', is_registered = true where id = $1`, [id, operatorId]);
    return { id, operatorId, ready: (idleSec: number) => run(`update seats set state = 'ready', not_ready_reason = null, idle_since = $2 where id = $1`,
      [id, new Date(clock.getTime() - idleSec * 1000)]) };
  };
  const hops = (callId: string) => query<{ data: unknown }>(db.pool, `select data from call_events where call_id = $1 and type = 'queue_passed_on' order by id`, [callId]);

  beforeAll(async () => { db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? ''); });
  beforeEach(async () => {
    clock = wednesday;
    played.length = 0;
    await run(`update seats set call_id = null, state = 'signed_out', operator_id = null, not_ready_reason = null, wrap_up_until = null`);
    await run('update cases set call_id = null');
    for (const table of ['call_events', 'call_legs', 'call_talks', 'recordings', 'seat_events', 'calls', 'seats', 'caller_rules']) await run(`delete from ${table}`);
    await run(`update queues set overflow_queue_id = null, overflow_after_sec = null, overflow_waiting = null, hours_code = null, night_queue_id = null, skills = '[]',
      repeat_within_min = 0, announce_every_sec = 0, max_waiting = 200, strategy = 'longest_idle'`);
    await run(`insert into queues (id, name, announce_every_sec) values ('second', 's', 0), ('third', 't', 0) on conflict do nothing`);
    await run(`update numbers set greeting_prompts = '{}'`);
  });
  /** Effects and what they lead to take their turns by themselves: the next test begins when they are over. */
  afterEach(async () => {
    const calls = await query<{ id: string }>(db.pool, 'select id from calls');
    for (let round = 0; round < 3; round += 1) await Promise.all(calls.map(({ id }) => inOrder(id, async () => undefined)));
  });
  afterAll(() => db.close());

  it('hears that the number is blocked, until that ends; without case, without queue', async () => {
    await seat('8101', ['12345']);
    await run(`insert into caller_rules (number, treatment, reason, ends_at) values ('13800001111', 'blocked', '骚扰', $1)`, [new Date(clock.getTime() + 3_600_000)]);
    expect(await call('+86 138-0000-1111')).toMatchObject({ state: 'ended', outcome: 'blocked', caseId: null, queueId: null });
    expect(played).toEqual(['blocked']);
    wait(3_600);
    expect(await call('013800001111')).toMatchObject({ state: 'waiting', queueId: '12345' });
    expect((await call('13800002222')).state).toBe('waiting');
  });

  it('is served by priority: the number dialled, the urgent caller, whoever called in vain; then by time', async () => {
    const first = await seat('8101', ['12345']);
    await run(`update queues set repeat_within_min = 10 where id = '12345'`);
    await run(`insert into numbers (number, queue_id, greeting_prompts, priority) values ('80001', '12345', '{}', 3) on conflict do nothing`);
    await run(`insert into caller_rules (number, treatment, reason) values ('13800007777', 'urgent', '医院')`);
    await hangUp(await call('13800005555'));
    const ordinary = await call('13800003333');
    const repeat = await call('13800005555');
    const urgent = await call('13800007777');
    const line = await call('13800004444', '80001');
    expect([ordinary, repeat, urgent, line].map((one) => one.priority)).toEqual([0, 2, 7, 3]);
    wait(601);
    expect((await call('13800005555')).priority).toBe(0);
    for (const expected of [urgent, line, repeat, ordinary]) {
      await first.ready(5);
      await matchCalls(deps);
      expect((await again(expected))).toMatchObject({ state: 'ringing', seatId: '8101' });
      await hangUp(expected);
    }
  });

  it('goes to the overflow queue when so many wait, and back to the long one when nobody is there', async () => {
    await seat('8101', ['12345']);
    await run(`update queues set overflow_queue_id = 'second', overflow_waiting = 1 where id = '12345'`);
    const one = await call();
    const kept = await call();
    expect([one.queueId, kept.queueId]).toEqual(['12345', '12345']);
    await seat('8102', ['second']);
    const passed = await call();
    expect(passed).toMatchObject({ state: 'waiting', queueId: 'second', queuePath: ['12345'] });
    expect(await hops(passed.id)).toEqual([{ data: { from: '12345', to: 'second', reason: 'many_waiting' } }]);
  });

  it('is refused by a full queue without overflow, as one whom nobody called back yet', async () => {
    await seat('8101', ['12345']);
    await run(`update queues set max_waiting = 0 where id = '12345'`);
    const refused = await call();
    expect(refused).toMatchObject({ state: 'ended', outcome: 'queue_full' });
    expect(await query(db.pool, 'select state from cases where id = $1', [refused.caseId])).toEqual([{ state: 'callback' }]);
  });

  it('goes on after the time the queue sets, keeps place and priority, and never in a circle', async () => {
    await seat('8101', ['12345', 'second']);
    await run(`update queues set overflow_queue_id = case id when '12345' then 'second' else '12345' end, overflow_after_sec = 60 where id in ('12345', 'second')`);
    const one = await call();
    wait(58);
    await passOnWaiting(deps);
    expect((await again(one)).queueId).toBe('12345');
    wait(2);
    await passOnWaiting(deps);
    expect(await again(one)).toMatchObject({ queueId: 'second', queuePath: ['12345'], queuedAt: one.queuedAt, priority: one.priority, overflowAt: null });
    wait(600);
    await passOnWaiting(deps);
    expect((await again(one)).queueId).toBe('second');
    expect(await hops(one.id)).toEqual([{ data: { from: '12345', to: 'second', reason: 'waited_long' } }]);
  });

  it('is not left waiting for a skill that nobody has: on to the overflow queue, or a message', async () => {
    await seat('8101', ['12345'], [{ skillCode: 'english', level: 2 }]);
    await run(`update queues set skills = '[{"skillCode":"english","minLevel":3}]' where id = '12345'`);
    expect(await call()).toMatchObject({ outcome: 'nobody_signed_in' });
    expect(played).toEqual(['nobody-signed-in']);
    await seat('8102', ['second']);
    await run(`update queues set overflow_queue_id = 'second' where id = '12345'`);
    expect(await call()).toMatchObject({ state: 'waiting', queueId: 'second' });
    await run(`update queues set skills = '[{"skillCode":"english","minLevel":2}]' where id = '12345'`);
    expect(await call()).toMatchObject({ state: 'waiting', queueId: '12345' });
  });

  it('hears that nobody is there when the last one signs out for longer than a change of shift', async () => {
    const one = await seat('8101', ['12345']);
    const caller = await call();
    // A call back has no citizen on the line yet: there is nobody to tell, and the promise stands.
    await run(`insert into calls (id, direction, state, called_number, caller_kind, queue_id, case_id, offered_at, queued_at)
      select $1, 'outbound', 'waiting', '13800001111', 'unknown', '12345', case_id, $2, $2 from calls where id = $3`, [uuid(), clock, caller.id]);
    const signIn = (is: boolean) => run(`update seats set state = $2, operator_id = $3, not_ready_reason = $4 where id = $1`,
      [one.id, is ? 'not_ready' : 'signed_out', is ? one.operatorId : null, is ? 'break' : null]);
    await signIn(false);
    await passOnWaiting(deps);
    wait(59);
    await passOnWaiting(deps);
    await signIn(true);
    await passOnWaiting(deps);
    wait(30);
    await signIn(false);
    await passOnWaiting(deps);
    wait(59);
    await passOnWaiting(deps);
    expect((await again(caller)).state).toBe('waiting');
    wait(2);
    await passOnWaiting(deps);
    await until(async () => (await again(caller)).state === 'ended', 'the call is over');
    expect((await again(caller)).outcome).toBe('nobody_signed_in');
    expect(await query(db.pool, `select state from calls where direction = 'outbound'`)).toEqual([{ state: 'waiting' }]);
  });

  it('comes when the hotline is open: by the official calendar, to night duty, or to a message', async () => {
    await seat('8101', ['12345']);
    await seat('8102', ['second']);
    await run(`insert into opening_hours (code, name_zh, name_en, workday, restday) values ('office', '办公', 'Office', '[{"from":"08:30","to":"17:30"}]', '[]') on conflict do nothing`);
    await run(`update queues set hours_code = 'office' where id = '12345'`);
    const at = async (moment: string) => {
      clock = new Date(moment);
      return (await call()).outcome ?? 'waits';
    };
    expect(await at('2026-11-25T02:00:00Z')).toBe('waits');
    expect(await at('2026-11-25T00:29:00Z')).toBe('closed');
    // A Sunday on which people work, and a Thursday on which they do not.
    expect(await at('2026-09-20T02:00:00Z')).toBe('waits');
    expect(await at('2026-10-01T02:00:00Z')).toBe('closed');
    expect(played).toContain('closed');
    expect(await query(db.pool, `select distinct k.state from calls c join cases k on k.id = c.case_id where c.outcome = 'closed'`)).toEqual([{ state: 'callback' }]);
    await run(`update queues set night_queue_id = 'second' where id = '12345'`);
    clock = new Date('2026-10-01T02:00:00Z');
    const night = await call();
    expect(night).toMatchObject({ state: 'waiting', queueId: 'second', queuePath: ['12345'] });
    expect(await hops(night.id)).toEqual([{ data: { from: '12345', to: 'second', reason: 'closed' } }]);
    const flags = () => warned.mock.calls.filter(([fields]) => (fields as { year?: string }).year !== undefined).map(([fields]) => fields);
    expect(flags()).toEqual([]);
    for (const moment of ['2031-05-05T02:00:00Z', '2031-05-06T02:00:00Z']) expect(await at(moment)).toBe('waits');
    expect(flags()).toEqual([{ year: '2031' }]);
  });

  it('counts as answered after an operator spoke with the citizen, also when a failed transfer put the call back', async () => {
    const one = await seat('8101', ['12345']);
    await one.ready(5);
    const caller = await call();
    await matchCalls(deps);
    await until(async () => (await query(db.pool, `select 1 from call_legs where call_id = $1 and role = 'operator'`, [caller.id])).length, 'the seat rings');
    const [leg] = await query<{ id: string }>(db.pool, `select id from call_legs where call_id = $1 and role = 'operator'`, [caller.id]);
    await applyCallEvent(deps, caller.id, { type: 'leg_answered', legId: leg?.id ?? '' });
    wait(90);
    const party = { role: 'unit', seatId: null, operatorId: null, number: '057188880001', directoryCode: null } as const;
    await applyCallEvent(deps, caller.id, { type: 'transfer', legId: 'unit', party });
    await applyCallEvent(deps, caller.id, { type: 'leg_ended', legId: 'unit', cause: 17 });
    expect(await again(caller)).toMatchObject({ state: 'waiting', queuedAt: caller.queuedAt, priority: caller.priority });
    await hangUp(caller);
    expect(await again(caller)).toMatchObject({ state: 'ended', outcome: 'answered' });
    expect(await query(db.pool, 'select state, owner_id from cases where id = $1', [caller.caseId])).toEqual([{ state: 'draft', ownerId: one.operatorId }]);
  });

  it('goes to the operator who answered fewest today in China, where the queue says so', async () => {
    await run(`update queues set strategy = 'fewest_calls' where id = '12345'`);
    const [idle, busy] = [await seat('8101', ['12345']), await seat('8102', ['12345'])];
    const past = await call();
    await hangUp(past);
    // Midnight in China is 16:00 UTC the day before.
    const answered = (operatorId: string, at: string) => run(`insert into call_legs (id, call_id, role, seat_id, operator_id, state, started_at, answered_at, ended_at)
      values ($1, $2, 'operator', '8101', $3, 'ended', $4, $4, $4)`, [uuid(), past.id, operatorId, at]);
    await answered(busy.operatorId, '2026-11-24T15:59:00Z');
    await answered(busy.operatorId, '2026-11-24T15:58:00Z');
    await answered(idle.operatorId, '2026-11-24T16:01:00Z');
    const caller = await call();
    await idle.ready(500);
    await busy.ready(5);
    await matchCalls(deps);
    expect(await again(caller)).toMatchObject({ state: 'ringing', seatId: '8102' });
  });

  it('is told the place by priority, and the minutes from two on, never more than before', async () => {
    const [one, two] = [await seat('8101', ['12345']), await seat('8102', ['12345'])];
    for (const working of [one, two]) await run(`update seats set state = 'wrap_up', not_ready_reason = null, wrap_up_until = $2 where id = $1`, [working.id, new Date('2030-01-01')]);
    await run(`update queues set announce_every_sec = 30, wrap_up_sec = 30 where id = '12345'`);
    await run(`insert into caller_rules (number, treatment, reason) values ('13800007777', 'urgent', '医院')`);
    const ordinary = await call();
    await call('13800007777');
    await run(`update calls set announce_at = null where id <> $1`, [ordinary.id]);
    wait(30);
    await announceDuePositions(deps);
    // Second of two, (2 × 180 s) ÷ 2 seats = 3 minutes.
    expect(played).toEqual(['queue-position-before', 'number-1', 'queue-position-after', 'queue-wait-before', 'number-3', 'queue-wait-after']);
    await run(`update queues set wrap_up_sec = 600 where id = '12345'`);
    wait(31);
    played.length = 0;
    await announceDuePositions(deps);
    expect(played.slice(-2)).toEqual(['number-3', 'queue-wait-after']);
    await run(`update seats set state = 'signed_out', operator_id = null, wrap_up_until = null where id = '8102'`);
    wait(31);
    played.length = 0;
    await announceDuePositions(deps);
    expect(played.slice(-4)).toEqual(['number-2', 'number-10', 'number-5', 'queue-wait-after']);
  });
});

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { listFallbackMembers } from '../support/fallback-members.ts';
import { tone } from '../support/heard.ts';
import { hotline } from '../support/hotline.ts';
import { startOwnStack } from '../support/own-stack.ts';
import { until } from '../support/until.ts';
import { voice } from '../support/voice.ts';

type Seat = Awaited<ReturnType<ReturnType<typeof hotline>['seat']>>;

describe('any part may die: no call and no case is lost', () => {
  let stack: Awaited<ReturnType<typeof startOwnStack>>;
  let city: ReturnType<typeof hotline>;
  const signedIn: Seat[] = [];
  beforeAll(async () => {
    stack = await startOwnStack();
    city = hotline(stack.place);
    city.pool.on('error', () => undefined); // the database is killed on purpose
    await city.pool.query(`update queues set ring_timeout_sec = 10, wrap_up_sec = 600, missed_callback_after_sec = null; update numbers set greeting_prompts = '{number-1}'`);
  });
  afterEach(async () => {
    await city.quiet();
    for (const one of signedIn.splice(0)) {
      one.phone?.stop();
      await until(async () => (await one.act('sign_out').catch(() => null))?.state === 'signed_out', 'the seat signs out');
    }
  });
  afterAll(async () => {
    await city.close();
    await stack.stop();
  });

  const seat = async (...options: Parameters<typeof city.seat>): Promise<Seat> => {
    const one = await city.seat(...options);
    signedIn.push(one);
    return one;
  };
  const kill = async (name: string): Promise<void> => {
    const part = stack.servers[name]?.part;
    if (!part?.pid) throw new Error(`${name} does not run`);
    process.kill(part.pid, 'SIGKILL');
    await until(() => !part.isRunning, `${name} is gone`);
  };
  const start = async (name: string): Promise<void> => stack.servers[name]?.start();
  const healthy = () => until(async () => (await fetch(`${city.origin}/health/ready`).catch(() => null))?.ok, 'everything is there again');
  /** A citizen calls, a seat answers, and the citizen hangs up: the hotline works. */
  const expectWork = async (caller: string, index: number): Promise<void> => {
    await seat(index, 'seat-answers');
    const citizen = city.citizen('citizen-waits', caller);
    await city.callOf(caller, (call) => call.state === 'talking');
    citizen.hangUp();
    expect((await city.callOf(caller)).outcome).toBe('answered');
  };

  it('the service dies while a citizen waits: the place is kept, the next ready seat answers', async () => {
    const one = await seat(0, 'seat-answers');
    await one.act('not_ready', { reason: 'meal' });
    const citizen = city.citizen('citizen-waits', '13800000101');
    const before = await city.callOf('13800000101', (call) => call.state === 'waiting');
    await kill('service');
    await start('service');
    expect(await city.callOf('13800000101', () => true)).toMatchObject({ id: before.id, state: 'waiting', queuedAt: before.queuedAt });
    await one.act('ready');
    await city.callOf('13800000101', (call) => call.state === 'talking');
    citizen.hangUp();
    expect(await city.callOf('13800000101')).toMatchObject({ outcome: 'answered', endedBy: 'citizen' });
  });

  it('the service dies while two talk: they go on talking, and the end is recorded', async () => {
    await seat(1, 'seat-answers');
    const citizen = city.citizen('citizen-waits', '13800000102');
    await city.callOf('13800000102', (call) => call.state === 'talking');
    await kill('service');
    await start('service');
    await pause(1_000);
    expect(await city.callOf('13800000102', () => true)).toMatchObject({ state: 'talking' });
    citizen.hangUp();
    expect(await city.callOf('13800000102')).toMatchObject({ outcome: 'answered', endedBy: 'citizen' });
  });

  it('the service dies during a consultation: everybody stays where they were, and the three are joined after', async () => {
    const one = await seat(9, 'seat-answers');
    const citizen = city.citizen('citizen-waits', '13800000110');
    const unit = await city.party('seat-answers');
    const { id: callId } = await city.callOf('13800000110', (call) => call.state === 'talking');
    const act = (action: string, body?: object) => one.api.post(`/api/calls/${callId}/actions/${action}`, body);
    const talkers = async () => (await city.ari<{ channels?: string[] }>(`/bridges/${callId}`)).channels?.length ?? 0;
    const legs = async () => (await city.shownCall(one.api, callId)).legs.filter((leg) => leg.state === 'up').map((leg) => `${leg.role} ${leg.isHeld ? 'held' : 'heard'}`).sort();
    await act('consult', { target: { number: '057188880001' } });
    await until(async () => (await legs()).length === 3 && (await talkers()) === 2, 'operator and unit talk');
    const before = await legs();
    await kill('service');
    await start('service');
    expect(await legs()).toEqual(before);
    expect(await talkers()).toBe(2);
    await act('join');
    await until(async () => (await talkers()) === 3, 'all three talk');
    await one.api.post(`/api/calls/${callId}/hang-up`);
    expect([await citizen.done, await unit.done]).toEqual([0, 0]);
  });

  it('the service dies while a citizen waits to be called back, and while being asked to press 1: both go on', async () => {
    await city.pool.query('update queues set callback_offer_after_sec = 1');
    const one = await seat(0, null);
    await one.act('not_ready', { reason: 'meal' });
    const citizen = city.citizen('citizen-presses', '13800000111');
    expect(await citizen.done).toBe(0);
    const asked = await city.callOf('13800000111');
    await city.pool.query('update queues set callback_offer_after_sec = null');
    await kill('service');
    await start('service');
    const callback = async () => (await city.pool.query<{ id: string; state: string }>('select id, state from calls where callback_of = $1', [asked.id])).rows[0];
    expect(await callback()).toMatchObject({ state: 'waiting' });
    await city.party('phone-presses', { KEY_MS: 3_000, FIRST_KEY: 5, SECOND_KEY: 1 });
    await one.play('seat-answers');
    await one.act('ready');
    await until(async () => (await callback())?.state === 'confirming', 'the citizen is asked');
    await kill('service');
    await start('service');
    const { id } = await until(async () => { const row = await callback(); return row?.state === 'talking' && row; }, 'the two talk');
    await one.api.post(`/api/calls/${id}/hang-up`);
    expect(await city.endOf(id)).toMatchObject({ outcome: 'answered' });
  });

  it('the service dies while a supervisor listens: nobody hears more or less than before, and copies of ended calls are removed', async () => {
    const mediaPort = 43_000 + (process.pid % 500) * 2;
    const mouth = await voice(mediaPort);
    const one = await seat(6, 'seat-answers', {}, { mediaPort });
    const boss = await seat(7, 'seat-answers');
    await city.pool.query(`update users set roles = '{operator,supervisor}' where login = $1`, [city.first.operators[7]?.login]);
    await boss.act('not_ready', { reason: 'meeting' });
    const citizen = city.citizen('citizen-waits', '13800000112');
    const { id: callId } = await city.callOf('13800000112', (call) => call.state === 'talking');
    const { legId } = await boss.api.post<{ legId: string }>(`/api/calls/${callId}/supervision`, { mode: 'listen' });
    // The operator's phone sends audio all the time, as real ones do: Asterisk lets a copy go with the next audio of its channel.
    const [desk] = await query<{ id: string }>(city.pool, `select id from call_legs where call_id = $1 and role = 'operator'`, [callId]);
    const { value } = await city.ari<{ value: string }>(`/channels/${desk?.id ?? ''}/variable?variable=${encodeURIComponent('CHANNEL(rtp,src,audio)')}`);
    mouth.start(Number(value.split(':').at(-1)));
    const listening = async () => (await city.ari<{ channels?: string[] }>(`/bridges/${legId}-spy`)).channels?.sort().join();
    const isListening = () => until(async () => (await listening()) === [legId, `${legId}-snoop`].sort().join(), 'the supervisor listens');
    await isListening();
    await kill('service');
    await start('service');
    await isListening();
    expect((await city.ari<{ channels?: string[] }>(`/bridges/${callId}`)).channels).toHaveLength(2);
    await boss.api.post(`/api/calls/${callId}/supervision`, { mode: 'barge' });
    await until(async () => (await city.ari<{ channels?: string[] }>(`/bridges/${callId}`)).channels?.length === 3, 'the three talk');
    await boss.api.post(`/api/calls/${callId}/supervision`, { mode: 'whisper' });
    await isListening();
    // The supervisor hangs up unseen: the copy and its bridge are left over, and go when the service is back.
    await kill('service');
    await city.ari(`/channels/${legId}`, 'DELETE');
    await start('service');
    await until(async () => (await city.ari<{ id: string }[]>('/bridges')).every((bridge) => bridge.id === callId), 'no bridge is left but the call’s');
    await until(async () => (await city.ari<{ id: string }[]>('/channels')).length === 2, 'no copy is left');
    mouth.close();
    expect(await boss.state()).toMatchObject({ state: 'not_ready', notReadyReason: 'meeting' });
    await one.api.post(`/api/calls/${callId}/hang-up`);
    expect(await citizen.done).toBe(0);
  });

  it('the call ends while the service is away: it is ended when the service comes back, and the seat is free', async () => {
    const one = await seat(2, 'seat-answers');
    const citizen = city.citizen('citizen-waits', '13800000103');
    await city.callOf('13800000103', (call) => call.state === 'talking');
    await kill('service');
    citizen.hangUp();
    await citizen.done;
    await start('service');
    expect(await city.callOf('13800000103')).toMatchObject({ outcome: 'answered' });
    expect((await one.state()).state).toBe('wrap_up');
  });

  it('the service is away: Asterisk’s own queue rings the seats that work, and no other', async () => {
    const works = await seat(7, 'seat-answers');
    const rests = await seat(8, 'seat-answers');
    await rests.act('not_ready', { reason: 'meal' });
    await until(async () => (await listFallbackMembers(stack.place)).join() === `PJSIP/seat-${works.seatId}`, 'Asterisk’s queue has the seat that works');
    await kill('service');
    const citizen = city.citizen('citizen-hangs-up', '13800000109', { TALK_MS: 3_000 });
    expect(await citizen.done).toBe(0);
    expect(await works.phone?.done).toBe(0);
    await start('service');
  });

  it('Asterisk dies with callers in the queue and at a seat: all are ended, each with its case, and new calls work', async () => {
    const one = await seat(3, 'seat-answers');
    city.citizen('citizen-speaks', '13800000104', {}, '12345', { speech: tone(400) });
    const { id } = await city.callOf('13800000104', (call) => call.state === 'talking');
    const { rows: [recording] } = await city.pool.query<{ path: string }>('select path from recordings where call_id = $1', [id]);
    const raw = join(city.env['HOTLINE_RECORDINGS_DIR'] ?? '', recording?.path.replace('.wav', '.raw') ?? '');
    await until(() => existsSync(raw) && statSync(raw).size > 32_000, 'a second is on the disk');
    city.citizen('citizen-hangs-up', '13800000105', { TALK_MS: 60_000 });
    await city.callOf('13800000105', (call) => call.state === 'waiting');
    await kill('asterisk');
    await start('asterisk');
    const [talked, waited] = [await city.callOf('13800000104'), await city.callOf('13800000105')];
    expect(talked).toMatchObject({ outcome: 'answered' });
    expect(waited).toMatchObject({ outcome: 'abandoned_queue' });
    expect(await city.caseOf(waited)).toMatchObject({ state: 'callback', callbackReason: 'abandoned' });
    await until(async () => (await one.state()).state === 'wrap_up', 'the seat is freed');
    await healthy();
    await until(async () => (await city.pool.query('select 1 from recordings where call_id = $1 and duration_ms >= 1000', [id])).rowCount, 'what was recorded until then is stored');
    await expectWork('13800000106', 4);
  });

  it('Valkey dies: calls go on, and the wrap-up ends by the sweep', async () => {
    await city.pool.query('update queues set wrap_up_sec = 2');
    await kill('redis');
    const one = await seat(5, 'seat-answers');
    const citizen = city.citizen('citizen-waits', '13800000107');
    await city.callOf('13800000107', (call) => call.state === 'talking');
    citizen.hangUp();
    expect((await city.callOf('13800000107')).outcome).toBe('answered');
    await until(async () => (await one.state()).state === 'ready', 'the wrap-up ends without an alarm');
    await start('redis');
    await healthy();
  });

  it('PostgreSQL is away for a while: nobody is left alone, whole calls and waiting callers stay, and the ends have their true time', async () => {
    await city.pool.query('update queues set wrap_up_sec = 600'); // nobody rings for the one who waits
    const [one, two] = [await seat(8, 'seat-answers'), await seat(9, 'seat-answers')];
    const alone = city.citizen('citizen-waits', '13800000121');
    const { id: aloneId } = await city.callOf('13800000121', (call) => call.state === 'talking');
    const whole = city.citizen('citizen-waits', '13800000122');
    const { id: wholeId } = await city.callOf('13800000122', (call) => call.state === 'talking');
    const waits = city.citizen('citizen-waits', '13800000123');
    const before = await city.callOf('13800000123', (call) => call.state === 'waiting');
    const [desk] = await query<{ id: string }>(city.pool, `select id from call_legs where call_id = $1 and role = 'operator'`, [aloneId]);
    // The tests' database does not wait for its disk; a checkpoint does.
    await city.pool.query('checkpoint');
    await kill('postgres');
    await city.ari(`/channels/${desk?.id ?? ''}`, 'DELETE');
    expect(await alone.done).toBe(0);
    await pause(4_000);
    expect((await city.ari<{ channels: string[] }>(`/bridges/${wholeId}`)).channels).toHaveLength(2);
    const backAt = Date.now();
    await start('postgres');
    await healthy();
    const ended = await city.endOf(aloneId) as { endedAt?: Date; outcome: string | null };
    expect(ended.outcome).toBe('answered');
    expect(ended.endedAt?.getTime()).toBeLessThan(backAt);
    expect(await city.callOf('13800000122', () => true)).toMatchObject({ id: wholeId, state: 'talking' });
    expect(await city.callOf('13800000123', () => true)).toMatchObject({ id: before.id, state: 'waiting', queuedAt: before.queuedAt });
    // Whichever of the two has it.
    await two.api.post(`/api/calls/${wholeId}/hang-up`).catch(() => one.api.post(`/api/calls/${wholeId}/hang-up`));
    expect(await whole.done).toBe(0);
    waits.hangUp();
    expect((await city.endOf(before.id)).outcome).toBe('abandoned_queue');
  });

  it('PostgreSQL dies and comes back: the service takes its role again, and new calls work', async () => {
    await kill('postgres');
    await start('postgres');
    await healthy();
    await expectWork('13800000108', 6);
  });
});

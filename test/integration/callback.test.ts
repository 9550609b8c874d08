import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyCallEvent } from '../../src/calls/apply-call-event.ts';
import type { CallEvent } from '../../src/calls/call-event.ts';
import { matchCalls } from '../../src/calls/waiting/match-calls.ts';
import { listWaiting } from '../../src/calls/waiting/match-queries.ts';
import { offerCall } from '../../src/calls/inbound/offer-call.ts';
import { offerDueCallbacks } from '../../src/calls/callback/offer-callback.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import { createLogger } from '../../src/log.ts';
import { insertSeat } from '../../src/seats/queries.ts';
import { fakeTelephony } from '../support/fake-telephony.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';

type Row = { id: string; state: string; outcome: string | null; queuedAt: Date | null; caseId: string; seatId: string | null; callbackOf: string | null; attempts: number };

describe('callbacks and the rows they leave', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  let deps: Deps;
  beforeAll(async () => {
    db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    const telephony = { ...fakeTelephony({ tell: () => undefined, onDialed: () => undefined }) };
    const config = { HOTLINE_AREA_CODE: '0571' } as Deps['config'];
    deps = { config, log: createLogger('silent'), pool: db.pool, telephony, jobs: { wake: () => Promise.resolve() }, now: () => new Date() };
    await db.pool.query('update queues set callback_offer_after_sec = 1, announce_every_sec = 0, wrap_up_sec = 60');
    const operatorId = uuid();
    await transaction(db.pool, (tx) => insertSeat(tx, { id: '8100', sipDigest: '', queueIds: ['12345'] }, new Date()));
    await db.pool.query(`insert into users (id, login, display_name, password_hash, roles) values ($1, 'op', 'n', '', '{operator}')`, [operatorId]);
    await db.pool.query(`update seats set operator_id = $1, state = 'not_ready', not_ready_reason = 'break', is_registered = true where id = '8100'`, [operatorId]);
  });
  beforeEach(async () => {
    await db.pool.query(`update calls set retry_at = null, state = 'ended', ended_at = now(), outcome = 'failed' where state <> 'ended'`);
    await db.pool.query(`update call_legs set state = 'ended', ended_at = now() where state <> 'ended'`);
    await setSeat('not_ready');
    await db.pool.query(`update numbers set greeting_prompts = '{}'`);
    await db.pool.query('update queues set missed_callback_after_sec = null');
  });
  afterAll(() => db.close());

  const setSeat = (state: 'ready' | 'not_ready') => db.pool.query(`update seats set state = $1, call_id = null, wrap_up_until = null,
    not_ready_reason = case $1 when 'ready' then null else 'break' end, idle_since = case $1 when 'ready' then now() end where id = '8100'`, [state]);
  const callIn = async (callerRaw: string) => {
    const channelId = uuid();
    await offerCall(deps, { channelId, calledNumber: '12345', callerRaw });
    const [leg] = await query<{ callId: string }>(db.pool, 'select call_id from call_legs where id = $1', [channelId]);
    return { channelId, callId: leg?.callId ?? '' };
  };
  const rowOf = async (callId: string) => (await query<Row>(db.pool, 'select * from calls where id = $1', [callId]))[0];
  const callbacksOf = (number: string) => query<Row>(db.pool, `select * from calls where called_number = $1 and state <> 'ended'`, [number]);
  const caseState = async (caseId: string | undefined) => (await query<{ state: string }>(db.pool, 'select state from cases where id = $1', [caseId]))[0]?.state;
  const press = ({ callId, channelId }: { callId: string; channelId: string }) => applyCallEvent(deps, callId, { type: 'digit', legId: channelId, digit: '1' });
  const leave = ({ callId, channelId }: { callId: string; channelId: string }) => applyCallEvent(deps, callId, { type: 'leg_ended', legId: channelId, cause: 16 });
  /** A caller who waited long enough, was told, pressed 1 and hung up. */
  const request = async (number: string) => {
    const call = await callIn(number);
    await db.pool.query(`update calls set queued_at = queued_at - interval '5 seconds' where id = $1`, [call.callId]);
    await offerDueCallbacks(deps);
    await applyCallEvent(deps, call.callId, { type: 'playback_finished', playbackId: `${call.callId}-callback` });
    expect(await press(call)).toBe(true);
    await leave(call);
    const [callback] = await callbacksOf(number);
    if (!callback) throw new Error('no callback');
    return { call, callback };
  };

  it('offers it to those who have waited long enough and can be dialled, once', async () => {
    const calls = [await callIn('13800003001'), await callIn(''), await callIn('10086')];
    await offerDueCallbacks(deps);
    const offered = () => query<{ id: string }>(db.pool, `select id from calls where callback_offered_at is not null and state = 'waiting'`);
    expect(await offered()).toEqual([]);
    await db.pool.query(`update calls set queued_at = queued_at - interval '5 seconds' where state = 'waiting'`);
    await offerDueCallbacks(deps);
    await offerDueCallbacks(deps);
    expect(await offered()).toEqual([{ id: calls[0]?.callId }]);
  });

  it('serves a callback in its place, before those who came later; one that waits for its next try is before nobody', async () => {
    const { callback } = await request('13800003002');
    const later = await callIn('13800003003');
    await db.pool.query(`update calls set retry_at = now() + interval '5 minutes', attempts = 1 where id = $1`, [callback.id]);
    await setSeat('ready');
    await matchCalls(deps);
    expect(await rowOf(later.callId)).toMatchObject({ state: 'ringing' });
    await leave(later);
    await db.pool.query('update calls set retry_at = now() where id = $1', [callback.id]);
    const last = await callIn('13800003004');
    await setSeat('ready');
    await matchCalls(deps);
    expect([(await rowOf(callback.id))?.state, (await rowOf(last.callId))?.state]).toEqual(['ringing', 'waiting']);
  });

  it('makes one callback for two callers with one number; the case of the other goes to those who call back by hand', async () => {
    const [first, second] = [await callIn('13800003005'), await callIn('13800003005')];
    await db.pool.query(`update calls set callback_offered_at = now() where state = 'waiting'`);
    await Promise.all([press(first), press(second)]);
    await Promise.all([leave(first), leave(second)]);
    const callbacks = await callbacksOf('13800003005');
    expect(callbacks).toHaveLength(1);
    const states = await Promise.all([first, second].map(async ({ callId }) => caseState((await rowOf(callId))?.caseId)));
    expect(states.sort()).toEqual(['callback', 'draft']);
    expect([first.callId, second.callId]).toContain(callbacks[0]?.callbackOf);
  });

  it('stays in its place when the citizen calls again and hangs up in the greeting; the case is neither doubled nor abandoned', async () => {
    const { callback } = await request('13800003006');
    await db.pool.query(`update numbers set greeting_prompts = '{greeting}'`);
    const again = await callIn('13800003006');
    await leave(again);
    expect(await rowOf(again.callId)).toMatchObject({ outcome: 'abandoned_greeting', caseId: callback.caseId });
    expect(await rowOf(callback.id)).toMatchObject({ state: 'waiting', queuedAt: callback.queuedAt });
    expect(await caseState(callback.caseId)).toBe('draft');
  });

  it('gives its place to the new call in the moment that one comes into a queue, and its abandoned case to those who call back', async () => {
    const { callback } = await request('13800003007');
    const again = await callIn('13800003007');
    expect(await rowOf(again.callId)).toMatchObject({ state: 'waiting', queuedAt: callback.queuedAt, caseId: callback.caseId });
    expect(await rowOf(callback.id)).toMatchObject({ state: 'ended', outcome: 'settled' });
    await leave(again);
    expect(await caseState(callback.caseId)).toBe('callback');
  });

  it('frees the operator for the citizen who calls in while being dialled', async () => {
    const { callback } = await request('13800003008');
    await setSeat('ready');
    await matchCalls(deps);
    const legOf = async (role: string) => (await query<{ id: string }>(db.pool, `select id from call_legs where call_id = $1 and role = $2 and state <> 'ended'`, [callback.id, role]))[0]?.id ?? '';
    const tell = async (type: CallEvent['type'], role: string) => applyCallEvent(deps, callback.id, { type, legId: await legOf(role) } as CallEvent);
    await tell('leg_answered', 'operator');
    await tell('leg_ringing', 'citizen');
    expect((await rowOf(callback.id))?.state).toBe('dialing_party');
    const again = await callIn('13800003008');
    expect(await rowOf(callback.id)).toMatchObject({ state: 'ended', outcome: 'settled' });
    expect(await query(db.pool, `select 1 from call_legs where call_id = $1 and state <> 'ended'`, [callback.id])).toEqual([]);
    await matchCalls(deps);
    expect(await rowOf(again.callId)).toMatchObject({ state: 'ringing', seatId: '8100', queuedAt: callback.queuedAt });
  });

  it('opens a case of its own for whoever calls again after the case was closed', async () => {
    const { callback } = await request('13800003009');
    await db.pool.query(`update cases set state = 'answered', answer = 'a', closed_at = now() where id = $1`, [callback.caseId]);
    const again = await callIn('13800003009');
    expect((await rowOf(again.callId))?.caseId).not.toBe(callback.caseId);
    expect(await rowOf(callback.id)).toMatchObject({ outcome: 'settled' });
  });

  it('is guarded by the database: one a number, in a queue, and nobody is asked to press 1 who did not ask', async () => {
    const { call, callback } = await request('13800003010');
    const insert = (values: string) => db.pool.query(`insert into calls (id, direction, state, called_number, caller_kind, case_id, callback_of, queue_id, offered_at, queued_at)
      values (gen_random_uuid(), 'outbound', 'waiting', '13800003010', 'unknown', $1, ${values})`, [callback.caseId]);
    const other = await callIn('13800003011');
    await expect(insert(`'${other.callId}', '12345', now(), now()`)).rejects.toThrow('calls_callback_number');
    await expect(insert(`'${call.callId}', '12345', now(), null`)).rejects.toThrow('calls_callback_queued');
    await expect(db.pool.query(`update calls set state = 'confirming' where id = $1`, [other.callId])).rejects.toThrow('calls_callback');
  });

  describe('for whom nobody answered', () => {
    beforeEach(() => db.pool.query('update queues set missed_callback_after_sec = 60'));
    /** A caller who waited `sec` and hung up. */
    const miss = async (number: string, sec: number) => {
      const call = await callIn(number);
      await db.pool.query(`update calls set queued_at = queued_at - make_interval(secs => $2) where id = $1`, [call.callId, sec]);
      await leave(call);
      return { call, callback: (await callbacksOf(number))[0] };
    };
    const giveTime = () => db.pool.query(`update calls set retry_at = now() where state = 'waiting'`);
    const serve = async () => {
      await setSeat('ready');
      await matchCalls(deps);
      return (await query<{ id: string }>(db.pool, `select id from calls where state = 'ringing'`))[0]?.id;
    };

    it('waits by itself, in the order of the queue, behind all who are on the line, and takes no line', async () => {
      const [first, second] = [await miss('13800003020', 100), await miss('13800003021', 200)];
      expect(first.callback).toMatchObject({ state: 'waiting', callbackOf: first.call.callId });
      expect(await caseState(first.callback?.caseId)).toBe('draft');
      await db.pool.query('update queues set max_waiting = 1');
      expect(await serve()).toBeUndefined(); // the minute in which the citizen may call again
      await giveTime();
      const onTheLine = await callIn('13800003022');
      expect(await rowOf(onTheLine.callId)).toMatchObject({ state: 'waiting' });
      await db.pool.query('update queues set max_waiting = default');
      expect(await serve()).toBe(onTheLine.callId);
      await leave(onTheLine);
      await giveTime();
      expect(await serve()).toBe(second.callback?.id);
    });

    it('is settled when the citizen calls again, and several attempts are one callback with the place of the first', async () => {
      const first = await miss('13800003023', 300);
      const again = await callIn('13800003023');
      expect(await rowOf(first.callback?.id ?? '')).toMatchObject({ state: 'ended', outcome: 'settled' });
      expect(await rowOf(again.callId)).toMatchObject({ state: 'waiting', priority: 0, caseId: first.callback?.caseId });
      await leave(again);
      const waiting = await callbacksOf('13800003023');
      expect(waiting).toHaveLength(1);
      expect(waiting[0]).toMatchObject({ callbackOf: again.callId, queuedAt: (await rowOf(first.call.callId))?.queuedAt, caseId: first.callback?.caseId });
    });

    it('is none for who is on the line in another call, and one for two who leave at once', async () => {
      const [one, other] = [await callIn('13800003024'), await callIn('13800003024')];
      await leave(one);
      expect(await callbacksOf('13800003024')).toEqual([]);
      await leave(other);
      expect(await callbacksOf('13800003024')).toHaveLength(1);
      const pair = [await callIn('13800003025'), await callIn('13800003025')];
      await Promise.all(pair.map(leave));
      expect(await callbacksOf('13800003025')).toHaveLength(1);
    });

    it('is none for who hung up in the greeting, cannot be dialled, or where the queue leaves it to people', async () => {
      await db.pool.query(`update numbers set greeting_prompts = '{greeting}'`);
      expect((await miss('13800003026', 0)).callback).toBeUndefined();
      await db.pool.query(`update numbers set greeting_prompts = '{}'`);
      const hidden = await miss('', 10);
      expect(await caseState((await rowOf(hidden.call.callId))?.caseId)).toBe('callback');
      await db.pool.query('update queues set missed_callback_after_sec = null');
      const byHand = await miss('13800003027', 10);
      expect(byHand.callback).toBeUndefined();
      expect(await caseState((await rowOf(byHand.call.callId))?.caseId)).toBe('callback');
    });

    it('is dialled at night only while the call is fresh', async () => {
      const { callback } = await miss('13800003028', 10);
      const at = async (now: string) => {
        await db.pool.query(`update calls set retry_at = null, offered_at = '2026-12-01T23:40:00+08:00' where id = $1`, [callback?.id]);
        return (await listWaiting(db.pool, new Date(now))).map((call) => call.id).includes(callback?.id ?? '');
      };
      expect(await Promise.all(['2026-12-01T23:50:00+08:00', '2026-12-02T00:20:00+08:00', '2026-12-02T07:59:00+08:00', '2026-12-02T08:00:00+08:00'].map(at)))
        .toEqual([true, false, false, true]);
    });
  });
});

import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyCallEvent } from '../../src/calls/apply-call-event.ts';
import { offerCall } from '../../src/calls/inbound/offer-call.ts';
import { resealCallers, sealCallers } from '../../src/calls/sealing/seal-callers.ts';
import { findNumbers } from '../../src/calls/sealing/queries.ts';
import { hasCalledInVain } from '../../src/calls/waiting/wait-queries.ts';
import { listWaiting } from '../../src/calls/waiting/match-queries.ts';
import { editCase } from '../../src/cases/act-on-case.ts';
import { checkCaseCode } from '../../src/cases/check-case-code.ts';
import { checkKeys } from '../../src/cases/identity/seal-identities.ts';
import { openVault, Vault } from '../../src/cases/identity/vault.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import { capturedLog } from '../support/captured-log.ts';
import { dumpDatabase } from '../support/dump-database.ts';
import { fakeTelephony } from '../support/fake-telephony.ts';
import { testIdentityKeys } from '../support/identity-key.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { until } from '../support/until.ts';

type Row = { state: string; callerRaw: string; callerNumber: string | null; calledNumber: string; caseId: string; legNumbers: (string | null)[] };
const key = (id: string, fill: number): string => `${id}:${Buffer.alloc(32, fill).toString('base64')}`;

describe('numbers of calls about a confidential case', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  let deps: Deps;
  const logged = capturedLog();
  const userId = uuid();
  beforeAll(async () => {
    db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    const telephony = fakeTelephony({ tell: () => undefined, onDialed: () => undefined });
    deps = { config: { HOTLINE_AREA_CODE: '0571', HOTLINE_CASE_CODE_KEY: 'k'.repeat(32) } as Deps['config'], log: logged.log, pool: db.pool, telephony, jobs: { wake: () => Promise.resolve() }, now: () => new Date() };
    await db.pool.query(`insert into users (id, login, display_name, password_hash, roles) values ($1, 'op', 'n', '', '{operator}')`, [userId]);
    await db.pool.query(`update numbers set greeting_prompts = '{}'; update queues set announce_every_sec = 0, max_waiting = 1000`);
  });
  beforeEach(async () => { await db.pool.query(`insert into seats (id, sip_digest, state, state_since, operator_id, not_ready_reason, is_registered) values ('8100', '', 'not_ready', now(), $1, 'break', true) on conflict do nothing; insert into queue_seats values ('12345', '8100') on conflict do nothing`.replace('$1', `'${userId}'`)); });
  afterEach(() => { openVault(testIdentityKeys); });
  afterAll(() => db.close());

  const rowOf = async (callId: string): Promise<Row> => {
    const [row] = await query<Row>(db.pool, `select c.*, array(select number from call_legs where call_id = c.id order by id) as leg_numbers from calls c where id = $1`, [callId]);
    if (!row) throw new Error('no such call');
    return row;
  };
  const callIn = async (callerRaw: string) => {
    const channelId = uuid();
    await offerCall(deps, { channelId, calledNumber: '12345', callerRaw });
    const [leg] = await query<{ callId: string }>(db.pool, 'select call_id from call_legs where id = $1', [channelId]);
    const { caseId } = await rowOf(leg?.callId ?? '');
    return { channelId, callId: leg?.callId ?? '', caseId };
  };
  const leave = ({ callId, channelId }: { callId: string; channelId: string }) => applyCallEvent(deps, callId, { type: 'leg_ended', legId: channelId, cause: 16 });
  const mark = async (caseId: string) => {
    const [row] = await query<{ version: number }>(db.pool, 'select version from cases where id = $1', [caseId]);
    await editCase(deps, { userId, caseId, version: row?.version ?? 0 }, { type: 'report' });
  };
  const open = { callerRaw: '', callerNumber: null, calledNumber: '12345', legNumbers: [null] };
  const waitingToSeal = async (callId: string) => (await query(db.pool, 'select 1 from calls_to_seal where call_id = $1', [callId])).length;
  /** A call that was marked while it was on, over and sealed. */
  const report = async (callerRaw: string) => {
    const one = await callIn(callerRaw);
    await mark(one.caseId);
    await leave(one);
    await sealCallers(deps);
    expect(await rowOf(one.callId)).toMatchObject(open);
    return one;
  };

  it('stay plain while the call is on, and leave the rows when it is over, in which nobody finds them any more', async () => {
    const notices: string[] = [];
    const listener = new pg.Client({ connectionString: db.url });
    await listener.connect();
    listener.on('notification', ({ channel, payload }) => notices.push(`${channel} ${payload ?? ''}`));
    const channels = ['hotline_sealing', 'hotline_events', 'hotline_match'];
    for (const channel of channels) await listener.query(`listen ${channel}`);
    try {
      const one = await callIn('+86 13877770101');
      await mark(one.caseId);
      await sealCallers(deps);
      expect(await rowOf(one.callId)).toMatchObject({ state: 'waiting', callerRaw: '+86 13877770101', callerNumber: '13877770101', legNumbers: ['13877770101'] });
      await leave(one);
      await sealCallers(deps);
      expect(await rowOf(one.callId)).toMatchObject({ ...open, state: 'ended' });
      expect(await findNumbers(db.pool, one.callId)).toMatchObject({ callerRaw: '+86 13877770101', callerNumber: '13877770101', calledNumber: null, legs: { [one.channelId]: '13877770101' } });
      expect(await waitingToSeal(one.callId)).toBe(0);
      expect((await dumpDatabase(db.pool)).filter(({ text }) => text.includes('13877770101'))).toEqual([]);
      await until(() => notices.includes(`hotline_sealing ${one.callId}`), 'the end of the call is told');
      expect(notices).toContain(`hotline_sealing ${one.caseId}`);
      expect(notices.join() + logged.text()).not.toContain('13877770101');
    } finally {
      await listener.end();
    }
  });

  it('are sealed also when the case is marked after the call, and when a call is over that no case asks to hide they stay', async () => {
    const [one, other] = [await callIn('13877770102'), await callIn('13877770103')];
    await leave(one);
    await leave(other);
    await sealCallers(deps);
    expect([(await rowOf(one.callId)).callerNumber, await waitingToSeal(one.callId)]).toEqual(['13877770102', 0]);
    await mark(one.caseId);
    await sealCallers(deps);
    await sealCallers(deps);
    expect([await rowOf(one.callId), await rowOf(other.callId)]).toMatchObject([open, { callerNumber: '13877770103' }]);
  });

  it('are sealed when call and mark end in the same moment, whichever is committed first', async () => {
    const one = await callIn('13877770104');
    const marking = await db.pool.connect();
    // The mark is held open while the call ends and the sweep comes by: it neither waits nor forgets the call.
    await marking.query('begin');
    await marking.query('select 1 from cases where id = $1 for update', [one.caseId]);
    await marking.query(`update cases set is_confidential = true, type = 'report' where id = $1`, [one.caseId]);
    await db.pool.query(`update calls set state = 'ended', ended_at = now(), outcome = 'answered' where id = $1`, [one.callId]);
    await db.pool.query(`update call_legs set state = 'ended', ended_at = now() where call_id = $1`, [one.callId]);
    await db.pool.query('insert into calls_to_seal values ($1)', [one.callId]);
    await sealCallers(deps);
    expect(await waitingToSeal(one.callId)).toBe(1);
    await marking.query('commit');
    marking.release();
    await sealCallers(deps);
    expect(await rowOf(one.callId)).toMatchObject(open);
  });

  it('of a call out, and of phones that stand in no directory, are sealed as well', async () => {
    const one = await report('13877770105');
    const callId = uuid();
    await db.pool.query(`insert into calls (id, direction, state, called_number, caller_kind, case_id, offered_at, ended_at, outcome) values ($1, 'outbound', 'ended', '13877770105', 'unknown', $2, now(), now(), 'answered')`, [callId, one.caseId]);
    await db.pool.query(`insert into call_legs (id, call_id, role, number, directory_code, state, started_at, ended_at) values ($1 || '-a', $1::uuid, 'citizen', '13877770105', null, 'ended', now(), now()),
      ($1 || '-b', $1::uuid, 'unit', '13877770106', null, 'ended', now(), now()), ($1 || '-c', $1::uuid, 'unit', '119', '119', 'ended', now(), now())`, [callId]);
    await db.pool.query('insert into calls_to_seal values ($1)', [callId]);
    await sealCallers(deps);
    expect(await rowOf(callId)).toMatchObject({ calledNumber: '', legNumbers: [null, null, '119'] });
    expect(await findNumbers(db.pool, callId)).toMatchObject({ callerNumber: null, calledNumber: '13877770105', legs: { [`${callId}-a`]: '13877770105', [`${callId}-b`]: '13877770106' } });
    expect((await dumpDatabase(db.pool)).filter(({ text }) => /1387777010[56]/.test(text))).toEqual([]);
  });

  it('are added to what is sealed when a call is saved once more', async () => {
    const one = await report('13877770107');
    await db.pool.query(`insert into call_legs (id, call_id, role, number, state, started_at, ended_at) values ($1, $2, 'unit', '13877770108', 'ended', now(), now())`, [`late-${one.callId}`, one.callId]);
    await db.pool.query('insert into calls_to_seal values ($1), ($1)', [one.callId]);
    await Promise.all([sealCallers(deps), sealCallers(deps), sealCallers(deps)]);
    expect(await findNumbers(db.pool, one.callId)).toMatchObject({ callerNumber: '13877770107', legs: { [one.channelId]: '13877770107', [`late-${one.callId}`]: '13877770108' } });
  });

  it('are whole, sealed or plain, when the service dies between sealing and emptying', async () => {
    const one = await callIn('13877770109');
    await mark(one.caseId);
    await leave(one);
    const holder = await db.pool.connect();
    await holder.query('begin');
    await holder.query('select 1 from call_legs where call_id = $1 for update', [one.callId]);
    const died = sealCallers(deps).catch((error: unknown) => error);
    const [stuck] = await until(async () => {
      const found = await query<{ pid: number }>(db.pool, `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'update call_legs set number = null%'`);
      return found.length === 1 && found;
    }, 'the sweep has sealed and wants to empty');
    await db.pool.query('select pg_terminate_backend($1)', [stuck?.pid]);
    expect(await died).toBeInstanceOf(AggregateError);
    expect([await query(db.pool, 'select 1 from sealed_callers where call_id = $1', [one.callId]), (await rowOf(one.callId)).callerNumber, await waitingToSeal(one.callId) > 0]).toEqual([[], '13877770109', true]);
    await holder.query('rollback');
    holder.release();
    await sealCallers(deps);
    expect(await rowOf(one.callId)).toMatchObject(open);
  });

  it('that cannot be sealed keep no other from it, and are told', async () => {
    const [bad, good] = [await report('13877770110'), await callIn('13877770111')];
    await db.pool.query(`update sealed_callers set key_id = 'lost' where call_id = $1`, [bad.callId]);
    await db.pool.query(`insert into call_legs (id, call_id, role, number, state, started_at, ended_at) values ($1, $2, 'unit', '13877770112', 'ended', now(), now())`, [`late-${bad.callId}`, bad.callId]);
    await db.pool.query('insert into calls_to_seal values ($1)', [bad.callId]);
    await mark(good.caseId);
    await leave(good);
    await expect(sealCallers(deps)).rejects.toThrow('could not be sealed');
    expect(await rowOf(good.callId)).toMatchObject(open);
    await db.pool.query(`update sealed_callers set key_id = 'test' where call_id = $1`, [bad.callId]);
    await sealCallers(deps);
    expect((await rowOf(bad.callId)).legNumbers).toEqual([null, null]);
  });

  it('still tell that somebody called in vain, who spoke with them last, and how often they tried codes', async () => {
    const one = await report('13877770113');
    const since = new Date(Date.now() - 600_000);
    expect([await hasCalledInVain(db.pool, '13877770113', since), await hasCalledInVain(db.pool, '13877770114', since)]).toEqual([true, false]);

    await db.pool.query(`insert into call_legs (id, call_id, role, seat_id, operator_id, state, started_at, answered_at, ended_at) values ($1, $2, 'operator', '8100', $3, 'ended', now(), now(), now())`, [uuid(), one.callId, userId]);
    await db.pool.query(`update queues set strategy = 'last_operator_first' where id = '12345'`);
    const [again, stranger] = [await callIn('13877770113'), await callIn('13877770114')];
    const spoke = new Map((await listWaiting(db.pool, new Date())).map((row) => [row.id, row.lastOperatorId]));
    expect([spoke.get(again.callId), spoke.get(stranger.callId)]).toEqual([userId, null]);
    await db.pool.query(`update queues set strategy = default where id = '12345'`);

    // Ten wrong codes for ten cases, all of them in the sealed call.
    await db.pool.query(`insert into case_code_attempts (call_id, case_number, at, is_right) select $1, '20200101-' || lpad(n::text, 6, '0'), now(), false from generate_series(1, 10) n`, [one.callId]);
    const tried = (call: { callId: string }, callerNumber: string | null) => transaction(db.pool, (tx) => checkCaseCode(deps, tx, { callId: call.callId, callerNumber, caseNumber: '20200102-000001', code: '000000' }));
    // Somebody who withholds the number is not taken for the one whose number is sealed.
    expect([await tried(again, '13877770113'), await tried(stranger, '13877770114'), await tried(stranger, null)]).toEqual([{ result: 'locked' }, { result: 'wrong' }, { result: 'wrong' }]);
    for (const call of [again, stranger]) await leave(call);
  });

  it('get a new key, and are known by it; then the old one may go', async () => {
    const one = await report('13877770115');
    await checkKeys(deps, openVault(testIdentityKeys));
    await checkKeys(deps, openVault(`${key('second', 9)},${testIdentityKeys}`));
    const late = await report('13877770115');
    const since = new Date(Date.now() - 600_000);
    expect(await hasCalledInVain(db.pool, '13877770115', since)).toBe(true);
    await db.pool.query(`update case_identities set key_id = 'second'`); // whether anything else needs the old key is not asked here
    await expect(checkKeys(deps, new Vault(key('second', 9)))).rejects.toThrow('HOTLINE_IDENTITY_KEYS lacks the key test');
    const life = new AbortController();
    await Promise.all([resealCallers(deps, life.signal), resealCallers(deps, life.signal)]);
    expect(await query(db.pool, `select 1 from sealed_callers where key_id <> 'second'`)).toEqual([]);
    await checkKeys(deps, openVault(key('second', 9)));
    expect(await hasCalledInVain(db.pool, '13877770115', since)).toBe(true);
    for (const { callId } of [one, late]) expect(await findNumbers(db.pool, callId)).toMatchObject({ callerNumber: '13877770115' });
    // What was sealed for one call is no other's.
    await db.pool.query('update sealed_callers t set sealed = s.sealed from sealed_callers s where t.call_id = $1 and s.call_id = $2', [one.callId, late.callId]);
    await expect(findNumbers(db.pool, one.callId)).rejects.toThrow();
  });
});

describe('calls from before the sealing', () => {
  it('are sealed by the first look after the migration', async () => {
    const db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    const migrate = (direction: 'up' | 'down', options: object) => runner({ databaseUrl: db.url, dir: fileURLToPath(new URL('../../migrations', import.meta.url)), migrationsTable: 'migrations', direction, log: () => undefined, ...options });
    try {
      const later = await query<{ name: string }>(db.pool, `select name from migrations where name >= '0036'`);
      await migrate('down', { count: later.length });
      for (const [callId, caseId, isConfidential] of [['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000011', true], ['00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000012', false]] as const) {
        await db.pool.query(`insert into cases (id, number, state, channel, is_confidential, opened_at, updated_at) values ($1::uuid, '20200101-0000' || right($1::uuid::text, 2), 'draft', 'phone', $2, now(), now())`, [caseId, isConfidential]);
        await db.pool.query(`insert into calls (id, direction, state, called_number, caller_raw, caller_number, caller_kind, case_id, offered_at, ended_at, outcome) values ($1, 'inbound', 'ended', '12345', '13877770120', '13877770120', 'mobile', $2, now(), now(), 'answered')`, [callId, caseId]);
      }
      await migrate('up', { count: Infinity });
      await sealCallers({ pool: db.pool, log: capturedLog().log });
      expect((await query<{ callerNumber: string | null }>(db.pool, 'select caller_number from calls order by id')).map((row) => row.callerNumber)).toEqual([null, '13877770120']);
      expect(await query(db.pool, 'select 1 from calls_to_seal')).toEqual([]);
      await expect(migrate('down', { count: later.length })).rejects.toThrow('numbers of calls are sealed');
    } finally {
      await db.close();
    }
  });
});

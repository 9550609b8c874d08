import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSipp } from '../../scripts/phones/sipp.ts';
import { vault } from '../../src/cases/identity/vault.ts';
import { applyCallEvent } from '../../src/calls/apply-call-event.ts';
import { offerCall } from '../../src/calls/inbound/offer-call.ts';
import { ownQueueMetrics } from '../../src/calls/own-queue/metrics.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import { createClock } from '../../src/clock.ts';
import { Talks } from '../../src/telephony/talks.ts';
import type { Deps } from '../../src/deps.ts';
import { applySeatEvent } from '../../src/seats/apply-seat-event.ts';
import { insertSeat } from '../../src/seats/queries.ts';
import { asteriskTelephony } from '../../src/telephony/asterisk-telephony.ts';
import type { AmiConnection } from '../../src/telephony/ami-connection.ts';
import type { AriConnection } from '../../src/telephony/ari-connection.ts';
import { createOwnQueue } from '../../src/telephony/own-queue.ts';
import { startTelephony } from '../../src/telephony/start-telephony.ts';
import { asteriskLinks } from '../support/asterisk-links.ts';
import { capturedLog } from '../support/captured-log.ts';
import { fakeTelephony } from '../support/fake-telephony.ts';
import { startFaultWeb } from '../support/fault-web.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { phonePorts } from '../support/port-block.ts';
import { until } from '../support/until.ts';

type Row = { id: string; callerNumber: string; state: string; outcome: string | null; carriedBy: string; endedBy: string; queueId: string; caseId: string; operatorId: string | null; endedAt: Date; queuedAt: Date; ownerId: string | null; caseState: string };

/** A record as Asterisk writes it; `lines` are seconds after ten o'clock and what happened. */
const ten = Date.parse('2025-11-25T10:00:00.000Z') / 1000;
const record = (caller: string, ...lines: [number, string][]) =>
  [[0, `queued ${ten}.000 12345 12345 ${caller}`] as const, ...lines].map(([at, what]) => `${(ten + at).toFixed(3)} ${what}\n`).join('');
const answered = (leg: string): [number, string][] => [[1, `rings ${leg} seat-8001`], [3, `answered ${leg}`], [63, `gone ${leg} 16`], [63, 'ended 16']];

describe('what Asterisk’s own queue carried', () => {
  const place = placeOfWorker();
  const links = asteriskLinks();
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  const folder = mkdtempSync(join(tmpdir(), 'hotline-records-'));
  const operators = [uuid(), uuid()];
  beforeAll(async () => {
    mkdirSync(join(folder, 'own-queue'));
    db = await ownDatabase(place.env['DATABASE_URL'] ?? '');
    await db.pool.query(`update queues set announce_every_sec = 0; update numbers set greeting_prompts = '{}'`);
    await transaction(db.pool, (tx) => insertSeat(tx, { id: '8001', sipDigest: '0'.repeat(32), queueIds: ['12345'] }, new Date()));
    for (const id of operators) await db.pool.query(`insert into users (id, login, display_name, password_hash, roles) values ($1, $2, 'n', '', '{operator}')`, [id, `operator-${id}`]);
    // The first sat there until half past ten, the second since.
    await db.pool.query(`insert into seat_events (seat_id, at, event, from_state, to_state, operator_id) values ('8001', '2025-11-25T09:00Z', 'sign_in', 'signed_out', 'not_ready', $1),
      ('8001', '2025-11-25T10:30Z', 'sign_out', 'ready', 'signed_out', $1), ('8001', '2025-11-25T10:31Z', 'sign_in', 'signed_out', 'not_ready', $2)`, operators);
    await db.pool.query(`update seats set operator_id = $1, state = 'not_ready', not_ready_reason = 'meal', is_registered = true`, [operators[1]]);
  });
  beforeEach(async () => {
    await setSeat('not_ready');
    await Promise.all(Array.from({ length: 16 }, () => db.pool.query('select pg_sleep(0.1)')));
    links.before();
  });
  afterEach(links.after);
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true });
  });

  const setSeat = (state: 'ready' | 'not_ready') => db.pool.query(`update seats set state = $1, call_id = null, wrap_up_until = null, pending_state = null,
    not_ready_reason = case when $1 = 'not_ready' then 'meal' end, idle_since = case when $1 = 'ready' then now() end`, [state]);
  /** A service that looks into the folder, and an Asterisk that has the channels `present`. */
  const service = (present: string[] = [], dir = folder) => {
    const { log, lines, text } = capturedLog();
    const config = { DATABASE_URL: db.url, HOTLINE_AREA_CODE: '0571', HOTLINE_PROMPTS_DIR: place.env['HOTLINE_PROMPTS_DIR'], HOTLINE_RECORDINGS_DIR: dir } as Deps['config'];
    const telephony = fakeTelephony({ tell: () => undefined, onDialed: () => undefined });
    const deps: Deps = { config, log, pool: db.pool, telephony, jobs: { wake: () => Promise.resolve() }, now: () => new Date() };
    const command = (_method: string, path: string) => Promise.resolve(path === '/channels'
      ? present.map((id) => ({ id, name: id, state: 'Up', dialplan: { exten: '', app_name: '', app_data: '' } })) : { status: { startup_time: '2025-11-25T18:20:00.000+0800' } });
    const ownQueue = createOwnQueue(deps, { ari: { isConnected: true, command } as unknown as AriConnection, ami: { isConnected: false } as AmiConnection });
    return { deps, ownQueue, look: ownQueue.look, lines, text };
  };
  const write = (channelId: string, text: string) => writeFileSync(join(folder, 'own-queue', channelId), text);
  const records = () => readdirSync(join(folder, 'own-queue')).sort();
  const callsOf = (caller: string) => query<Row>(db.pool, `select c.*, k.owner_id, k.state as case_state from calls c join cases k on k.id = c.case_id where caller_number = $1 order by c.id`, [caller]);

  it('becomes one call and one case, however often its record is found; the operator is who sat there then', async () => {
    const one = service();
    for (const _ of [1, 2, 3]) {
      write('hotline-1.0', record('13800000401', ...answered('hotline-1.1')));
      await Promise.all([one.look(), service().look()]);
      expect(records()).toEqual([]);
    }
    const calls = await callsOf('13800000401');
    expect(calls).toMatchObject([{ outcome: 'answered', carriedBy: 'asterisk', operatorId: operators[0], ownerId: operators[0], caseState: 'draft', endedAt: new Date('2025-11-25T10:01:03Z') }]);
    expect(await query(db.pool, 'select from cases where id in (select case_id from case_identities where phone_index = any($1))', [vault().indexesOf('13800000401')])).toHaveLength(1);
    expect(await query(db.pool, 'select type, to_state from call_events where call_id = $1 order by id', [calls[0]?.id])).toMatchObject(
      [{ toState: 'waiting' }, { toState: 'ringing' }, { toState: 'talking' }, { type: 'carried_by_asterisk', toState: 'ended' }]);
    expect(one.text()).not.toContain('13800000401');
    const registry = new Registry();
    ownQueueMetrics(one.deps)(registry);
    expect(await registry.metrics()).toContain('hotline_calls_carried_by_asterisk_total 1');
  });

  it('is left alone while it lasts: its seat is offered no call, and is what it was afterwards', async () => {
    await setSeat('ready');
    write('hotline-2.0', record('13800000402', ...answered('hotline-2.1').slice(0, 2)));
    await service(['hotline-2.0']).look();
    expect([records(), await callsOf('13800000402')]).toEqual([['hotline-2.0'], []]);
    const seat = async () => (await query<{ state: string; ownQueueChannel: string | null }>(db.pool, 'select state, own_queue_channel from seats'))[0];
    expect(await seat()).toEqual({ state: 'ready', ownQueueChannel: 'hotline-2.0' });
    const { deps } = service();
    expect(await transaction(db.pool, (tx) => applySeatEvent(deps, tx, '8001', { type: 'reserve', callId: uuid() }, new Date()))).toBeNull();
    await service().look();
    expect(await seat()).toEqual({ state: 'ready', ownQueueChannel: null });
    // Asterisk died with it: it began again at twenty past.
    expect(await callsOf('13800000402')).toMatchObject([{ outcome: 'answered', endedBy: 'system', endedAt: new Date('2025-11-25T10:20:00Z') }]);
  });

  it('goes on in the call that the service had begun, when its database failed in between', async () => {
    const one = service();
    await offerCall(one.deps, { channelId: 'hotline-3.0', calledNumber: '12345', callerRaw: '13800000403' });
    const [begun] = await callsOf('13800000403');
    write('hotline-3.0', record('13800000403', ...answered('hotline-3.1')));
    await one.look();
    expect(records()).toEqual(['hotline-3.0']);
    await applyCallEvent(one.deps, begun?.id ?? '', { type: 'leg_ended', legId: 'hotline-3.0', cause: null });
    await one.look();
    expect(await callsOf('13800000403')).toMatchObject([{ id: begun?.id, caseId: begun?.caseId, outcome: 'answered', carriedBy: 'asterisk', ownerId: operators[0] }]);
    expect(records()).toEqual([]);
  });

  it('settles the callback of whoever spoke with an operator there, in the same case', async () => {
    const one = service();
    await offerCall(one.deps, { channelId: 'hotline-4.0', calledNumber: '12345', callerRaw: '13800000404' });
    const [asked] = await callsOf('13800000404');
    await db.pool.query(`update calls set callback_offered_at = now() where id = $1`, [asked?.id]);
    await applyCallEvent(one.deps, asked?.id ?? '', { type: 'digit', legId: 'hotline-4.0', digit: '1' });
    const callback = async () => (await query<{ state: string; outcome: string | null }>(db.pool, 'select state, outcome from calls where callback_of = $1', [asked?.id]))[0];
    expect(await callback()).toMatchObject({ state: 'waiting' });
    write('hotline-4.1', record('13800000404', [5, 'ended 127']));
    await one.look();
    expect(await callback()).toMatchObject({ state: 'waiting' });
    write('hotline-4.2', record('13800000404', ...answered('hotline-4.3')));
    await one.look();
    expect(await callback()).toMatchObject({ state: 'ended', outcome: 'settled' });
    const calls = await callsOf('13800000404');
    expect([calls.length, new Set(calls.map((call) => call.caseId)).size]).toEqual([3, 1]);
    expect(calls.find((call) => call.carriedBy === 'asterisk' && call.outcome === 'answered')?.queuedAt).toEqual(new Date('2025-11-25T10:00:00Z'));
  });

  it('a blocked number has no case, unless an operator answered it', async () => {
    await db.pool.query(`insert into caller_rules (number, treatment, reason, ends_at) values ('13800000410', 'blocked', 'test', '2099-01-01')`);
    write('hotline-7.0', record('13800000410', [5, 'ended 127']));
    write('hotline-7.1', record('13800000410', ...answered('hotline-7.2')));
    await service().look();
    expect(await query(db.pool, `select outcome, case_id is null as is_caseless from calls where caller_number = '13800000410' order by outcome`))
      .toEqual([{ outcome: 'answered', isCaseless: false }, { outcome: 'blocked', isCaseless: true }]);
  });

  it('a record that tells of no call, or cannot be brought in, stops none of the others', async () => {
    await db.pool.query(`create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
      create trigger refuse before insert on calls for each row when (new.caller_number = '13800000405') execute function refuse()`);
    write('hotline-5.0', '1795600000.000 que');
    write('hotline-5.1', record('13800000405', [5, 'ended 127']));
    write('hotline-5.2', record('13800000406', [5, 'ended 127']));
    const one = service();
    await expect(one.look()).rejects.toThrow('some calls of Asterisk’s own queue could not be brought in');
    expect(one.ownQueue.isLookedAt()).toBe(true);
    expect(await callsOf('13800000406')).toMatchObject([{ outcome: 'abandoned_queue', endedBy: 'citizen', caseState: 'callback', ownerId: null }]);
    expect(records()).toEqual(['hotline-5.0.unreadable', 'hotline-5.1']);
    await db.pool.query('drop trigger refuse on calls; drop function refuse()');
    await one.look();
    expect([records(), (await callsOf('13800000405')).length]).toEqual([['hotline-5.0.unreadable'], 1]);
  });

  it('a folder that cannot be read keeps no call from its seat', async () => {
    writeFileSync(join(folder, 'file'), '');
    const one = service([], join(folder, 'file'));
    expect(one.ownQueue.isLookedAt()).toBe(false);
    await expect(one.look()).rejects.toThrow('ENOTDIR');
    expect(one.ownQueue.isLookedAt()).toBe(true);
    one.ownQueue.forget();
    expect(one.ownQueue.isLookedAt()).toBe(false);
  });

  it('no seat is offered a call before it is known who talks there: then it is', async () => {
    const web = links.keep(await startFaultWeb({ port: links.ariPort }));
    const [ari, ami] = [links.ari(web.port).connection, links.ami(links.amiPort).connection];
    const { deps, lines } = service();
    // A callback waits without a channel, and the seat's phone counts as registered whatever Asterisk says.
    await offerCall(deps, { channelId: 'hotline-6.0', calledNumber: '12345', callerRaw: '13800000408' });
    const [asked] = await callsOf('13800000408');
    await db.pool.query(`update calls set callback_offered_at = now() where id = $1`, [asked?.id]);
    await applyCallEvent(deps, asked?.id ?? '', { type: 'digit', legId: 'hotline-6.0', digit: '1' });
    await db.pool.query(`create function registered() returns trigger language plpgsql as $$ begin new.is_registered := true; return new; end $$;
      create trigger registered before update on seats for each row execute function registered()`);
    await setSeat('ready');
    write('hotline-6.1', record('13800000409', [5, 'ended 127']));
    web.faults.set('/ari/channels', 'late');
    links.keep(startTelephony({ ...deps, telephony: asteriskTelephony(ari, ami, folder) }, { ari, ami, talks: new Talks(), clock: createClock(deps.log) }));
    await until(() => web.asked.includes('/ari/channels') && ari.isConnected && ami.isConnected, 'it is being looked at');
    const matched = () => query(db.pool, `select from call_events where type = 'matched' and call_id in (select id from calls where callback_of = $1)`, [asked?.id]);
    await pause(2_500);
    expect(await matched()).toHaveLength(0);
    web.faults.clear();
    web.release();
    await until(async () => (await matched()).length > 0, 'the seat is offered the callback');
    expect(lines.some((line) => line.level >= 50)).toBe(false);
    await db.pool.query(`drop trigger registered on seats; drop function registered(); update calls set state = 'ended', ended_at = now(), outcome = 'failed' where state <> 'ended'`);
  });

  it('who was given away because the database failed comes back as soon as it works, into the place of old', async () => {
    const [ari, ami] = [links.ari(links.ariPort).connection, links.ami(links.amiPort).connection];
    const dir = place.env['HOTLINE_RECORDINGS_DIR'] ?? '';
    const { deps: given, lines } = service([], dir);
    await db.pool.query(`create sequence tries;
      create function refuse() returns trigger language plpgsql as $$ begin if nextval('tries') = 1 then raise 'refused'; end if; return new; end $$;
      create trigger refuse before insert on calls for each row execute function refuse()`);
    links.keep(startTelephony({ ...given, telephony: asteriskTelephony(ari, ami, dir) }, { ari, ami, talks: new Talks(), clock: createClock(given.log) }));
    await until(() => lines.some((line) => line.msg === 'Compared the calls with Asterisk'), 'the service follows Asterisk');
    const calledAt = Date.now();
    const phone = links.keep(startSipp(place.root, { scenario: 'citizen-hangs-up', service: '12345', remotePort: Number(place.env['HOTLINE_TRUNK_SIP_PORT']),
      localPort: phonePorts(place.firstPhone)(), values: { CALLER: '13800000407', TALK_MS: 500 } }));
    await phone.done;
    const [call] = await until(async () => { const calls = await callsOf('13800000407'); return calls[0]?.state === 'ended' && calls; }, 'the call is over');
    expect(call).toMatchObject({ outcome: 'abandoned_queue', carriedBy: 'both', caseState: 'callback' });
    expect(Math.abs((call?.queuedAt.getTime() ?? 0) - calledAt)).toBeLessThan(1_000);
    expect(lines.filter((line) => line.msg === 'Took over those who waited in Asterisk’s own queue')).toHaveLength(1);
    await until(() => readdirSync(join(dir, 'own-queue')).length === 0, 'the record is removed');
    expect(await callsOf('13800000407')).toHaveLength(1);
  });
});

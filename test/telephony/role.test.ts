import { tmpdir } from 'node:os';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { startSipp } from '../../scripts/phones/sipp.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import { createClock } from '../../src/clock.ts';
import type { AriEvent } from '../../src/telephony/ari-event.ts';
import { insertSeat } from '../../src/seats/queries.ts';
import { asteriskTelephony } from '../../src/telephony/asterisk-telephony.ts';
import { startTelephony } from '../../src/telephony/start-telephony.ts';
import { Talks } from '../../src/telephony/talks.ts';
import { asteriskLinks } from '../support/asterisk-links.ts';
import { capturedLog } from '../support/captured-log.ts';
import { startFaultWeb } from '../support/fault-web.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { phonePorts } from '../support/port-block.ts';
import { until } from '../support/until.ts';

const done = 'Compared the calls with Asterisk';
const failed = 'The comparison with Asterisk failed; trying again';

describe('after each connection the calls are compared with Asterisk', () => {
  const place = placeOfWorker();
  const links = asteriskLinks();
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  const port = phonePorts(place.firstPhone);
  beforeAll(async () => {
    db = await ownDatabase(place.env['DATABASE_URL'] ?? '');
    await db.pool.query(`update queues set announce_every_sec = 0; update numbers set greeting_prompts = '{}'`);
    const operatorId = uuid();
    await transaction(db.pool, (tx) => insertSeat(tx, { id: '8001', sipDigest: '0'.repeat(32), queueIds: ['12345'] }, new Date()));
    await db.pool.query(`insert into users (id, login, display_name, password_hash, roles) values ($1, 'operator', 'n', '', '{operator}')`, [operatorId]);
    await db.pool.query(`update seats set operator_id = $1, state = 'not_ready', not_ready_reason = 'meal'`, [operatorId]);
  });
  beforeEach(async () => {
    // The pool's own sockets are there before and after; only what the test opens is to go.
    await Promise.all(Array.from({ length: 16 }, () => db.pool.query('select pg_sleep(0.1)')));
    links.before();
  });
  afterEach(links.after);
  afterAll(() => db.close());

  /** The telephony role of a service, whose ARI passes through a web server with faults. */
  const role = async ({ lookEveryMs = 600_000 } = {}) => {
    const web = links.keep(await startFaultWeb({ port: links.ariPort }));
    const [ari, ami] = [links.ari(web.port).connection, links.ami(links.amiPort).connection];
    const { log, lines } = capturedLog();
    const clock = createClock(log);
    const config = { DATABASE_URL: db.url, HOTLINE_AREA_CODE: '0571', HOTLINE_PROMPTS_DIR: place.env['HOTLINE_PROMPTS_DIR'], HOTLINE_RECORDINGS_DIR: tmpdir() } as Deps['config'];
    const deps: Deps = { config, log, pool: db.pool, telephony: asteriskTelephony(ari, ami, '/tmp'), jobs: { wake: () => Promise.resolve() }, now: clock.now };
    const begin = () => links.keep(startTelephony(deps, { ari, ami, talks: new Talks(), clock }, lookEveryMs));
    /** What becomes of each event on its way. */
    const deliver = (way: (event: AriEvent, tell: (event: AriEvent) => Promise<void>) => Promise<void>): void => {
      const start = ari.start.bind(ari);
      ari.start = (handlers) => start({ ...handlers, onEvent: (event) => way(event, handlers.onEvent) });
    };
    const count = (message: string): number => lines.filter((line) => line.msg === message).length;
    const lists = (): number => web.asked.filter((path) => path === '/ari/channels').length;
    return { web, ari, begin, deliver, count, lists, lines, compared: (times: number) => until(() => count(done) >= times, `comparison ${times}`) };
  };
  const citizen = (caller: string, talkMs: number) => links.keep(startSipp(place.root, {
    scenario: 'citizen-hangs-up', service: '12345', remotePort: Number(place.env['HOTLINE_TRUNK_SIP_PORT']), localPort: port(), values: { CALLER: caller, TALK_MS: talkMs },
  }));
  const stateOf = async (caller: string): Promise<string[]> =>
    (await db.pool.query<{ state: string }>('select state from calls where caller_number = $1', [caller])).rows.map((row) => row.state);

  it('once for each', async () => {
    const one = await role();
    one.begin();
    await one.compared(1);
    one.web.dropUpgraded();
    await one.compared(2);
    expect([one.ari.epoch, one.count(done), one.count(failed)]).toEqual([2, 2, 0]);
  });

  it.each(['/ari/channels', '/ari/bridges'])('again and again when %s is refused, until it succeeds, and then no more', async (path) => {
    const one = await role();
    one.web.faults.set(path, { status: 500, body: '{}' });
    one.begin();
    await until(() => one.count(failed) >= 2, 'two failures');
    one.web.faults.clear();
    await one.compared(1);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect([one.count(done), one.ari.epoch]).toEqual([1, 1]);
  });

  it('again when the database had a hiccup', async () => {
    const one = await role();
    const query = db.pool.query.bind(db.pool) as (...args: unknown[]) => unknown;
    let hiccups = 2;
    const spy = vi.spyOn(db.pool, 'query').mockImplementation((...args: unknown[]): unknown => {
      if (!(args[0] as { text?: string }).text?.startsWith('select call_id, id, role') || hiccups === 0) return query(...args);
      hiccups -= 1;
      return Promise.reject(new Error('terminating connection due to administrator command'));
    });
    one.begin();
    await one.compared(1);
    spy.mockRestore();
    expect(one.count(failed)).toBe(2);
  });

  it('even when seats cannot be given to Asterisk', async () => {
    const one = await role();
    one.web.faults.set('/ari/asterisk/config', { status: 500, body: '{}' });
    one.begin();
    await one.compared(1);
    await until(() => one.count('Seats and numbers could not be given to Asterisk; trying again') >= 2, 'seats are tried again');
    expect(one.count(done)).toBe(1);
  });

  it('never twice at once: a connection during a comparison has one more after it', async () => {
    const one = await role();
    one.web.faults.set('/ari/channels', 'late');
    one.begin();
    await until(() => one.lists() === 1, 'the first comparison is under way');
    for (const epoch of [2, 3]) {
      one.web.dropUpgraded();
      await until(() => one.ari.epoch === epoch && one.ari.isConnected, 'a new connection');
    }
    expect([one.lists(), one.count(done)]).toEqual([1, 0]);
    one.web.faults.clear();
    one.web.release();
    await one.compared(2);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([one.lists(), one.count(done), one.count(failed)]).toEqual([2, 2, 0]);
  });

  it('a citizen who hung up while nobody heard is not waiting any more', async () => {
    const one = await role();
    one.begin();
    await one.compared(1);
    const phone = citizen('13800000201', 3_000);
    await until(async () => (await stateOf('13800000201'))[0] === 'waiting', 'the citizen waits');
    one.web.faults.set('/ari/api-docs/resources.json', { status: 503, body: '' });
    one.web.dropUpgraded();
    await phone.done;
    expect(await stateOf('13800000201')).toEqual(['waiting']);
    one.web.faults.clear();
    await until(async () => (await stateOf('13800000201'))[0] === 'ended', 'the call is ended');
    expect(one.count(failed)).toBe(0);
  });

  it('a citizen who comes or goes while it is under way has one call, with its right end', async () => {
    const one = await role();
    one.begin();
    await one.compared(1);
    const goes = citizen('13800000202', 3_000);
    await until(async () => (await stateOf('13800000202'))[0] === 'waiting', 'the first waits');
    one.web.faults.set('/ari/bridges', 'late');
    one.web.dropUpgraded();
    await until(() => one.web.asked.filter((path) => path === '/ari/bridges').length === 2, 'the comparison is under way');
    const stays = citizen('13800000203', 6_000);
    await until(async () => (await stateOf('13800000203'))[0] === 'waiting', 'the second is taken meanwhile');
    await goes.done;
    await until(async () => (await stateOf('13800000202'))[0] === 'ended', 'the end of the first is heard meanwhile');
    one.web.faults.clear();
    one.web.release();
    await one.compared(2);
    expect([await stateOf('13800000202'), await stateOf('13800000203')]).toEqual([['ended'], ['waiting']]);
    await stays.done;
    await until(async () => (await stateOf('13800000203'))[0] === 'ended', 'the second ends');
  });

  it('a bridge whose call is over, and a channel whose leg is, are taken out of Asterisk; other bridges stay', async () => {
    const one = await role();
    one.begin();
    await one.compared(1);
    const [orphan, foreign] = [uuid(), uuid()];
    await one.ari.command('POST', `/bridges/${orphan}`, { type: 'mixing', name: orphan });
    await one.ari.command('POST', `/bridges/${foreign}`, { type: 'mixing', name: 'somebody else’s' });
    const phone = citizen('13800000204', 60_000);
    await until(async () => (await stateOf('13800000204'))[0] === 'waiting', 'the citizen waits');
    // The service died between the commit of the end and the hang-up.
    await db.pool.query(`update call_legs set state = 'ended', ended_at = now() where number = '13800000204'`);
    await db.pool.query(`update calls set state = 'ended', ended_at = now(), outcome = 'failed', ended_by = 'system' where caller_number = '13800000204'`);
    one.web.dropUpgraded();
    await one.compared(2);
    expect(await phone.done).toBeDefined();
    const bridges = ((await one.ari.command('GET', '/bridges')) as { id: string }[]).map((bridge) => bridge.id);
    expect([bridges.includes(orphan), bridges.includes(foreign)]).toEqual([false, true]);
    await one.ari.command('DELETE', `/bridges/${foreign}`);
  });

  it('events that are lost although the connection stands are found: a citizen who comes, and one who goes', async () => {
    const one = await role({ lookEveryMs: 300 });
    one.deliver(() => Promise.resolve());
    one.begin();
    await one.compared(1);
    const phone = citizen('13800000205', 6_000);
    await until(async () => (await stateOf('13800000205'))[0] === 'waiting', 'the citizen is found');
    await phone.done;
    await until(async () => (await stateOf('13800000205'))[0] === 'ended', 'the end is found');
    expect([await stateOf('13800000205'), one.ari.epoch, one.count(done)]).toEqual([['ended'], 1, 1]);
    expect(one.count('Events of Asterisk were missed; what they meant was done now')).toBeGreaterThanOrEqual(2);
  });

  it('events that come twice, or the end before the beginning, make one call that ends', async () => {
    const one = await role({ lookEveryMs: 300 });
    const late: AriEvent[] = [];
    let isSwapping = false;
    one.deliver(async (event, tell) => {
      if (isSwapping && event.type === 'StasisStart') { late.push(event); return; }
      await Promise.all([tell(event), tell(event)]);
      if (event.type === 'StasisEnd') for (const start of late.splice(0)) await tell(start);
    });
    one.begin();
    await one.compared(1);
    await citizen('13800000206', 3_000).done;
    await until(async () => (await stateOf('13800000206'))[0] === 'ended', 'the first ends');
    isSwapping = true;
    const early = citizen('13800000207', 3_000);
    await until(() => late.length > 0, 'the beginning is on its way');
    early.hangUp();
    await until(async () => (await stateOf('13800000207'))[0] === 'ended', 'the second ends');
    expect([await stateOf('13800000206'), await stateOf('13800000207')]).toEqual([['ended'], ['ended']]);
  });

  it('a look that finds nothing wrong leaves all as it is', async () => {
    const one = await role({ lookEveryMs: 200 });
    one.begin();
    await one.compared(1);
    const phone = citizen('13800000208', 60_000);
    await until(async () => (await stateOf('13800000208'))[0] === 'waiting', 'the citizen waits');
    const before = one.lists();
    await until(() => one.lists() > before + 4, 'some looks');
    const { rows } = await db.pool.query(`select type from call_events e join calls c on c.id = e.call_id where c.caller_number = '13800000208'`);
    expect([await stateOf('13800000208'), rows.length, one.count('Events of Asterisk were missed; what they meant was done now')]).toEqual([['waiting'], 1, 0]);
    phone.hangUp();
    await until(async () => (await stateOf('13800000208'))[0] === 'ended', 'the citizen leaves');
  });

  it('whoever calls after the clock was set back, and the service restarted, waits behind those who wait', async () => {
    const first = await role();
    const service = first.begin();
    await first.compared(1);
    const phones = [citizen('13800000209', 60_000)];
    await until(async () => (await stateOf('13800000209'))[0] === 'waiting', 'the first waits');
    await service.stop();
    // An hour from now, as it looks to a machine whose clock was set back.
    await db.pool.query(`update calls set queued_at = queued_at + interval '1 hour', offered_at = offered_at + interval '1 hour' where caller_number = '13800000209'`);
    const second = await role();
    second.begin();
    await second.compared(1);
    phones.push(citizen('13800000210', 60_000));
    await until(async () => (await stateOf('13800000210'))[0] === 'waiting', 'the second waits');
    const { rows } = await db.pool.query<{ number: string }>(`select caller_number as number from calls where state = 'waiting' order by queued_at, id`);
    expect(rows.map((row) => row.number)).toEqual(['13800000209', '13800000210']);
    for (const phone of phones) phone.hangUp();
    for (const number of ['13800000209', '13800000210']) await until(async () => (await stateOf(number))[0] === 'ended', 'they leave');
  });

  it('a service whose application another takes says so as an error, and leaves it to the other', async () => {
    const one = await role();
    one.begin();
    await one.compared(1);
    const { env } = place;
    const url = `ws://127.0.0.1:${links.ariPort}/ari/events?app=hotline&api_key=${env['ASTERISK_ARI_USER'] ?? ''}:${encodeURIComponent(env['ASTERISK_ARI_PASSWORD'] ?? '')}`;
    const other = new WebSocket(url);
    const heard: string[] = [];
    other.on('message', (data: Buffer) => heard.push(data.toString()));
    links.keep({ stop: () => other.terminate() });
    await until(() => !one.ari.isConnected, 'it lets go');
    expect(one.lines.some((line) => line.level === 50 && line.msg.startsWith('Another service took over'))).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([one.ari.epoch, heard.some((event) => event.includes('ApplicationReplaced'))]).toEqual([1, false]);
  });
});

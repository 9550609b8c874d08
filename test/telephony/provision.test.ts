import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSipp } from '../../scripts/phones/sipp.ts';
import type { UserActor } from '../../src/auth/actor.ts';
import { changeConfiguration } from '../../src/configuration/change-configuration.ts';
import { numberKind } from '../../src/configuration/kinds/number.ts';
import { queueKind } from '../../src/configuration/kinds/queue.ts';
import type { Item, Kind } from '../../src/configuration/kind.ts';
import { isProvisioned } from '../../src/configuration/queries.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import { insertSeat } from '../../src/seats/queries.ts';
import { seatDigest } from '../../src/seats/sip-digest.ts';
import { createFallbackQueues } from '../../src/telephony/fallback-queues.ts';
import { createProvisioning } from '../../src/telephony/provision.ts';
import { asWritten, isAsWanted, objectKinds, seatObjects } from '../../src/telephony/seat-objects.ts';
import { createUser } from '../../src/users/create-user.ts';
import { asteriskLinks } from '../support/asterisk-links.ts';
import { capturedLog } from '../support/captured-log.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { phonePorts } from '../support/port-block.ts';

describe('what Asterisk has follows the rows', () => {
  const place = placeOfWorker();
  const links = asteriskLinks();
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  let userId = '';
  const seats = Array.from({ length: 750 }, (_, index) => String(20_000 + index));
  beforeAll(async () => {
    db = await ownDatabase(place.env['DATABASE_URL'] ?? '');
    userId = (await transaction(db.pool, (tx) => createUser(tx, { login: 'admin', displayName: 'a', roles: ['admin'], endsAt: null, mustChangePassword: false }, new Date()))).id;
  });
  beforeEach(async () => {
    await Promise.all(Array.from({ length: 16 }, () => db.pool.query('select pg_sleep(0.1)')));
    links.before();
  });
  afterEach(links.after);
  afterAll(() => db.close());

  /** A service's connections, without its application: what calls in meets Asterisk's own queues. */
  const open = async () => {
    const [ari, ami] = [links.ari(links.ariPort).connection, links.ami(links.amiPort)];
    ami.start();
    await ami.connected();
    const { log, lines } = capturedLog();
    const config = { HOTLINE_PROMPTS_DIR: place.env['HOTLINE_PROMPTS_DIR'] } as Deps['config'];
    const deps = { config, log, pool: db.pool, now: () => new Date() } as Deps;
    const fallback = createFallbackQueues(deps, ami.connection);
    const { follow, forget } = createProvisioning(deps, { ari, ami: ami.connection }, fallback.know);
    const author = { actor: { kind: 'user', userId } as UserActor, trace: { id: uuid(), ip: '127.0.0.1' } };
    const change = (kind: Kind, key: string, item: Item | null, version?: number) => changeConfiguration(deps, author, { kind, key, item, version });
    return { ari, ami: ami.connection, follow, fallback, change, anew: async () => { forget(); await follow(); }, given: () => lines.filter((line) => line.msg === 'Gave seats to Asterisk') };
  };
  type Open = Awaited<ReturnType<typeof open>>;
  const read = async (ari: Open['ari'], kind: string, name: string) => Object.fromEntries(((await ari.command('GET', `/asterisk/config/dynamic/res_pjsip/${kind}/${name}`)) as { attribute: string; value: string }[])
    .map(({ attribute, value }) => [attribute, value]));
  const variable = async ({ ari }: Open, number: string) => ((await ari.command('GET', '/asterisk/variable', { variable: `FALLBACK_${number}` })) as { value: string }).value;
  const endpoints = async (ami: Open['ami']): Promise<string[]> =>
    (await ami.action('PJSIPShowEndpoints', {}, true)).map((one) => one['objectname'] ?? '').filter((name) => name.startsWith('seat-'));
  const expectSeats = async ({ ari, ami }: Open): Promise<void> => {
    const there = await endpoints(ami);
    expect(there.sort()).toEqual(seats.map((id) => `seat-${id}`));
    for (const id of seats) {
      const wanted = seatObjects({ id, sipDigest: seatDigest(id, 'secret') });
      for (const kind of objectKinds) expect([id, kind, isAsWanted(wanted[kind], await read(ari, kind, `seat-${id}`))]).toEqual([id, kind, true]);
    }
  };

  it('all 750 seats of a capital, into an empty Asterisk', async () => {
    await transaction(db.pool, async (tx) => { for (const id of seats) await insertSeat(tx, { id, sipDigest: seatDigest(id, 'secret'), queueIds: ['12345'] }, new Date()); });
    const one = await open();
    const startedAt = Date.now();
    await one.follow();
    console.log(`750 seats given to Asterisk in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    await expectSeats(one);
    const again = Date.now();
    await one.anew();
    console.log(`750 seats found as they are in ${((Date.now() - again) / 1000).toFixed(1)} s`);
    expect(one.given()).toEqual([expect.objectContaining({ written: 750 })]);
  });

  it('what is missing, different or left over is mended, and only that', async () => {
    const one = await open();
    const put = (kind: string, name: string, fields: Record<string, string>) =>
      one.ari.command('PUT', `/asterisk/config/dynamic/res_pjsip/${kind}/${name}`, {}, { fields: Object.entries(fields).map(([attribute, value]) => ({ attribute, value })) });
    await one.ari.command('DELETE', '/asterisk/config/dynamic/res_pjsip/endpoint/seat-20001');
    await one.ari.command('DELETE', '/asterisk/config/dynamic/res_pjsip/auth/seat-20002');
    await put('aor', 'seat-20003', { max_contacts: '5' });
    await put('endpoint', 'seat-20004', { context: 'from-trunk', allow: 'alaw' });
    await put('auth', 'seat-20005', { auth_type: 'userpass', username: 'seat-20005', realm: 'hotline', md5_cred: seatDigest('20005', 'stolen') });
    const left = seatObjects({ id: '99999', sipDigest: seatDigest('99999', 'x') });
    for (const kind of objectKinds) await put(kind, 'seat-99999', asWritten(left[kind]));
    await one.anew();
    expect(one.given()).toEqual([expect.objectContaining({ written: 5, removed: 1 })]);
    await expectSeats(one);
    for (const kind of ['auth', 'aor']) await expect(read(one.ari, kind, 'seat-99999')).rejects.toMatchObject({ status: 404 });
  });

  it('a new queue and its number are Asterisk’s own queue while no service is there, with the seats that work', async () => {
    const one = await open();
    await one.follow();
    await one.change(queueKind, 'english', { name: 'English' });
    const { changeId } = await one.change(numberKind, '96123', { queueId: 'english', greetingPrompts: [] });
    await one.follow();
    expect([await variable(one, '96123'), await variable(one, '12345'), await isProvisioned(db.pool, changeId ?? 0)]).toEqual(['english', '12345', true]);
    await db.pool.query(`update queue_seats set queue_id = 'english' where seat_id = '20000'`);
    await db.pool.query(`update seats set operator_id = $1, state = 'ready' where id = '20000'`, [userId]);
    await one.fallback.keep();
    const port = phonePorts(place.firstPhone);
    const phone = { service: 'seat-20000', user: 'seat-20000', password: 'secret', remotePort: Number(place.env['HOTLINE_SEAT_SIP_PORT']), localPort: port() };
    expect(await startSipp(place.root, { ...phone, scenario: 'seat-register' }).done).toBe(0);
    const answering = links.keep(startSipp(place.root, { ...phone, scenario: 'seat-answers' }));
    await answering.bound;
    const citizen = links.keep(startSipp(place.root, { scenario: 'citizen-hangs-up', service: '96123', remotePort: Number(place.env['HOTLINE_TRUNK_SIP_PORT']), localPort: port(), values: { TALK_MS: 500 } }));
    expect([await citizen.done, await answering.done]).toEqual([0, 0]);
    // Gone with their rows.
    await db.pool.query(`update seats set operator_id = null, state = 'signed_out' where id = '20000'; update queue_seats set queue_id = '12345' where seat_id = '20000'`);
    await one.change(numberKind, '96123', null, 1);
    await one.change(queueKind, 'english', null, 1);
    await one.follow();
    expect(await variable(one, '96123')).toBe('');
    const queues = (await one.ami.action('QueueSummary', {}, true)).map((item) => item['queue']).filter((name) => name !== undefined);
    expect(queues).toEqual(['12345']);
  });

  it('a queue in a folder that Asterisk does not see is stood in for by the queue 12345', async () => {
    const one = await open();
    await db.pool.query(`insert into queues (id, name) values ('unseen', 'x'); insert into numbers (number, queue_id) values ('96124', 'unseen')`);
    const config = { HOTLINE_PROMPTS_DIR: `${place.dataDir}/elsewhere` } as Deps['config'];
    const { log, lines } = capturedLog();
    await createProvisioning({ config, log, pool: db.pool, now: () => new Date() } as Deps, one, one.fallback.know).follow();
    expect([await variable(one, '96124'), lines.some((line) => line.msg.startsWith('Asterisk does not read the queues'))]).toEqual(['12345', true]);
    await db.pool.query(`delete from numbers where number = '96124'; delete from queues where id = 'unseen'`);
  });

  it('seats without a row are taken out again', async () => {
    const one = await open();
    await db.pool.query('delete from seats');
    await one.anew();
    expect(await endpoints(one.ami)).toEqual([]);
  });
});

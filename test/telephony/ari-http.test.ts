import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asteriskLinks, eventSocket } from '../support/asterisk-links.ts';
import { startFaultWeb, type Fault } from '../support/fault-web.ts';
import { until } from '../support/until.ts';

const html = { status: 200, body: '<html>Welcome</html>' };

describe('a command to Asterisk (ARI)', () => {
  const links = asteriskLinks();
  beforeEach(links.before);
  afterEach(links.after);
  const throughWeb = async (requestTimeoutMs?: number) => {
    const web = links.keep(await startFaultWeb({ port: links.ariPort }));
    return { web, ...links.ari(web.port, requestTimeoutMs ? { requestTimeoutMs } : {}) };
  };
  const ping = '/asterisk/ping';

  it.each<[string, Fault, object]>([
    ['is refused', { status: 500, body: '{"message":"Internal Error"}' }, { status: 500, message: 'ARI GET /ari/asterisk/ping: 500 {"message":"Internal Error"}' }],
    ['finds nothing', { status: 404, body: '{"message":"Channel not found"}' }, { status: 404 }],
    ['comes too late', { status: 409, body: '' }, { status: 409 }],
    ['is answered by another program', html, { status: 200, message: 'ARI GET /ari/asterisk/ping: the answer is not JSON' }],
    ['is reset', 'reset', { status: 0 }],
    ['is answered by silence', 'hang', { status: 0, message: 'Asterisk did not answer: timed out' }],
  ])('that %s ends with an error that tells it', async (_what, fault, error) => {
    const { web, connection } = await throughWeb(1_000);
    web.faults.set('/ari/asterisk/ping', fault);
    await expect(connection.command('GET', ping)).rejects.toMatchObject({ name: 'AriError', ...error });
    web.faults.clear();
    expect(await connection.command('GET', ping)).toMatchObject({ ping: 'pong' });
  });

  it('that nobody listens for ends with an error', async () => {
    const { proxy, connection } = await links.ariThroughProxy();
    proxy.refuse();
    await expect(connection.command('GET', ping)).rejects.toMatchObject({ name: 'AriError', status: 0 });
  });

  it('that is cut off in the middle of its answer ends with an error', async () => {
    const { proxy, connection } = await links.ariThroughProxy();
    proxy.cutAt('"pong"');
    await expect(connection.command('GET', ping)).rejects.toMatchObject({ name: 'AriError', status: 0 });
  });

  it('is sent again when Asterisk had just closed the socket that waited for it', async () => {
    const { web, connection } = await throughWeb();
    await Promise.all([1, 2, 3].map(() => connection.command('GET', ping)));
    web.dropIdle();
    expect(await connection.command('GET', ping)).toMatchObject({ ping: 'pong' });
  });

  it('waits its turn: hundreds at once use no more sockets than Asterisk has sessions for, and all succeed', async () => {
    const { proxy, connection } = await links.ariThroughProxy();
    let most = 0;
    const watch = setInterval(() => { most = Math.max(most, proxy.links()); }, 1);
    const answers = await Promise.all(Array.from({ length: 400 }, () => connection.command('GET', ping)));
    clearInterval(watch);
    expect(answers).toHaveLength(400);
    expect(most).toBeLessThanOrEqual(40);
    expect(proxy.accepted()).toBeLessThanOrEqual(40);
  });

  it('goes to its own Asterisk with its own password, also when there are two', async () => {
    const [one, two] = [await links.ariThroughProxy(), await links.ariThroughProxy({ password: 'another' })];
    expect(await one.connection.command('GET', ping)).toMatchObject({ ping: 'pong' });
    await expect(two.connection.command('GET', ping)).rejects.toMatchObject({ status: 401 });
    expect(await one.connection.command('GET', ping)).toMatchObject({ ping: 'pong' });
  });
});

describe('connecting to Asterisk’s events (ARI) while its web server is not well', () => {
  const links = asteriskLinks();
  beforeEach(links.before);
  afterEach(links.after);

  // resources.json is asked by us; the others by ari-client, which throws what it cannot read out of anybody's reach.
  const places = ['/ari/api-docs/resources.json', '/ari/api-docs/channels.json'];
  const faults: [string, Fault][] = [['status 500', { status: 500, body: 'no' }], ['status 404', { status: 404, body: '{}' }], ['HTML', html], ['JSON of another kind', { status: 200, body: 'null' }], ['reset', 'reset'], ['silence', 'hang']];
  it.each(places.flatMap((place) => faults.map(([name, fault]) => [place, name, fault] as const)))('%s gives %s: it goes on trying, and comes up when that is over', async (place, _name, fault) => {
    const web = links.keep(await startFaultWeb({ port: links.ariPort }));
    const { start, connected, hears, connection, lines } = links.ari(web.port, { requestTimeoutMs: 2_000 });
    web.faults.set(place, fault);
    start();
    await until(() => web.asked.includes(place), 'it has asked');
    await until(() => lines.some((line) => line.msg.startsWith('Asterisk cannot be reached')), 'the reason is told');
    expect(connection.isConnected).toBe(false);
    web.faults.clear();
    await connected();
    expect(await hears()).toBe(true);
  });

  it.each<[string, Fault]>([['refused', { status: 503, body: '' }], ['answered as a page', html], ['reset', 'reset']])('an event socket that is %s is opened again', async (_name, fault) => {
    const { proxy, start, connected, hears } = await links.ariThroughProxy();
    const answer = typeof fault === 'object' ? `HTTP/1.1 ${fault.status} No\r\nContent-Length: ${fault.body.length}\r\n\r\n${fault.body}` : null;
    proxy.onSaid(eventSocket, (client) => { if (answer) client.end(answer); else client.resetAndDestroy(); });
    start();
    await until(() => proxy.sent().split(eventSocket).length > 3, 'two tries');
    proxy.onSaid('', null);
    await connected();
    expect(await hears()).toBe(true);
  });
});

import ari from 'ari-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asteriskLinks, eventSocket } from '../support/asterisk-links.ts';
import { textFrame } from '../support/fault-proxy.ts';
import { startFaultWeb } from '../support/fault-web.ts';
import { openResources } from '../support/open-sockets.ts';
import { until } from '../support/until.ts';

describe('the connection to Asterisk’s events (ARI)', () => {
  const links = asteriskLinks();
  beforeEach(links.before);
  afterEach(links.after);

  it('hears of a channel, and says nothing of its own on the console', async () => {
    const console = vi.spyOn(globalThis.console, 'log');
    const { start, connected, hears, connection } = await links.ariThroughProxy();
    start();
    await connected();
    expect(await hears()).toBe(true);
    expect(connection.dropped).toEqual({ unknown: 0, unreadable: 0 });
    expect(console).not.toHaveBeenCalled();
    console.mockRestore();
  });

  it('drops and counts an event of an unknown type and frames that cannot be read, and hears the next', async () => {
    const { proxy, start, connected, hears, connection, epochs } = await links.ariThroughProxy();
    start();
    await connected();
    const frames = ['{"type":"ChannelLevitated","channel":{"id":"1"}}', '{"type":"StasisSt', '[]', 'null', '{"type":"StasisStart"}', '{"type":"StasisEnd","channel":{"id":7}}', ''];
    for (const frame of frames) proxy.inject(textFrame(frame), eventSocket);
    await until(() => connection.dropped.unknown + connection.dropped.unreadable === frames.length, 'all are counted');
    expect(connection.dropped).toEqual({ unknown: 1, unreadable: 6 });
    expect(await hears()).toBe(true);
    expect(epochs).toEqual([1]);
  });

  it('opens a new connection after bytes that are no WebSocket frame', async () => {
    const { proxy, start, connected, hears } = await links.ariThroughProxy();
    start();
    await connected();
    proxy.inject(Buffer.from([0xff, 0xff, 0xff, 0xff]), eventSocket);
    await connected(2);
    expect(await hears()).toBe(true);
  });

  it.each(['reset', 'end'] as const)('comes back when its sockets meet: %s, with a new epoch, and hears again', async (fault) => {
    const { proxy, start, connected, hears, epochs } = await links.ariThroughProxy();
    start();
    await connected();
    proxy[fault]();
    await connected(2);
    expect(epochs).toEqual([1, 2]);
    expect(await hears()).toBe(true);
  });

  it('comes back after a frame that was cut in its middle', async () => {
    const { proxy, start, connected, hears, connection } = await links.ariThroughProxy();
    start();
    await connected();
    proxy.cutAt('"type":"StasisStart"');
    await connection.command('POST', '/channels', { endpoint: 'Local/100@from-seats', context: 'from-seats', extension: '100', priority: 1 });
    await connected(2);
    expect(await hears()).toBe(true);
    for (const channel of (await connection.command('GET', '/channels')) as { id: string }[]) await connection.command('DELETE', `/channels/${channel.id}`).catch(() => undefined);
  });

  it('goes on trying longer than ari-client would, tells each reason once, and begins with short pauses after each success', async () => {
    const pauses: number[] = [];
    const { proxy, start, connected, hears, lines } = await links.ariThroughProxy({ pauseMs: (attempt) => { pauses.push(attempt); return 20; } });
    start();
    await connected();
    proxy.refuse();
    proxy.reset();
    await until(() => pauses.length > 15, 'many tries'); // ari-client gives up after ten
    expect(lines.filter((line) => line.msg.startsWith('Asterisk cannot be reached'))).toHaveLength(1);
    await proxy.pass();
    await connected(2);
    const tries = pauses.length;
    expect(pauses).toEqual(Array.from({ length: tries }, (_, attempt) => attempt));
    proxy.reset();
    await connected(3);
    expect(pauses.slice(tries)).toEqual([0]);
    expect(await hears()).toBe(true);
  });

  it('notices a peer that went silent without a word, and connects anew', async () => {
    const { proxy, start, connected, hears, connection, lines } = await links.ariThroughProxy({ pingEveryMs: 300 });
    start();
    await connected();
    proxy.freeze();
    await until(() => !connection.isConnected, 'the silence is noticed');
    expect(lines.some((line) => line.err?.message === 'pings were not answered')).toBe(true);
    await proxy.pass();
    await connected(2);
    expect(await hears()).toBe(true);
  });

  it('keeps a silent but living connection', async () => {
    const { start, connected, epochs, connection } = await links.ariThroughProxy({ pingEveryMs: 300 });
    start();
    await connected();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(epochs).toEqual([1]);
    expect(connection.isConnected).toBe(true);
  });

  it('tells once, as an error, that the password is wrong, goes on trying, and does not write it anywhere', async () => {
    const { proxy, start, lines, text, connection } = await links.ariThroughProxy({ password: 'wrong-secret-word' });
    start();
    await until(() => proxy.accepted() >= 1 && proxy.sent().split('api-docs/resources.json').length > 4, 'three tries');
    expect(lines.filter((line) => line.level >= 50)).toHaveLength(1);
    expect(lines.find((line) => line.level >= 50)?.msg).toContain('Asterisk refused the service');
    expect(connection.isConnected).toBe(false);
    expect(text()).not.toContain('wrong-secret-word');
  });

  it('keeps the password out of its log when all goes well', async () => {
    const { start, connected, text, proxy } = await links.ariThroughProxy({ pingEveryMs: 300 });
    start();
    await connected();
    proxy.reset();
    await connected(2);
    const secret = /api_key=[^:]+:([^&\s]+)/.exec(proxy.sent())?.[1] ?? '';
    expect(secret.length).toBeGreaterThan(10);
    expect(text()).not.toContain(decodeURIComponent(secret));
  });

  it('keeps nothing of the calls it heard of', async () => {
    const connect = vi.spyOn(ari, 'connect');
    const { proxy, start, connected, events } = await links.ariThroughProxy();
    start();
    await connected();
    const client = (await connect.mock.results[0]?.value) as unknown as { eventNames(): unknown[]; _instanceListeners: object; _ws: { listenerCount(name: string): number } };
    const channel = { name: 'PJSIP/trunk-1', state: 'Up', caller: { number: '', name: '' }, dialplan: { exten: '12345', app_name: 'Stasis', app_data: 'hotline,inbound,12345' } };
    for (let call = 0; call < 2_000; call += 1) proxy.inject(textFrame(JSON.stringify({ type: 'StasisEnd', channel: { ...channel, id: `call-${call}` } })), eventSocket);
    await until(() => events.length === 2_000, 'all events');
    expect([client.eventNames(), client._instanceListeners, client._ws.listenerCount('message')]).toEqual([[], {}, 1]);
    connect.mockRestore();
  });
});

describe('leaving Asterisk’s events', () => {
  const links = asteriskLinks();
  beforeEach(links.before);
  afterEach(links.after);
  const leavesNothing = async (one: Awaited<ReturnType<typeof links.ariThroughProxy>>, timers: number): Promise<void> => {
    await one.connection.stop();
    await until(() => one.proxy.links() === 0, 'no socket is left');
    const connections = one.proxy.accepted();
    await one.proxy.pass();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect([one.proxy.accepted(), one.connection.isConnected]).toEqual([connections, false]);
    await until(() => openResources('timers') <= timers, 'no timer is left');
  };

  it('leaves no socket and no timer while connected, and can be begun again', async () => {
    const timers = openResources('timers');
    const one = await links.ariThroughProxy({ pauseMs: () => 200 });
    one.start();
    await one.connected();
    await leavesNothing(one, timers);
    one.start();
    await one.connected(2);
    expect(await one.hears()).toBe(true);
  });

  it('leaves nothing in the pause between two tries: no connection comes up later', async () => {
    const timers = openResources('timers');
    const one = await links.ariThroughProxy({ pauseMs: () => 200 });
    one.proxy.resetNew();
    one.start();
    await until(() => one.proxy.accepted() > 4, 'it pauses between its tries');
    await leavesNothing(one, timers);
    expect(one.epochs).toEqual([]);
  });

  it('leaves nothing while it asks an Asterisk that says nothing', async () => {
    const timers = openResources('timers');
    const one = await links.ariThroughProxy({ pauseMs: () => 200 });
    one.proxy.freeze();
    one.start();
    await until(() => one.proxy.links() > 0, 'it has asked');
    await leavesNothing(one, timers);
    expect(one.epochs).toEqual([]);
  });

  it('opens no WebSocket when it was stopped while ari-client loads', async () => {
    const web = links.keep(await startFaultWeb({ port: links.ariPort }));
    const { start, connection } = links.ari(web.port, { pauseMs: () => 200 });
    web.faults.set('/ari/api-docs/recordings.json', 'late');
    start();
    await until(() => web.asked.includes('/ari/api-docs/recordings.json'), 'ari-client loads');
    await connection.stop();
    web.faults.clear();
    web.release();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(web.asked.filter((path) => path.startsWith('/ari/events'))).toEqual([]);
  });

  it('leaves nothing while the WebSocket opens', async () => {
    const timers = openResources('timers');
    const one = await links.ariThroughProxy({ pauseMs: () => 200 });
    one.proxy.onSaid(eventSocket, () => one.proxy.freeze());
    one.start();
    await until(() => one.proxy.sent().includes(eventSocket), 'it opens');
    await leavesNothing(one, timers);
    expect(one.epochs).toEqual([]);
  });
});

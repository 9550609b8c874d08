import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asteriskLinks } from '../support/asterisk-links.ts';
import { openResources } from '../support/open-sockets.ts';
import { until } from '../support/until.ts';

const refused = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'answered', (error: Error) => error.message);

describe('the connection to Asterisk’s manager (AMI)', () => {
  const links = asteriskLinks();
  beforeEach(links.before);
  afterEach(links.after);
  const connectedLink = async (options: Parameters<typeof links.ami>[1] = {}) => {
    const one = await links.amiThroughProxy(options);
    one.start();
    await one.connected();
    return one;
  };

  it('refuses line breaks, NUL, long values and other actions’ fields, before anything is sent', async () => {
    const { connection, proxy, answers } = await connectedLink();
    const attack = 'bar\r\n\r\nAction: QueueAdd\r\nQueue: 12345\r\nInterface: Local/1@from-seats';
    const fields: Record<string, string>[] = [{ File: attack }, { File: 'a\nb' }, { File: 'a\rb' }, { File: 'a\0b' }, { ['File\r\nAction']: 'x' }, { 'a b': 'x' }, { File: '市'.repeat(301) }, { ActionID: '7' }, { Action: 'Command' }];
    for (const one of fields) expect(await refused(connection.action('MixMonitor', { Channel: 'none', ...one }))).toContain('AMI field');
    expect(await answers()).toBe(true);
    expect(proxy.sent()).not.toMatch(/MixMonitor|QueueAdd|Command/);
  });

  it('carries Chinese both ways, and gives a list whole', async () => {
    const { connection } = await connectedLink();
    await connection.action('QueueAdd', { Queue: '12345', Interface: 'Local/1@from-seats', MemberName: '话务员一号' });
    const list = await connection.action('QueueStatus', {}, true);
    await connection.action('QueueRemove', { Queue: '12345', Interface: 'Local/1@from-seats' });
    expect(list.filter((item) => item['event'] === 'QueueMember')).toMatchObject([{ name: '话务员一号' }]);
  });

  it('ends a refused action with Asterisk’s reason', async () => {
    const { connection, answers } = await connectedLink();
    expect(await refused(connection.action('QueueRemove', { Queue: 'none', Interface: 'Local/1' }))).toContain('AMI QueueRemove was refused: Unable to remove interface');
    expect(await refused(connection.action('PJSIPShowEndpoint', { Endpoint: 'none' }, true))).toContain('was refused');
    expect(await answers()).toBe(true);
  });

  it('answers hundreds of actions at once', async () => {
    const { connection } = await connectedLink();
    expect(await Promise.all(Array.from({ length: 500 }, () => connection.action('Ping')))).toHaveLength(500);
  });

  it('ends an action that is not answered in time, and takes no harm from the late answer', async () => {
    const { connection, proxy, answers } = await connectedLink({ actionTimeoutMs: 500 });
    proxy.freeze();
    expect(await refused(connection.action('Ping'))).toBe('AMI Ping was not answered');
    await proxy.pass();
    proxy.inject(`Response: Success\r\nActionID: ${/.*ActionID: (\S+)/s.exec(proxy.sent())?.[1] ?? ''}\r\nPing: Pong\r\n\r\n`);
    expect(await answers()).toBe(true);
  });

  it('ends the actions under way when the connection is lost, refuses those that come before the next, and loses none silently', async () => {
    const { connection, proxy, connected, answers } = await connectedLink();
    proxy.freeze();
    const pending = [connection.action('Ping'), connection.action('QueueStatus', {}, true)].map(refused);
    proxy.reset();
    expect(await Promise.all(pending)).toEqual(Array(2).fill('the connection to Asterisk (AMI) was lost'));
    expect(await refused(connection.action('Ping'))).toBe('Asterisk (AMI) is not connected');
    await proxy.pass();
    await connected(2);
    expect(await answers()).toBe(true);
  });

  it.each(['reset', 'end'] as const)('comes back when its socket meets: %s', async (fault) => {
    const { proxy, connected, answers } = await connectedLink();
    proxy[fault]();
    await connected(2);
    expect(await answers()).toBe(true);
  });

  it('comes back after half an event, half an answer and half a login', async () => {
    const { connection, proxy, connected, answers } = await connectedLink();
    proxy.inject('Event: ContactStatus\r\nAOR: seat-80');
    proxy.reset();
    await connected(2);
    expect(await answers()).toBe(true);
    proxy.cutAt('Ping: Pong');
    expect(await refused(connection.action('Ping'))).toBe('the connection to Asterisk (AMI) was lost');
    await connected(3);
    proxy.cutAt('Authentication accepted');
    proxy.reset();
    await connected(4);
    expect(await answers()).toBe(true);
  });

  it('takes no event for a message of the library itself, whatever its name', async () => {
    const { proxy, events, answers } = await connectedLink();
    const names = ['Close', 'Error', 'End', 'Connect', 'rawevent', 'managerevent', 'response', '__proto__'];
    for (const name of names) proxy.inject(`Event: ${name}\r\nNumber: 1\r\n\r\n`);
    await until(() => events.filter((event) => event['number'] === '1').length >= names.length, 'all arrive as events');
    expect(events.filter((event) => event['number'] === '1').map((event) => event['event'])).toEqual(names);
    expect(await answers()).toBe(true);
    expect(proxy.accepted()).toBe(1);
  });

  it('drops fields that are not plain text, and messages that are none', async () => {
    const { proxy, events, answers } = await connectedLink();
    proxy.inject('Event: Odd\r\nAOR: one\r\nAOR: two\r\nVariable: a=b\r\n__proto__: x\r\nconstructor: y\r\nNoSpace:z\r\nStatus: 在线\r\n\r\n');
    proxy.inject('\r\n\r\nnonsense\r\n\r\nResponse: Error\r\n\r\nResponse: Success\r\nActionID: nobody\r\n\r\n\xff\xfe\r\n\r\n');
    const odd = await until(() => events.find((event) => event['event'] === 'Odd'), 'the odd event');
    expect(odd).toEqual({ event: 'Odd', status: '在线', 'nospace:z': '' });
    expect(await answers()).toBe(true);
  });

  it('hears only the kinds of events that manager.conf grants', async () => {
    const { connection, events } = await connectedLink();
    const caller = links.ari(links.ariPort);
    caller.start();
    await caller.connected();
    await caller.hears();
    await connection.action('QueueAdd', { Queue: '12345', Interface: 'Local/2@from-seats' });
    await connection.action('QueueRemove', { Queue: '12345', Interface: 'Local/2@from-seats' });
    await until(() => events.some((event) => event['event'] === 'QueueMemberRemoved'), 'an event of the queue');
    expect(events.filter((event) => /channel|dtmf|varset/i.test(event['event'] ?? ''))).toEqual([]);
  });

  it('goes on trying for ever, tells each reason once, and begins with short pauses after each success', async () => {
    const console = vi.spyOn(globalThis.console, 'log');
    const pauses: number[] = [];
    const { proxy, connected, answers, lines } = await connectedLink({ pauseMs: (attempt) => { pauses.push(attempt); return 20; } });
    proxy.refuse();
    proxy.reset();
    await until(() => pauses.length > 15, 'many tries');
    expect(lines.filter((line) => line.msg.startsWith('Asterisk cannot be reached'))).toHaveLength(1);
    await proxy.pass();
    await connected(2);
    const tries = pauses.length;
    expect(pauses).toEqual(Array.from({ length: tries }, (_, attempt) => attempt));
    proxy.reset();
    await connected(3);
    expect(pauses.slice(tries)).toEqual([0]);
    expect(await answers()).toBe(true);
    expect(console).not.toHaveBeenCalled();
    console.mockRestore();
  });

  it('notices a peer that went silent without a word, and connects anew', async () => {
    const { proxy, connection, connected, answers, lines } = await connectedLink({ pingEveryMs: 300, actionTimeoutMs: 1_000 });
    proxy.freeze();
    await until(() => !connection.isConnected, 'the silence is noticed');
    expect(lines.some((line) => line.err?.message === 'AMI Ping was not answered')).toBe(true);
    await proxy.pass();
    await connected(2);
    expect(await answers()).toBe(true);
  });

  it('tells once, as an error, that the password is wrong, goes on trying, and does not write it anywhere', async () => {
    const one = await links.amiThroughProxy({ password: 'wrong-secret-word', pauseMs: () => 100 });
    one.start();
    await until(() => one.proxy.accepted() > 3, 'three tries');
    expect(one.lines.filter((line) => line.level >= 50)).toHaveLength(1);
    expect(one.lines.find((line) => line.level >= 50)).toMatchObject({ err: { message: 'login refused: Authentication failed' } });
    expect(one.connection.isConnected).toBe(false);
    expect(one.text()).not.toContain('wrong-secret-word');
  });

  it('leaves no socket and no timer: connected, in a pause, while connecting, and facing silence', async () => {
    const timers = openResources('timers');
    const stopsWhile = async (prepare: (one: Awaited<ReturnType<typeof links.amiThroughProxy>>) => Promise<unknown> | void): Promise<void> => {
      const one = await links.amiThroughProxy({ pauseMs: () => 200 });
      await prepare(one);
      await one.connection.stop();
      await until(() => one.proxy.links() === 0, 'no socket is left');
      const connections = one.proxy.accepted();
      await one.proxy.pass();
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect([one.proxy.accepted(), one.connection.isConnected]).toEqual([connections, false]);
      await until(() => openResources('timers') <= timers, 'no timer is left');
    };
    await stopsWhile(async (one) => { one.start(); await one.connected(); });
    await stopsWhile((one) => { one.start(); });
    await stopsWhile(async (one) => { one.proxy.resetNew(); one.start(); await until(() => one.proxy.accepted() > 3, 'it pauses between its tries'); });
    await stopsWhile(async (one) => { one.proxy.freeze(); one.start(); await until(() => one.proxy.links() > 0, 'it waits for the login'); });
    await stopsWhile(async (one) => { one.start(); await one.connected(); one.proxy.freeze(); });
    expect.assertions(5);
  });
});

import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { telephonyMetrics } from '../../src/telephony/metrics.ts';
import { asteriskLinks, eventSocket } from '../support/asterisk-links.ts';
import { textFrame } from '../support/fault-proxy.ts';
import { until } from '../support/until.ts';

describe('the connections to Asterisk in numbers', () => {
  const links = asteriskLinks();
  beforeEach(links.before);
  afterEach(links.after);

  it('tell whether they are up, how often ARI connected, and what it dropped', async () => {
    const [ari, ami] = [await links.ariThroughProxy(), await links.amiThroughProxy()];
    const registry = new Registry();
    telephonyMetrics(ari.connection, ami.connection)(registry);
    const read = async (): Promise<string[]> => (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.replace('hotline_', ''));
    const numbers = (up: number, connections: number, unknown: number, unreadable: number): string[] =>
      [`ari_connected ${up}`, `ami_connected ${up}`, `ari_connections_total ${connections}`, `ari_events_dropped_total{reason="unknown"} ${unknown}`, `ari_events_dropped_total{reason="unreadable"} ${unreadable}`];
    expect(await read()).toEqual(numbers(0, 0, 0, 0));
    ari.start();
    ami.start();
    await Promise.all([ari.connected(), ami.connected()]);
    expect(await read()).toEqual(numbers(1, 1, 0, 0));
    ari.proxy.inject(textFrame('{"type":"Unheard"}'), eventSocket);
    ari.proxy.inject(textFrame('{'), eventSocket);
    ari.proxy.inject(textFrame('}'), eventSocket);
    await until(() => ari.connection.dropped.unreadable === 2, 'they are dropped');
    ari.proxy.reset();
    await ari.connected(2);
    expect(await read()).toEqual(numbers(1, 2, 1, 2));
    await ari.connection.stop();
    await ami.connection.stop();
    expect(await read()).toEqual(numbers(0, 2, 1, 2));
  });
});

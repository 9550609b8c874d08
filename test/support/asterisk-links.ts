import { randomUUID } from 'node:crypto';
import { AmiConnection, type AmiItem } from '../../src/telephony/ami-connection.ts';
import { AriConnection } from '../../src/telephony/ari-connection.ts';
import type { AriEvent } from '../../src/telephony/ari-event.ts';
import { capturedLog } from './captured-log.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { openResources, untilSocketsAre } from './open-sockets.ts';
import { placeOfWorker } from './place-of-worker.ts';
import { until } from './until.ts';

/** The words by which the proxy knows the WebSocket among ARI's connections. */
export const eventSocket = 'GET /ari/events';

/** What a test has opened, closed after it, with a look whether anything was left. */
export function asteriskLinks() {
  const { env } = placeOfWorker();
  const ariPort = Number(new URL(env['ASTERISK_ARI_URL'] ?? '').port);
  const amiPort = Number(env['ASTERISK_AMI_PORT']);
  const opened: { stop: () => void | Promise<void> }[] = [];
  let socketsBefore = 0;
  const keep = <T extends { stop: () => void | Promise<void> }>(one: T): T => {
    opened.push(one);
    return one;
  };
  const ari = (port: number, options: { user?: string; password?: string; requestTimeoutMs?: number; pingEveryMs?: number; pauseMs?: (attempt: number) => number } = {}) => {
    const events: AriEvent[] = [];
    const epochs: number[] = [];
    const captured = capturedLog();
    const connection = keep(new AriConnection({ url: `http://127.0.0.1:${port}/ari`, user: env['ASTERISK_ARI_USER'] ?? '', password: env['ASTERISK_ARI_PASSWORD'] ?? '', log: captured.log, ...options }));
    return {
      connection, events, epochs, ...captured,
      start: () => connection.start({ onEvent: (event) => { events.push(event); return Promise.resolve(); }, onConnected: (epoch) => { epochs.push(epoch); } }),
      /** Connected for the n-th time. */
      connected: (count = 1) => until(() => epochs.length >= count && connection.isConnected, `connection ${count} to ARI`),
      /** A channel is made; its event arrives. */
      hears: async () => {
        // The far half of a local channel, whose id is ours, comes into the application by the dialplan.
        const id = randomUUID();
        await connection.command('POST', '/channels', { endpoint: 'Local/100@from-seats', context: 'from-seats', extension: '100', priority: 1, channelId: randomUUID(), otherChannelId: id });
        await until(() => events.some((event) => event.type === 'StasisStart' && event.channel.id === id), 'the event of a new channel');
        await connection.command('DELETE', `/channels/${id}`);
        return true;
      },
    };
  };
  const ami = (port: number, options: { password?: string; pingEveryMs?: number; actionTimeoutMs?: number; pauseMs?: (attempt: number) => number } = {}) => {
    const events: AmiItem[] = [];
    const captured = capturedLog();
    let connections = 0;
    const connection = keep(new AmiConnection({ host: '127.0.0.1', port, user: env['ASTERISK_AMI_USER'] ?? '', password: env['ASTERISK_AMI_PASSWORD'] ?? '', log: captured.log, ...options }));
    return {
      connection, events, ...captured,
      start: () => connection.start({ onEvent: (event) => { events.push(event); }, onConnected: () => { connections += 1; } }),
      connected: (count = 1) => until(() => connections >= count && connection.isConnected, `connection ${count} to AMI`),
      answers: async () => (await connection.action('Ping'))[0]?.['ping'] === 'Pong',
    };
  };
  return {
    ariPort, amiPort, keep, ari, ami,
    ariThroughProxy: async (options: Parameters<typeof ari>[1] = {}) => {
      const proxy: FaultProxy = keep(await startFaultProxy({ port: ariPort }));
      return { proxy, ...ari(proxy.port, options) };
    },
    amiThroughProxy: async (options: Parameters<typeof ami>[1] = {}) => {
      const proxy: FaultProxy = keep(await startFaultProxy({ port: amiPort }));
      return { proxy, ...ami(proxy.port, options) };
    },
    before: () => { socketsBefore = openResources('sockets'); },
    /** Everything the test opened is stopped, last first, and no socket is left. */
    after: async () => {
      for (const one of opened.splice(0).reverse()) await one.stop();
      await untilSocketsAre(socketsBefore);
    },
  };
}

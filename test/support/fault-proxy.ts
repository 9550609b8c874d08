import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** One connection through the proxy: what the client has said so far, and both sides. */
type Link = { readonly client: Socket; readonly server: Socket; said: string };

export type FaultProxy = {
  readonly port: number;
  /** Connections open now, whose client's first words hold `word`. */
  readonly links: (word?: string) => number;
  /** All that clients ever sent. */
  readonly sent: () => string;
  /** Connections made since the start, whether or not they are still there. */
  readonly accepted: () => number;
  /** Nobody listens any more; connections that are there stay. */
  readonly refuse: () => void;
  /** Listens again, and forwards. */
  readonly pass: () => Promise<void>;
  /** New and old connections stay open, but no byte passes and no end is told: a cable was pulled. */
  readonly freeze: () => void;
  /** New connections are reset as soon as their client speaks. */
  readonly resetNew: () => void;
  /** All connections are reset. */
  readonly reset: () => void;
  /** The servers' side of every connection ends, politely. */
  readonly end: () => void;
  /** Bytes as if the server had sent them, to the clients whose first words hold `word`. */
  readonly inject: (bytes: string | Buffer, word?: string) => void;
  /** The next answer that holds `word` is cut in its middle, and the connection ends there. */
  readonly cutAt: (word: string) => void;
  /** Clients who say `word` get `answer` instead of the server's; null ends that. */
  readonly onSaid: (word: string, answer: ((client: Socket) => void) | null) => void;
  readonly stop: () => void;
};

/** What a server says on its way to one client: `forward` lets bytes go on, now or later. */
export type Filter = (forward: (bytes: Buffer) => void) => (bytes: Buffer) => void;
const passOn: Filter = (forward) => forward;
/** Of what a client says this much is kept where thousands of calls go through, characters. */
const firstWords = 2_000;

/** Stands between a client and a real server on this machine, and breaks what networks break. `isForLoad`: it keeps the clients' first words only. */
export async function startFaultProxy(target: { readonly host?: string; readonly port: number; readonly filter?: Filter; readonly isForLoad?: boolean }): Promise<FaultProxy> {
  const links = new Set<Link>();
  const servers = new Set<Socket>();
  let mode: 'pass' | 'freeze' | 'reset' = 'pass';
  let cut: string | null = null;
  let said: { word: string; answer: (client: Socket) => void } | null = null;
  let sent = '';
  let accepted = 0;
  const proxy = createServer((client) => {
    accepted += 1;
    const server = connect(target.port, target.host ?? '127.0.0.1');
    const link: Link = { client, server, said: '' };
    links.add(link);
    servers.add(server);
    client.on('data', (data: Buffer) => {
      if (!target.isForLoad || link.said.length < firstWords) link.said += data.toString('latin1');
      if (!target.isForLoad) sent += data.toString('latin1');
      if (said && data.includes(said.word)) said.answer(client);
      else if (mode === 'reset') client.resetAndDestroy();
      else if (mode === 'pass') server.write(data);
    });
    const filtered = (target.filter ?? passOn)((bytes) => { client.write(bytes); });
    server.on('data', (data: Buffer) => {
      const at = cut === null ? -1 : data.indexOf(cut);
      if (mode !== 'pass') return;
      if (cut === null || at < 0) { filtered(data); return; }
      client.end(data.subarray(0, at + Math.ceil(cut.length / 2)));
      server.destroy();
      cut = null;
    });
    client.on('error', () => client.destroy());
    server.on('error', () => server.destroy());
    // While frozen neither side learns that the other is gone.
    client.on('close', () => {
      links.delete(link);
      if (mode !== 'freeze') server.destroy();
    });
    server.on('close', () => {
      servers.delete(server);
      if (mode !== 'freeze') client.end();
    });
  });
  const listen = (port: number): Promise<void> => new Promise((resolve, reject) => {
    proxy.once('error', reject);
    proxy.listen(port, '127.0.0.1', () => resolve());
  });
  await listen(0);
  const { port } = proxy.address() as AddressInfo;
  const find = (word = ''): Link[] => [...links].filter((link) => link.said.includes(word));
  const refuse = (): void => { if (proxy.listening) proxy.close(); };
  return {
    port, refuse,
    links: (word) => find(word).length,
    sent: () => sent,
    accepted: () => accepted,
    pass: async () => {
      mode = 'pass';
      if (!proxy.listening) await listen(port);
    },
    freeze: () => { mode = 'freeze'; },
    reset: () => { for (const { client } of links) client.resetAndDestroy(); },
    resetNew: () => { mode = 'reset'; },
    end: () => { for (const link of links) link.client.end(); },
    inject: (bytes, word) => { for (const link of find(word)) link.client.write(bytes); },
    cutAt: (word) => { cut = word; },
    onSaid: (word, answer) => { said = answer && { word, answer }; },
    stop: () => {
      for (const { client } of links) client.destroy();
      for (const server of servers) server.destroy();
      refuse();
    },
  };
}

/** A text frame as a WebSocket server sends it. Source: RFC 6455, 5.2. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length < 126) return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
  return Buffer.concat([Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]), payload]);
}

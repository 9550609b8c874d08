import http from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** What comes instead of the real answer; `late` is the real one, as it was when asked for, told at `release`. */
export type Fault = { readonly status: number; readonly body: string } | 'hang' | 'reset' | 'late';
export type FaultWeb = {
  readonly port: number;
  /** Answers to requests whose path starts so; all others are Asterisk's own. */
  readonly faults: Map<string, Fault>;
  /** Paths asked for, in order. */
  readonly asked: string[];
  /** The most connections that were open at once. */
  readonly mostSockets: () => number;
  /** Tells the answers that are late. */
  readonly release: () => void;
  /** Ends the WebSockets. */
  readonly dropUpgraded: () => void;
  /** Sockets that wait for a next request are closed as soon as it comes. */
  readonly dropIdle: () => void;
  readonly stop: () => void;
};

/** Asterisk's web server with faults of its own choice: answers that a real Asterisk cannot be brought to give. */
export async function startFaultWeb(target: { readonly port: number }): Promise<FaultWeb> {
  const faults = new Map<string, Fault>();
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const used = new Set<Socket>();
  const upgraded = new Set<Socket>();
  const late: (() => void)[] = [];
  let dropped = new Set<Socket>();
  let most = 0;
  const server = http.createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    if (dropped.has(request.socket)) { request.socket.destroy(); return; }
    used.add(request.socket);
    const fault = [...faults].find(([start]) => path.startsWith(start))?.[1];
    if (fault === 'hang') return;
    if (fault === 'reset') { request.socket.resetAndDestroy(); return; }
    if (typeof fault === 'object') { response.writeHead(fault.status, { 'content-type': 'text/html' }).end(fault.body); return; }
    const passed = http.request({ ...target, host: '127.0.0.1', path, method: request.method, headers: request.headers, agent: false }, (answer) => {
      const tell = (): void => { answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)); };
      if (fault === 'late') late.push(tell);
      else tell();
    });
    passed.on('error', () => request.socket.destroy());
    request.pipe(passed);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    most = Math.max(most, sockets.size);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, client: Socket) => {
    asked.push(request.url ?? '');
    upgraded.add(client);
    client.on('close', () => upgraded.delete(client));
    const upstream = connect(target.port, '127.0.0.1');
    upstream.write(`GET ${request.url ?? ''} HTTP/1.1\r\n${request.rawHeaders.map((text, index) => (index % 2 ? `${text}\r\n` : `${text}: `)).join('')}\r\n`);
    upstream.pipe(client).pipe(upstream);
    for (const [side, other] of [[client, upstream], [upstream, client]] as const) side.on('error', () => side.destroy()).on('close', () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.address() as AddressInfo).port, faults, asked,
    mostSockets: () => most,
    release: () => { for (const tell of late.splice(0)) tell(); },
    dropUpgraded: () => { for (const client of upgraded) client.destroy(); },
    dropIdle: () => { dropped = new Set([...used].filter((socket) => sockets.has(socket))); },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

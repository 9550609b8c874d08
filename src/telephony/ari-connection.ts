import ari from 'ari-client';
import type { Logger } from 'pino';
import type WebSocket from 'ws';
import { installAriHttp, requestAri, AriError } from './ari-http.ts';
import { application } from './ari-channel.ts';
import { parseAriEvent, type AriEvent } from './ari-event.ts';
import { backoffMs } from './backoff.ts';

/** A ping goes out this often; a peer silent for two of them is gone (half-open TCP). */
const pingEveryMs = 5_000;

type Client = ari.Client & { _ws?: WebSocket };
export type AriHandlers = {
  readonly onEvent: (event: AriEvent) => void;
  /** A new connection is up: events between the last one and this one are lost, so reconcile. */
  readonly onConnected: (epoch: number) => void;
};

/**
 * The one WebSocket to Asterisk, for ever: a new ari-client for each connection (its own reconnecting gives
 * up after 43 s), pinged, frames read by us (its reader goes deaf at the first unknown event).
 */
export class AriConnection {
  readonly #url: URL;
  readonly #user: string;
  readonly #password: string;
  readonly #log: Logger;
  #client: Client | null = null;
  #socket: WebSocket | null = null;
  #wanted = false;
  #loop: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  /** Counts connections; work begun under an older epoch is stale. */
  epoch = 0;
  droppedFrames = 0;

  constructor(options: { url: string; user: string; password: string; log: Logger }) {
    this.#url = new URL(options.url);
    this.#user = options.user;
    this.#password = options.password;
    this.#log = options.log;
    installAriHttp(options.url, options.user, options.password);
  }

  get isConnected(): boolean {
    return this.#socket?.readyState === 1;
  }

  /** One ARI command: `path` below /ari, e.g. `/channels/{id}/answer`. */
  async command(method: string, path: string, parameters: Readonly<Record<string, string | number | undefined>> = {}, body?: unknown): Promise<unknown> {
    const url = new URL(`/ari${path}`, this.#url);
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, String(value));
    const answer = await requestAri(method, url.href, body);
    if (answer.status >= 400 || answer.status === 0) throw new AriError(answer.status, `ARI ${method} ${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
    return answer.text ? (JSON.parse(answer.text) as unknown) : undefined;
  }

  start(handlers: AriHandlers): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#loop = this.#run(handlers);
  }

  /** Leaves the application: new calls go to the dialplan's fallback, live channels stay where they are. */
  async stop(): Promise<void> {
    this.#wanted = false;
    this.#wake();
    this.#socket?.terminate();
    await this.#loop;
  }

  async #run(handlers: AriHandlers): Promise<void> {
    for (let attempt = 0; this.#wanted; attempt += 1) {
      try {
        const socket = await this.#connect(handlers);
        attempt = 0;
        this.#log.info({ epoch: this.epoch }, 'Connected to Asterisk (ARI)');
        await this.#watch(socket);
        if (this.#wanted) this.#log.warn({ epoch: this.epoch }, 'The connection to Asterisk (ARI) was lost; live calls go on talking');
      } catch (error) {
        if (attempt === 0) this.#log.warn({ err: error }, 'Asterisk (ARI) cannot be reached; trying again until it can');
      }
      this.#socket = null;
      if (this.#wanted) await this.#pause(backoffMs(attempt));
    }
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  async #connect(handlers: AriHandlers): Promise<WebSocket> {
    // ari-client throws uncaught on a wrong password and hangs on silence: ask first, with a time limit.
    await this.command('GET', '/api-docs/resources.json');
    this.#client ??= (await ari.connect(this.#url.origin, this.#user, this.#password)) as Client;
    const client = this.#client;
    const started = client.start(application);
    const socket = client._ws;
    if (!socket) throw new Error('ari-client opened no WebSocket');
    void Promise.resolve(started).catch((error: unknown) => this.#log.debug({ err: error }, 'ari-client reported a start error'));
    this.#takeOver(socket, handlers);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => { socket.terminate(); reject(new Error('the WebSocket did not open')); }, 5_000);
      socket.on('open', () => { clearTimeout(timer); resolve(); });
      socket.on('close', () => { clearTimeout(timer); reject(new Error('the WebSocket closed')); });
    });
    this.#socket = socket;
    this.epoch += 1;
    handlers.onConnected(this.epoch);
    return socket;
  }

  /** ari-client opened the socket; reading and reconnecting are ours. */
  #takeOver(socket: WebSocket, handlers: AriHandlers): void {
    socket.removeAllListeners();
    socket.on('error', (error) => this.#log.debug({ err: error }, 'ARI WebSocket error'));
    socket.on('message', (data: Buffer) => {
      try {
        const event = parseAriEvent(data.toString('utf8'));
        if (event) handlers.onEvent(event);
      } catch (error) {
        this.droppedFrames += 1;
        this.#log.warn({ err: error, droppedFrames: this.droppedFrames }, 'An ARI event could not be read and was dropped');
      }
    });
  }

  async #watch(socket: WebSocket): Promise<void> {
    let missed = 0;
    socket.on('pong', () => { missed = 0; });
    const timer = setInterval(() => {
      missed += 1;
      if (missed > 2) socket.terminate();
      else socket.ping();
    }, pingEveryMs);
    await new Promise<void>((resolve) => {
      if (socket.readyState >= 2) resolve();
      socket.on('close', () => resolve());
    });
    clearInterval(timer);
  }
}

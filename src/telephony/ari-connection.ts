import ari from 'ari-client';
import type { Logger } from 'pino';
import type WebSocket from 'ws';
import { application } from './ari-channel.ts';
import { readAriEvent, wantedEvents, type AriEvent } from './ari-event.ts';
import { askAri, AriError, closeIdleSockets, installAriHttp } from './ari-http.ts';
import { keepConnected, Refusal } from './keep-connected.ts';

type Client = ari.Client & { _ws?: WebSocket };
type Options = {
  readonly url: string; readonly user: string; readonly password: string; readonly log: Logger;
  /** No command waits longer for its answer, milliseconds. */
  readonly requestTimeoutMs?: number;
  /** A ping goes out this often, milliseconds; a peer silent for four of them is gone (half-open TCP). */
  readonly pingEveryMs?: number;
  /** Wait before the n-th try to reconnect (from 0), milliseconds. */
  readonly pauseMs?: (attempt: number) => number;
};
/** Pings in a row without a sign of life, each counted when this process had the time to read: a loaded machine is not a dead peer. */
const mostMissed = 4;
/** With so many events in hand no more are read until half of them are done: they wait at Asterisk, and this process's memory is bounded. */
const mostInHand = 5_000;

export type AriHandlers = {
  /** Resolves when the event is handled. */
  readonly onEvent: (event: AriEvent) => Promise<void>;
  /** A new connection is up: events between the last one and this one are lost, so reconcile. */
  readonly onConnected: (epoch: number) => void;
};

/**
 * The one WebSocket to Asterisk, for ever: ari-client opens each, we read, ping and replace it, for its own reader
 * goes deaf at the first unknown event and its own reconnecting gives up after 43 s.
 */
export class AriConnection {
  readonly #options: Options;
  readonly #url: URL;
  #client: Client | null = null;
  #socket: WebSocket | null = null;
  #kept: { readonly stop: () => Promise<void> } | null = null;
  /** Pings since the last sign of life. */
  #missed = 0;
  /** Counts connections. */
  epoch = 0;
  /** Frames that were no event for us: of a type that Asterisk 22.10 does not have, or not to be read at all. */
  readonly dropped = { unknown: 0, unreadable: 0 };

  constructor(options: Options) {
    this.#options = options;
    this.#url = new URL(options.url);
    installAriHttp(options);
  }

  get isConnected(): boolean {
    return this.#socket?.readyState === 1;
  }

  /** One ARI command: `path` below /ari, e.g. `/channels/{id}/answer`. */
  async command(method: string, path: string, parameters: Readonly<Record<string, string | number | undefined>> = {}, body?: unknown): Promise<unknown> {
    const url = new URL(`/ari${path}`, this.#url);
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, String(value));
    return askAri(method, url.href, body);
  }

  start(handlers: AriHandlers): void {
    this.#kept ??= keepConnected({
      name: 'ARI', log: this.#options.log, pauseMs: this.#options.pauseMs,
      connect: (life) => this.#connect(life, handlers.onEvent),
      onConnected: () => handlers.onConnected(this.epoch),
    });
  }

  /** Leaves the application: new calls go to the dialplan's fallback, live channels stay where they are. */
  async stop(): Promise<void> {
    await this.#kept?.stop();
    this.#kept = null;
    await closeIdleSockets(this.#options.url);
  }

  async #connect(life: AbortController, onEvent: AriHandlers['onEvent']): Promise<void> {
    // ari-client throws uncaught on a wrong password and hangs on silence: ask first, with a time limit.
    await askAri('GET', new URL('/ari/api-docs/resources.json', this.#url).href, undefined, life.signal).catch((error: unknown) => {
      if (error instanceof AriError && (error.status === 401 || error.status === 403)) throw new Refusal(error.message, { cause: error });
      throw error;
    });
    const { user, password } = this.#options;
    this.#client ??= (await ari.connect(this.#url.origin, user, password).catch((error: unknown) => {
      throw error instanceof Error ? error : new Error(String(error)); // ari-client rejects with a string
    })) as Client;
    // Stopped, or too late: nothing may be opened any more.
    life.signal.throwIfAborted();
    const socket = this.#openSocket(this.#client);
    life.signal.addEventListener('abort', () => {
      socket.terminate();
      if (this.#socket === socket) this.#socket = null;
    });
    this.#read(socket, onEvent);
    await new Promise<void>((resolve, reject) => {
      socket.on('open', resolve);
      socket.on('error', reject);
      socket.on('close', (code) => reject(new Error(`the WebSocket was closed (${code})`)));
    });
    life.signal.throwIfAborted();
    await this.#askForLess(life.signal);
    this.#socket = socket;
    this.epoch += 1;
    this.#watch(socket, life);
  }

  /** Most of what Asterisk tells of a channel asks nothing of us, and costs both sides; the application's filter is set anew for each connection. */
  async #askForLess(stop: AbortSignal): Promise<void> {
    const allowed = [...wantedEvents].map((type) => ({ type }));
    await askAri('PUT', new URL(`/ari/applications/${application}/eventFilter`, this.#url).href, { allowed }, stop)
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'Asterisk took no filter of events; all of them are read'));
    stop.throwIfAborted();
  }

  /** ari-client opens the socket and has no more to do with it: reading and reconnecting are ours. */
  #openSocket(client: Client): WebSocket {
    client.start(application).catch((error: unknown) => this.#options.log.debug({ err: error }, 'ari-client reported a start error'));
    const socket = client._ws;
    if (!socket) throw new Error('ari-client opened no WebSocket');
    return socket.removeAllListeners();
  }

  #read(socket: WebSocket, onEvent: AriHandlers['onEvent']): void {
    let inHand = 0;
    const take = async (event: AriEvent): Promise<void> => {
      if ((inHand += 1) === mostInHand) {
        this.#options.log.warn({ inHand }, 'Events of Asterisk come faster than they are handled; no more are read for now');
        socket.pause();
      }
      await onEvent(event).finally(() => { inHand -= 1; });
      if (socket.isPaused && inHand <= mostInHand / 2) socket.resume();
    };
    socket.on('message', (data: Buffer) => {
      this.#missed = 0;
      const event = readAriEvent(data.toString('utf8'));
      if (typeof event === 'object') return void take(event);
      if (event === 'ignored') return;
      this.dropped[event] += 1;
      this.#options.log.warn({ reason: event, dropped: this.dropped[event] }, 'An ARI event was dropped');
    });
  }

  #watch(socket: WebSocket, life: AbortController): void {
    this.#missed = 0;
    const pinger = setInterval(() => {
      if (socket.isPaused) this.#missed = 0;
      if (this.#missed >= mostMissed) return life.abort(new Error('pings were not answered'));
      this.#missed += 1;
      socket.ping();
    }, this.#options.pingEveryMs ?? 1_000);
    socket.on('pong', () => { this.#missed = 0; });
    socket.on('error', (error) => life.abort(error));
    socket.on('close', (code) => life.abort(new Error(`the WebSocket was closed (${code})`)));
    life.signal.addEventListener('abort', () => clearInterval(pinger));
  }
}

import { randomUUID } from 'node:crypto';
import Manager from 'asterisk-manager';
import type { Logger } from 'pino';
import { checkAmiFields } from './ami-action-rules.ts';
import { keepConnected, Refusal } from './keep-connected.ts';

export type AmiItem = Readonly<Record<string, string>>;
export type AmiHandlers = { readonly onEvent: (event: AmiItem) => void; readonly onConnected: () => void };
type Item = Readonly<Record<string, unknown>>;
type Pending = { readonly resolve: (items: AmiItem[]) => void; readonly reject: (error: Error) => void; readonly items: AmiItem[]; readonly isList: boolean };
type Options = {
  readonly host: string; readonly port: number; readonly user: string; readonly password: string; readonly log: Logger;
  /** A ping goes out this often, milliseconds; one that is not answered in time ends the connection (half-open TCP). */
  readonly pingEveryMs?: number;
  /** No action waits longer for its answer, milliseconds. */
  readonly actionTimeoutMs?: number;
  /** Wait before the n-th try to reconnect (from 0), milliseconds. */
  readonly pauseMs?: (attempt: number) => number;
};

/**
 * The AMI connection, for ever: a new asterisk-manager per connection (its parser keeps half messages across
 * reconnects), actions with time limits that are rejected when the connection is lost, fields checked.
 */
export class AmiConnection {
  readonly #options: Options;
  readonly #pending = new Map<string, Pending>();
  /** Only while logged in. */
  #manager: InstanceType<typeof Manager> | null = null;
  #kept: { readonly stop: () => Promise<void> } | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#manager !== null;
  }

  start(handlers: AmiHandlers): void {
    const { log, pauseMs } = this.#options;
    this.#kept ??= keepConnected({ name: 'AMI', log, pauseMs, connect: (life) => this.#connect(life, handlers.onEvent), onConnected: handlers.onConnected });
  }

  async stop(): Promise<void> {
    await this.#kept?.stop();
    this.#kept = null;
  }

  /** Sends one action. Rejects on refusal, on silence and when the connection is lost, and at once while there is none. */
  async action(name: string, fields: Readonly<Record<string, string>> = {}, isList = false): Promise<AmiItem[]> {
    checkAmiFields(fields);
    const manager = this.#manager;
    if (!manager) throw new Error('Asterisk (AMI) is not connected');
    const id = randomUUID();
    return new Promise<AmiItem[]>((resolve, reject) => {
      const settle = (act: () => void): void => { clearTimeout(timer); this.#pending.delete(id); act(); };
      const timer = setTimeout(() => settle(() => reject(new Error(`AMI ${name} was not answered`))), this.#options.actionTimeoutMs ?? 5_000);
      this.#pending.set(id, { items: [], isList, resolve: (items) => settle(() => resolve(items)), reject: (error) => settle(() => reject(error)) });
      manager.action({ ...fields, action: name, actionid: id }, (error, response) => {
        if (error) this.#pending.get(id)?.reject(new Error(`AMI ${name} was refused: ${reasonOf(error)}`));
        else if (!isList) this.#pending.get(id)?.resolve([textFields(response)]);
      });
    });
  }

  async #connect(life: AbortController, onEvent: (event: AmiItem) => void): Promise<void> {
    const { host, port, user, password, pingEveryMs = 2_000 } = this.#options;
    const manager = new Manager(null, host, user, password, true);
    // The library would also emit each event under the name Asterisk gave it, and take one named Close for its socket's.
    manager.removeAllListeners('rawevent');
    manager.on('rawevent', (item) => this.#onItem(manager, item, onEvent));
    manager.on('error', (error) => life.abort(error));
    manager.on('close', () => life.abort(new Error('closed')));
    // Its disconnect() leaves a socket that is still connecting, or whose peer is silent; the signal ends every one.
    await new Promise((resolve) => manager.connect({ port, host, signal: life.signal }, undefined, resolve));
    await new Promise<void>((resolve, reject) => {
      manager.login((error) => (error ? reject(new Refusal(`login refused: ${reasonOf(error)}`)) : resolve()));
    });
    life.signal.throwIfAborted();
    this.#manager = manager;
    const pinger = setInterval(() => {
      this.action('Ping').catch((error: unknown) => life.abort(error));
    }, pingEveryMs);
    life.signal.addEventListener('abort', () => {
      clearInterval(pinger);
      this.#manager = null;
      for (const pending of this.#pending.values()) pending.reject(new Error('the connection to Asterisk (AMI) was lost'));
    });
  }

  /** An answer goes to its action, an item of a list to the action that asked for the list, everything else is news. */
  #onItem(manager: InstanceType<typeof Manager>, item: Item, onEvent: (event: AmiItem) => void): void {
    const { response, actionid } = item;
    if (typeof response === 'string' && typeof actionid === 'string') {
      manager.emit(actionid, response.toLowerCase() === 'error' ? item : undefined, item);
      return;
    }
    const event = textFields(item);
    const pending = this.#pending.get(event['actionid'] ?? '');
    if (!pending?.isList) onEvent(event);
    else if (event['eventlist'] === 'Complete') pending.resolve(pending.items);
    else pending.items.push(event);
  }
}

function reasonOf(refusal: unknown): string {
  return textFields(refusal as Item)['message'] ?? 'no reason given';
}

/** Only plain text fields; whatever else the parser makes of a message is dropped. */
function textFields(item: Item): AmiItem {
  return Object.fromEntries(Object.entries(item).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

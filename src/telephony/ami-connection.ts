import { randomUUID } from 'node:crypto';
import Manager from 'asterisk-manager';
import type { Logger } from 'pino';
import { checkAmiFields } from './ami-action-rules.ts';
import { backoffMs } from './backoff.ts';

const actionTimeoutMs = 5_000;
const pingEveryMs = 10_000;

export type AmiItem = Readonly<Record<string, string>>;
export type AmiHandlers = { readonly onEvent: (event: AmiItem) => void; readonly onConnected: () => void };
type Pending = { readonly resolve: (items: AmiItem[]) => void; readonly reject: (error: Error) => void; readonly items: AmiItem[]; readonly isList: boolean };

/**
 * The AMI connection, for ever: a new asterisk-manager per connection (its parser keeps half messages across
 * reconnects), actions with time limits that are rejected when the connection is lost, fields checked.
 */
export class AmiConnection {
  readonly #options: { host: string; port: number; user: string; password: string; log: Logger };
  readonly #pending = new Map<string, Pending>();
  #manager: InstanceType<typeof Manager> | null = null;
  #wanted = false;
  #loop: Promise<void> = Promise.resolve();
  #interrupt: () => void = () => undefined;

  constructor(options: { host: string; port: number; user: string; password: string; log: Logger }) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#manager !== null;
  }

  start(handlers: AmiHandlers): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#loop = this.#run(handlers);
  }

  async stop(): Promise<void> {
    this.#wanted = false;
    this.#interrupt();
    await this.#loop;
  }

  /** Sends one action. Rejects on refusal, on silence for 5 s and when the connection is lost. */
  async action(name: string, fields: Readonly<Record<string, string>> = {}, isList = false): Promise<AmiItem[]> {
    checkAmiFields(fields);
    const manager = this.#manager;
    if (!manager) throw new Error('Asterisk (AMI) is not connected');
    const id = randomUUID();
    return new Promise<AmiItem[]>((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new Error(`AMI ${name} was not answered`))), actionTimeoutMs);
      const settle = (act: () => void): void => { clearTimeout(timer); this.#pending.delete(id); act(); };
      this.#pending.set(id, { items: [], isList, resolve: (items) => settle(() => resolve(items)), reject: (error) => settle(() => reject(error)) });
      manager.action({ action: name, actionid: id, ...fields }, (error, response) => {
        if (error) this.#pending.get(id)?.reject(new Error(`AMI ${name} was refused: ${textFields(error as Record<string, unknown>)['message'] ?? 'no reason given'}`));
        else if (!isList) this.#pending.get(id)?.resolve([textFields(response)]);
      });
    });
  }

  async #run(handlers: AmiHandlers): Promise<void> {
    for (let attempt = 0; this.#wanted; attempt += 1) {
      try {
        const connection = await this.#connect(handlers);
        attempt = 0;
        this.#options.log.info('Connected to Asterisk (AMI)');
        handlers.onConnected();
        await connection.lost;
        if (this.#wanted) this.#options.log.warn('The connection to Asterisk (AMI) was lost');
      } catch (error) {
        if (attempt === 0) this.#options.log.warn({ err: error }, 'Asterisk (AMI) cannot be reached; trying again until it can');
      }
      if (this.#wanted) await this.#pause(backoffMs(attempt));
    }
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#interrupt = () => { clearTimeout(timer); resolve(); };
    });
  }

  /** Resolves when logged in; `lost` resolves when that connection is lost. */
  async #connect(handlers: AmiHandlers): Promise<{ lost: Promise<void> }> {
    const { host, port, user, password } = this.#options;
    const manager = new Manager(null, host, user, password, true);
    return new Promise((resolve, reject) => {
      let end: () => void = () => undefined;
      const lost = new Promise<void>((resolveLost) => { end = resolveLost; });
      const close = (reason: string): void => {
        clearTimeout(guard);
        clearInterval(pinger);
        manager.removeAllListeners();
        manager.on('error', () => undefined); // the socket may still report; this connection is over
        manager.disconnect();
        this.#manager = null;
        for (const pending of this.#pending.values()) pending.reject(new Error(`AMI connection lost: ${reason}`));
        reject(new Error(reason));
        end();
      };
      const guard = setTimeout(() => close('login was not answered'), actionTimeoutMs);
      const pinger = setInterval(() => {
        if (this.#manager) this.action('Ping').catch(() => close('ping was not answered'));
      }, pingEveryMs);
      this.#interrupt = () => close('stopped');
      manager.on('error', (error) => close(error.message));
      manager.on('close', () => close('closed'));
      manager.on('managerevent', (item) => this.#onItem(textFields(item), handlers));
      manager.connect(port, host, () => {
        manager.login((error) => {
          if (error) return close('login refused');
          clearTimeout(guard);
          this.#manager = manager;
          resolve({ lost });
        });
      });
    });
  }

  #onItem(item: AmiItem, handlers: AmiHandlers): void {
    const pending = this.#pending.get(item['actionid'] ?? '');
    if (pending?.isList) {
      if (item['eventlist'] === 'Complete') pending.resolve(pending.items);
      else pending.items.push(item);
    } else {
      handlers.onEvent(item);
    }
  }
}

/** Only plain text fields; whatever else the parser makes of a message is dropped. */
function textFields(item: Readonly<Record<string, unknown>>): AmiItem {
  return Object.fromEntries(Object.entries(item).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

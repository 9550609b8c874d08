import smpp, { type Pdu, type Session } from 'smpp';
import { SmsUnavailable } from './sms.ts';

export type SmppAccount = { readonly host: string; readonly port: number; readonly isTls: boolean; readonly systemId: string; readonly password: string };
/** How long an answer is waited for, how often the link is tried, the pauses after a failure (doubled from the first to the longest), and how long a goodbye takes at the most. Milliseconds. */
export type SmppPace = { readonly answerMs: number; readonly enquireMs: number; readonly firstPauseMs: number; readonly longestPauseMs: number; readonly goodbyeMs: number };
type Listener = { /** The status to answer a deliver_sm with. */ readonly onDelivery: (pdu: Pdu) => Promise<number>; /** Once. */ readonly onEnd: (error: Error) => void };
type Command = 'bind_transceiver' | 'submit_sm' | 'enquire_link' | 'unbind';

/**
 * One connection to a message centre, from its first byte to its end. The package calls nobody back when its socket closes, and is deaf after a PDU that it
 * cannot read: so a session has one end, at which everything that waits fails.
 */
export class SmppSession {
  readonly #session: Session;
  readonly #account: SmppAccount;
  readonly #pace: SmppPace;
  readonly #listener: Listener;
  readonly #waiting = new Set<(error: Error) => void>();
  #enquiring: NodeJS.Timeout | undefined;
  #isEnded = false;
  #onIdle: (() => void) | undefined;

  constructor(account: SmppAccount, pace: SmppPace, listener: Listener) {
    [this.#account, this.#pace, this.#listener] = [account, pace, listener];
    const session = smpp.connect({ host: account.host, port: account.port, ...(account.isTls ? { tls: true } : {}) });
    this.#session = session;
    session.on('error', (error: Error) => this.end(error));
    session.on('close', () => this.end(new Error('the message centre closed the connection')));
    session.on('enquire_link', (pdu: Pdu) => session.send(pdu.response()));
    session.on('deliver_sm', (pdu: Pdu) => void listener.onDelivery(pdu).then((status) => session.send(pdu.response({ command_status: status }))));
    session.on('unbind', (pdu: Pdu) => {
      session.send(pdu.response());
      this.end(new Error('the message centre ended the session'));
    });
  }

  /** Connects and logs in. @throws Error when that fails; then the session is over. */
  async bind(): Promise<void> {
    const { isTls, systemId, password } = this.#account;
    try {
      await this.#wait((done) => void this.#session.once(isTls ? 'secureConnect' : 'connect', () => done(undefined)));
      const { command_status: status } = await this.ask('bind_transceiver', { system_id: systemId, password, interface_version: 0x34 });
      if (status !== 0) throw new Error(`the message centre refused the login with 0x${status.toString(16).padStart(2, '0')}`);
    } catch (error) {
      this.end(error as Error);
      throw error;
    }
    this.#enquiring = setInterval(() => { this.ask('enquire_link').catch((error: unknown) => this.end(error as Error)); }, this.#pace.enquireMs).unref();
  }

  /** The answer. @throws SmsUnavailable when nothing could be sent; any other error when no answer came, whatever the centre did. */
  ask(command: Command, options: object = {}): Promise<Pdu> {
    if (this.#isEnded) return Promise.reject(new SmsUnavailable('the connection to the message centre is not open'));
    return this.#wait((done) => {
      if (!this.#session[command](options, done)) throw new SmsUnavailable('the connection to the message centre is not open');
    });
  }

  /** What was sent is answered, then the centre is told: it must not send receipts into nothing. */
  async unbind(): Promise<void> {
    clearInterval(this.#enquiring);
    const giveUp = setTimeout(() => this.end(new Error('the message centre did not answer before the end')), this.#pace.goodbyeMs);
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      if (this.#waiting.size === 0) resolve();
    });
    await this.ask('unbind').catch(() => undefined); // gone is gone
    clearTimeout(giveUp);
    this.end(new Error('the link to the message centre is closed'));
  }

  end(error: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearInterval(this.#enquiring);
    this.#session.destroy();
    for (const fail of [...this.#waiting]) fail(error);
    this.#listener.onEnd(error);
  }

  #wait<Value>(begin: (done: (value: Value) => void) => void): Promise<Value> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(fail);
        if (this.#waiting.size === 0) this.#onIdle?.();
      };
      const fail = (error: Error): void => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => fail(new Error('the message centre did not answer in time')), this.#pace.answerMs);
      this.#waiting.add(fail);
      try {
        begin((value) => {
          settle();
          resolve(value);
        });
      } catch (error) {
        fail(error as Error);
      }
    });
  }
}

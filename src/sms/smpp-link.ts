import type { Logger } from 'pino';
import smpp, { type Pdu, type Session } from 'smpp';

export type SmppAccount = { readonly host: string; readonly port: number; readonly isTls: boolean; readonly systemId: string; readonly password: string };

/** How long an answer is waited for, and how often the link is tried, milliseconds. */
const [answerMs, enquireMs, firstPauseMs, longestPauseMs] = [10_000, 30_000, 1_000, 60_000];
/** Answers that may be outstanding at once. */
const windowSize = 10;

/**
 * One bound session (transceiver) with a message centre, made anew when it breaks. The package calls nobody back when its socket closes, and is deaf after a
 * PDU that it cannot read: so each session has one end, at which everything that waits fails, and another one begins.
 */
export class SmppLink {
  #bound: Promise<Session> | undefined;
  #session: Session | undefined;
  #isClosed = false;
  #failures = 0;
  #saidBroken = false;
  #notBefore = 0;
  #later: NodeJS.Timeout | undefined;
  readonly #waiting = new Set<(error: Error) => void>();
  #free = windowSize;
  readonly #turn: (() => void)[] = [];
  readonly #account: SmppAccount;
  readonly #log: Logger;
  readonly #onDelivery: (session: Session, pdu: Pdu) => void;

  constructor(account: SmppAccount, log: Logger, onDelivery: (session: Session, pdu: Pdu) => void) {
    this.#account = account;
    this.#log = log;
    this.#onDelivery = onDelivery;
    // Receipts come although nothing is sent.
    this.#keepBound();
  }

  /** The answer to a submit_sm; throws when there is none. */
  async submit(options: object): Promise<Pdu> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#turn.push(resolve));
    else this.#free -= 1;
    try {
      const session = await this.#bind();
      return await this.#ask((onAnswer) => session.submit_sm(options, onAnswer));
    } finally {
      const next = this.#turn.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#later);
    const session = this.#session;
    if (session) await this.#ask((onAnswer) => session.unbind({}, onAnswer)).catch((error: unknown) => this.#log.debug({ reason: (error as Error).message }, 'The message centre did not answer the goodbye'));
    session?.destroy();
  }

  #keepBound(): void {
    if (this.#isClosed) return;
    this.#bind().catch((error: unknown) => {
      this.#log.debug({ reason: (error as Error).message }, 'Not bound to the message centre');
      this.#bindLater();
    });
  }

  /** One time, whoever asks: each break asks, and so does each bind that failed. */
  #bindLater(): void {
    clearTimeout(this.#later);
    if (!this.#isClosed) this.#later = setTimeout(() => this.#keepBound(), Math.max(0, this.#notBefore - Date.now())).unref();
  }

  #bind(): Promise<Session> {
    this.#bound ??= this.#open().catch((error: unknown) => {
      this.#bound = undefined;
      throw error;
    });
    return this.#bound;
  }

  async #open(): Promise<Session> {
    if (this.#isClosed) throw new Error('the link to the message centre is closed');
    if (Date.now() < this.#notBefore) throw new Error('the message centre cannot be reached; it is tried again soon');
    const { host, port, isTls, systemId, password } = this.#account;
    const session = smpp.connect({ host, port, ...(isTls ? { tls: true } : {}) });
    this.#session = session;
    const enquiring = new AbortController();
    const end = (error: Error): void => {
      if (this.#session !== session) return;
      this.#session = undefined;
      this.#bound = undefined;
      enquiring.abort();
      session.destroy();
      this.#failures += 1;
      this.#notBefore = Date.now() + Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#failures - 1, 6));
      if (!this.#saidBroken && !this.#isClosed) this.#log.warn({ reason: error.message }, 'The link to the message centre is broken; it is tried again');
      this.#saidBroken = true;
      for (const fail of [...this.#waiting]) fail(error);
      this.#bindLater();
    };
    session.on('error', end);
    session.on('close', () => end(new Error('the message centre closed the connection')));
    session.on('enquire_link', (pdu: Pdu) => session.send(pdu.response()));
    session.on('deliver_sm', (pdu: Pdu) => this.#onDelivery(session, pdu));
    session.on('unbind', (pdu: Pdu) => {
      session.send(pdu.response());
      end(new Error('the message centre ended the session'));
    });
    await new Promise<void>((resolve, reject) => {
      this.#waiting.add(reject);
      session.once(isTls ? 'secureConnect' : 'connect', () => {
        this.#waiting.delete(reject);
        resolve();
      });
    });
    const answer = await this.#ask((onAnswer) => session.bind_transceiver({ system_id: systemId, password, interface_version: 0x34 }, onAnswer)).catch((error: unknown) => {
      end(error as Error);
      throw error;
    });
    if (answer.command_status !== 0) {
      const refused = new Error(`the message centre refused the login with 0x${answer.command_status.toString(16).padStart(2, '0')}`);
      end(refused);
      throw refused;
    }
    this.#failures = 0;
    this.#saidBroken = false;
    this.#log.info('Bound to the message centre');
    const timer = setInterval(() => { this.#ask((onAnswer) => session.enquire_link({}, onAnswer)).catch((error: unknown) => end(error as Error)); }, enquireMs).unref();
    enquiring.signal.addEventListener('abort', () => clearInterval(timer));
    return session;
  }

  #ask(send: (onAnswer: (pdu: Pdu) => void) => boolean): Promise<Pdu> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        clearTimeout(timer);
        this.#waiting.delete(fail);
        reject(error);
      };
      const timer = setTimeout(() => fail(new Error('the message centre did not answer in time')), answerMs);
      this.#waiting.add(fail);
      const isSent = send((pdu) => {
        clearTimeout(timer);
        this.#waiting.delete(fail);
        resolve(pdu);
      });
      if (!isSent) fail(new Error('the connection to the message centre is not open'));
    });
  }
}

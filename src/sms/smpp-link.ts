import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Pdu } from 'smpp';
import { isThrottled } from './smpp-rules.ts';
import { SmppSession, type SmppAccount, type SmppPace } from './smpp-session.ts';
import { SmsUnavailable } from './sms.ts';

/** Submits that may be without an answer at once. */
const windowSize = 10;

/**
 * The link to a message centre: one session at a time, made anew when it ends. The end of a session sets the one timer that begins the next, after a pause that
 * doubles until a session lasts. A centre that is throttling (ESME_RTHROTTLED, ESME_RMSGQFUL) gets nothing for a while, which doubles as well.
 */
export class SmppLink {
  readonly #account: SmppAccount;
  readonly #pace: SmppPace;
  readonly #log: Logger;
  readonly #onDelivery: (pdu: Pdu) => Promise<number>;
  readonly #closing = new AbortController();
  #session: SmppSession | undefined;
  #boundAt: number | undefined;
  #again: NodeJS.Timeout | undefined;
  #failures = 0;
  #saidBroken = false;
  #reason = 'not bound yet';
  #free = windowSize;
  readonly #turns: (() => void)[] = [];
  #pausedUntil = 0;
  #throttlings = 0;

  constructor(account: SmppAccount, pace: SmppPace, log: Logger, onDelivery: (pdu: Pdu) => Promise<number>) {
    [this.#account, this.#pace, this.#log, this.#onDelivery] = [account, pace, log, onDelivery];
    // Receipts come although nothing is sent.
    this.#connect();
  }

  /**
   * Submits the parts of one message in order; the answer to the last, or the first that refuses. @throws SmsUnavailable when nothing was handed over: not bound, throttled,
   * or `signal` was aborted; any other error when something may have been.
   */
  async submit(parts: readonly object[], signal: AbortSignal): Promise<Pdu> {
    await this.#turn();
    try {
      let answer: Pdu | undefined;
      for (const [index, part] of parts.entries()) {
        answer = index === 0 ? await this.#submitOnce(part, signal) : await this.#submitUntilTaken(part, signal);
        if (answer.command_status !== 0) break;
      }
      if (!answer) throw new Error('a message without parts');
      return answer;
    } finally {
      const next = this.#turns.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#again);
    if (this.#boundAt === undefined) this.#session?.end(new Error('the link to the message centre is closed'));
    else await this.#session?.unbind();
  }

  #connect(): void {
    const session = new SmppSession(this.#account, this.#pace, { onDelivery: this.#onDelivery, onEnd: (error) => this.#lost(error) });
    this.#session = session;
    session.bind().then(() => {
      if (this.#session !== session) return;
      this.#boundAt = performance.now();
      this.#saidBroken = false;
      this.#log.info('Bound to the message centre');
    }, () => undefined); // its end was told
  }

  /** Each session ends once, and begins after the one before has ended: so there is never a second timer. */
  #lost(error: Error): void {
    const { firstPauseMs, longestPauseMs } = this.#pace;
    const hasLasted = this.#boundAt !== undefined && performance.now() - this.#boundAt > longestPauseMs;
    this.#failures = hasLasted ? 1 : this.#failures + 1;
    [this.#session, this.#boundAt, this.#reason] = [undefined, undefined, error.message];
    if (this.#closing.signal.aborted) return;
    if (!this.#saidBroken) this.#log.warn({ reason: error.message }, 'The link to the message centre is broken; it is tried again');
    this.#saidBroken = true;
    this.#again = setTimeout(() => this.#connect(), backoff(this.#failures, firstPauseMs, longestPauseMs)).unref();
  }

  async #submitOnce(part: object, signal: AbortSignal): Promise<Pdu> {
    if (signal.aborted || this.#closing.signal.aborted) throw new SmsUnavailable('there is no time left to begin');
    if (this.#pausedUntil > performance.now()) throw new SmsUnavailable('the message centre takes nothing for a while');
    if (!this.#session || this.#boundAt === undefined) throw new SmsUnavailable(`not bound to the message centre: ${this.#reason}`);
    const answer = await this.#session.ask('submit_sm', part);
    if (isThrottled(answer.command_status)) {
      this.#throttle();
      throw new SmsUnavailable(`the centre answered 0x${answer.command_status.toString(16)}, it takes nothing for a while`);
    }
    if (answer.command_status === 0) this.#throttlings = 0;
    return answer;
  }

  /** A message that is there in part is worth waiting for: begun anew, its first parts would come twice. */
  async #submitUntilTaken(part: object, signal: AbortSignal): Promise<Pdu> {
    const untilEnd = AbortSignal.any([signal, this.#closing.signal]);
    for (;;) {
      const pauseMs = this.#pausedUntil - performance.now();
      try {
        if (pauseMs > 0) await delay(pauseMs, undefined, { signal: untilEnd });
        return await this.#submitOnce(part, untilEnd);
      } catch (error) {
        if (!(error instanceof SmsUnavailable) || untilEnd.aborted || this.#boundAt === undefined) throw new Error('the message centre took a part of the message only', { cause: error });
      }
    }
  }

  /** Those that were under way together are throttled together: that counts once. */
  #throttle(): void {
    if (this.#pausedUntil > performance.now()) return;
    this.#throttlings += 1;
    const pauseMs = backoff(this.#throttlings, this.#pace.firstPauseMs, this.#pace.longestPauseMs);
    this.#pausedUntil = performance.now() + pauseMs;
    this.#log.warn({ pauseMs }, 'The message centre is throttling; it gets nothing for a while');
  }

  async #turn(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#turns.push(resolve));
  }
}

function backoff(times: number, firstMs: number, longestMs: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(times - 1, 30));
}

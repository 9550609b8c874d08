import { request } from 'undici';
import { sign } from './sign.ts';
import { SmsRefused, type SmsGateway } from './sms.ts';

/** The gateway answers within so long, milliseconds. */
const timeoutMs = 10_000;
/** Refusals that a later try may help: timeout, conflict, too early, too many. */
const temporary: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/**
 * A gateway that takes `POST {"id", "to", "text"}` and answers 2xx with `{"id"}`, its own. Signed: `x-timestamp` (seconds since 1970) and `x-signature`, the
 * HMAC-SHA-256 of timestamp, a dot and the body. `idempotency-key` is our id, so that a repetition is sent once.
 */
export function httpGateway({ url, key }: { readonly url: string; readonly key: string }): SmsGateway {
  return {
    name: 'http',
    async send({ messageId, recipient, text }) {
      const body = JSON.stringify({ id: messageId, to: recipient, text });
      const timestamp = String(Math.floor(Date.now() / 1000));
      const answer = await request(url, { method: 'POST', body, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, headers: { 'content-type': 'application/json', 'idempotency-key': messageId, 'x-timestamp': timestamp, 'x-signature': sign(key, timestamp, body) } });
      const said = await answer.body.text();
      if (answer.statusCode >= 400 && answer.statusCode < 500 && !temporary.has(answer.statusCode)) throw new SmsRefused(`the gateway refused it with ${answer.statusCode}`);
      if (answer.statusCode >= 300) throw new Error(`the gateway answered ${answer.statusCode}`);
      return { gatewayMessageId: idOf(said) };
    },
    close: () => Promise.resolve(),
  };
}

/** Taken is taken, whatever it says; without an id its reports are of nothing that we know. */
function idOf(said: string): string | null {
  try {
    const { id } = JSON.parse(said) as { id?: unknown };
    return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
  } catch {
    return null;
  }
}

import { request } from 'undici';
import { signatureOf } from './sign.ts';
import { SmsRefused, SmsUnavailable, type SmsGateway } from './sms.ts';

/** The gateway answers within so long, milliseconds. */
const timeoutMs = 10_000;
/** Refusals that a later try may help: timeout, conflict, too early. */
const temporary: ReadonlySet<number> = new Set([408, 409, 425]);
/** Too many requests, service unavailable: it takes nothing for now. Source: RFC 6585, 4; RFC 9110, 15.6.4. */
const busy: ReadonlySet<number> = new Set([429, 503]);
/** Nothing was handed over. */
const unreached = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

/**
 * A gateway that takes `POST {"id", "to", "text", "expiresAt"}` and answers 2xx with `{"id"}`, its own. Signed: `x-timestamp` (seconds since 1970) and
 * `x-signature`, the HMAC-SHA-256 of timestamp, a dot and the body. `idempotency-key` is our id, so that a repetition is sent once.
 */
export function httpGateway({ url, key }: { readonly url: string; readonly key: string }): SmsGateway {
  return {
    name: 'http',
    async send({ messageId, recipient, text, expiresAt }, signal) {
      const body = Buffer.from(JSON.stringify({ id: messageId, to: recipient, text, expiresAt }));
      const timestamp = String(Math.floor(Date.now() / 1000));
      const headers = { 'content-type': 'application/json', 'idempotency-key': messageId, 'x-timestamp': timestamp, 'x-signature': signatureOf(key, timestamp, body).toString('hex') };
      const answer = await request(url, { method: 'POST', body, headers, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, signal }).catch((error: unknown) => {
        if (unreached.test((error as NodeJS.ErrnoException).code ?? '')) throw new SmsUnavailable((error as Error).message, { cause: error });
        throw error;
      });
      const said = await answer.body.text();
      const { statusCode } = answer;
      if (busy.has(statusCode)) throw new SmsUnavailable(`the gateway answered ${statusCode}`);
      if (statusCode >= 400 && statusCode < 500 && !temporary.has(statusCode)) throw new SmsRefused(`the gateway refused it with ${statusCode}`);
      if (statusCode >= 300) throw new Error(`the gateway answered ${statusCode}`);
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

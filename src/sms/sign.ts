import { createHmac, timingSafeEqual } from 'node:crypto';

/** HMAC-SHA-256 of the moment in seconds since 1970, a dot, and the body byte for byte. Source: RFC 2104. */
export function signatureOf(key: string, timestamp: string, body: Buffer): Buffer {
  return createHmac('sha256', key).update(`${timestamp}.`).update(body).digest();
}

/** The signature as it was given in hexadecimal, when it is the right one. */
export function checkSignature(key: string, { timestamp, body, given }: { timestamp: string; body: Buffer; given: string }): Buffer | null {
  const wanted = signatureOf(key, timestamp, body);
  const signature = /^[0-9a-f]{64}$/i.test(given) ? Buffer.from(given, 'hex') : Buffer.alloc(wanted.length);
  return timingSafeEqual(wanted, signature) ? wanted : null;
}

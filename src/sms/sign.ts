import { createHmac, timingSafeEqual } from 'node:crypto';
import { signedText } from './signature-rules.ts';

/** HMAC-SHA-256 in hexadecimal. Source: RFC 2104. */
export function sign(key: string, timestamp: string, body: string): string {
  return createHmac('sha256', key).update(signedText(timestamp, body)).digest('hex');
}

export function isSignedBy(key: string, { timestamp, body, signature }: { timestamp: string; body: string; signature: string }): boolean {
  const [wanted, given] = [Buffer.from(sign(key, timestamp, body)), Buffer.from(signature)];
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

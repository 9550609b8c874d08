import { createHash } from 'node:crypto';
import { seatEndpoint } from './seat.ts';

/** The digest realm of seats; part of every stored digest, so it never changes. */
export const seatRealm = 'hotline';

/** HA1 of a seat's softphone, hex: the password itself is stored nowhere. Source: RFC 7616 §3.4.2, A1 with MD5. */
export function seatDigest(seatId: string, password: string): string {
  return createHash('md5').update(`${seatEndpoint(seatId)}:${seatRealm}:${password}`).digest('hex');
}

import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits for a session or an integration; only its hash is stored. */
export function newSecretToken(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url');
}

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

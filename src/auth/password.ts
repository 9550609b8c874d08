import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

// OWASP Password Storage Cheat Sheet: argon2id (the package's default), 19 MiB, 2 passes, 1 lane.
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Compared with when the login does not exist, so that both refusals take the same time. */
let decoy: Promise<string> | undefined;

/** 96 random bits, for an account's first login. */
export function newPassword(): string {
  return randomBytes(12).toString('base64url');
}

export async function hashPassword(password: string): Promise<string> {
  return hash(password, options);
}

export async function isPasswordRight(password: string, stored: string | undefined): Promise<boolean> {
  decoy ??= hashPassword('nobody has this password');
  const isRight = await verify(stored ?? (await decoy), password);
  return stored !== undefined && isRight;
}

export function isWeakPassword(password: string, login: string): boolean {
  return password.length < 12 || password.length > 200 || password.toLowerCase().includes(login.toLowerCase()) || new Set(password).size < 5;
}

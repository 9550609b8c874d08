import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { execute, queryOne, type Db } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import { lockSec } from './lockout-rules.ts';

const dayMs = 86_400_000;
const hashed = 'sha256(convert_to(lower($1), \'UTF8\'))';
type Attempts = { readonly failures: number; readonly lockedUntil: Date | null; readonly lastAt: Date };

/**
 * Counts an attempt as failed before the password is looked at, so that of many guesses at once no more get through than
 * one after the other. A right password then calls `forgetAttempts`. Failures a day old count no more.
 */
export async function takeAttempt(deps: Deps, login: string, ip: string): Promise<void> {
  const now = deps.now();
  await transaction(deps.pool, async (tx) => {
    const isFirst = await execute(tx, `insert into login_attempts (login_hash, ip, failures, last_at) values (${hashed}, $2, 1, $3)
      on conflict do nothing`, [login, ip, now]);
    if (isFirst) return;
    const before = await queryOne<Attempts>(tx, `select failures, locked_until, last_at from login_attempts
      where login_hash = ${hashed} and ip = $2 for update`, [login, ip]);
    if (before?.lockedUntil && before.lockedUntil > now) throw new AppError('login_locked', { retryAt: before.lockedUntil.toISOString() });
    const failures = before && now.getTime() - before.lastAt.getTime() < dayMs ? before.failures + 1 : 1;
    const lockedUntil = lockSec(failures) > 0 ? new Date(now.getTime() + lockSec(failures) * 1000) : null;
    await execute(tx, `update login_attempts set failures = $3, locked_until = $4, last_at = $5 where login_hash = ${hashed} and ip = $2`,
      [login, ip, failures, lockedUntil, now]);
  });
}

/** The login is free again: from one address, or (null) from all. */
export async function forgetAttempts(db: Db, login: string, ip: string | null): Promise<void> {
  await execute(db, `delete from login_attempts where login_hash = ${hashed} and ($2::inet is null or ip = $2)`, [login, ip]);
}

/** Those a day old, of whoever. */
export async function forgetOldAttempts(db: Db, now: Date): Promise<void> {
  await execute(db, 'delete from login_attempts where last_at < $1', [new Date(now.getTime() - dayMs)]);
}

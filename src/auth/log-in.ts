import { v7 as uuid } from 'uuid';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import { audit, type RequestTrace } from './audit.ts';
import { lockSec } from './lockout-rules.ts';
import { isPasswordRight } from './password.ts';
import { countFailure, findUserByLogin, insertSession, lockLogin } from './queries.ts';
import { hashToken, newSecretToken } from './secret-token.ts';

/** A session ends after this long without a request, and after a day in any case; seconds. */
export const sessionIdleSec = 12 * 3_600;
export const sessionLifeSec = 24 * 3_600;

/** Returns the session's token. A wrong password and an unknown login cannot be told apart, by answer or by time. */
export async function logIn(deps: Deps, attempt: { login: string; password: string; userAgent: string }, trace: RequestTrace): Promise<string> {
  const user = await findUserByLogin(deps.pool, attempt.login);
  const now = deps.now();
  if (user?.lockedUntil && user.lockedUntil > now) throw new AppError('login_locked', { retryAt: user.lockedUntil.toISOString() });
  if (!(await isPasswordRight(attempt.password, user?.passwordHash)) || !user) {
    if (user) {
      const failures = await countFailure(deps.pool, user.id);
      if (lockSec(failures) > 0) await lockLogin(deps.pool, user.id, new Date(now.getTime() + lockSec(failures) * 1000));
    }
    await audit(deps.pool, null, trace, { action: 'login.failed', entity: 'user', ...(user ? { entityId: user.id } : {}) });
    throw new AppError('password_wrong');
  }
  if (user.disabledAt || (user.endsAt && user.endsAt <= now)) throw new AppError('account_ended');
  const token = newSecretToken();
  await transaction(deps.pool, async (tx) => {
    await lockLogin(tx, user.id, null);
    await insertSession(tx, { id: uuid(), tokenHash: hashToken(token), userId: user.id, at: now, expiresAt: new Date(now.getTime() + sessionLifeSec * 1000), ip: trace.ip, userAgent: attempt.userAgent.slice(0, 300) });
    await audit(tx, null, trace, { action: 'login', entity: 'user', entityId: user.id });
  });
  return token;
}

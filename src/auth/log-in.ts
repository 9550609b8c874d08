import { v7 as uuid } from 'uuid';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import { audit, type RequestTrace } from './audit.ts';
import { forgetAttempts, forgetOldAttempts, takeAttempt } from './login-attempts.ts';
import { isPasswordRight } from './password.ts';
import { findUserByLogin, insertSession } from './queries.ts';
import { hashToken, newSecretToken } from './secret-token.ts';

/** A session ends after this long without a request, and after a day in any case; seconds. */
export const sessionIdleSec = 12 * 3_600;
export const sessionLifeSec = 24 * 3_600;

type Attempt = { readonly login: string; readonly password: string; readonly userAgent: string };

/** Returns the session's token. A wrong password and an unknown login cannot be told apart: by answer, by time, or by the lock. */
export async function logIn(deps: Deps, attempt: Attempt, trace: RequestTrace): Promise<string> {
  await takeAttempt(deps, attempt.login, trace.ip);
  const user = await findUserByLogin(deps.pool, attempt.login);
  if (!(await isPasswordRight(attempt.password, user?.passwordHash)) || !user) {
    await audit(deps.pool, null, trace, { action: 'login.failed', entity: 'user', ...(user ? { entityId: user.id } : {}) });
    throw new AppError('password_wrong');
  }
  const at = deps.now();
  if (user.disabledAt || (user.endsAt && user.endsAt <= at)) throw new AppError('account_ended');
  const token = newSecretToken();
  const expiresAt = new Date(at.getTime() + sessionLifeSec * 1000);
  const userAgent = attempt.userAgent.slice(0, 300);
  await transaction(deps.pool, async (tx) => {
    await forgetAttempts(tx, user.login, trace.ip);
    await forgetOldAttempts(tx, at);
    await insertSession(tx, { id: uuid(), tokenHash: hashToken(token), userId: user.id, at, expiresAt, ip: trace.ip, userAgent });
    await audit(tx, null, trace, { action: 'login', entity: 'user', entityId: user.id });
  });
  return token;
}

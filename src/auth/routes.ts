import { Type } from 'typebox';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import type { App } from '../http/app-type.ts';
import { problemResponses } from '../http/problem.ts';
import type { UserActor } from './actor.ts';
import { audit, type RequestTrace } from './audit.ts';
import { requireUser, sessionCookie } from './authenticate.ts';
import { logIn, sessionLifeSec } from './log-in.ts';
import { forgetAttempts, takeAttempt } from './login-attempts.ts';
import { hashPassword, isPasswordRight, isWeakPassword } from './password.ts';
import { deleteSession, deleteSessionsOf, findUser, lockUser, saveUser } from './queries.ts';

const Me = Type.Object({
  userId: Type.String(), login: Type.String(), displayName: Type.String(), roles: Type.Array(Type.String()),
  permissions: Type.Array(Type.String()), mustChangePassword: Type.Boolean(),
});
const Login = Type.Object({
  login: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 200 }),
}, { additionalProperties: false });
const PasswordChange = Type.Object({
  current: Type.String({ maxLength: 200 }), next: Type.String({ maxLength: 200 }),
}, { additionalProperties: false });
const tags = ['auth'];
const done = { 204: Type.Null() };
/** Passwords are slow to check, so of the requests of one address only so many may ask for it; a hall of seats behind one address raises both. */
const loginShare = 1 / 40;
const fewestLogins = 10;

export function registerAuthRoutes(app: App, deps: Deps): void {
  const rateLimit = { max: Math.max(fewestLogins, Math.floor(deps.config.HOTLINE_REQUESTS_PER_MINUTE * loginShare)), timeWindow: 60_000 };
  const cookieOptions = { httpOnly: true, sameSite: 'strict', path: '/', secure: deps.config.HOTLINE_SECURE_COOKIES } as const;

  app.post('/api/auth/login', {
    config: { permission: 'public', rateLimit }, schema: {
      summary: 'Log in; the session is a cookie',
      tags, body: Login, response: { ...done, ...problemResponses() },
    },
  }, async (request, reply) => {
    const token = await logIn(deps, { ...request.body, userAgent: request.headers['user-agent'] ?? '' }, request);
    return reply.setCookie(sessionCookie, token, { ...cookieOptions, maxAge: sessionLifeSec }).code(204).send(null);
  });

  app.get('/api/auth/me', { config: { permission: 'self' }, schema: {
    summary: 'Who is logged in, with permissions',
    tags, response: { 200: Me, ...problemResponses() },
  } },
    (request) => me(requireUser(request)));

  app.post('/api/auth/logout', {
    config: { permission: 'self' }, schema: { summary: 'Log out', tags, response: { ...done, ...problemResponses() } },
  }, async (request, reply) => {
    const actor = requireUser(request);
    await deleteSession(deps.pool, actor.sessionId);
    await audit(deps.pool, actor, request, { action: 'logout' });
    return reply.clearCookie(sessionCookie, cookieOptions).code(204).send(null);
  });

  app.post('/api/auth/password', {
    config: { permission: 'self', rateLimit }, schema: {
      summary: 'Change the own password',
      tags, body: PasswordChange, response: { ...done, ...problemResponses(422) },
    },
  }, async (request, reply) => {
    await changePassword(deps, requireUser(request), request.body, request);
    return reply.code(204).send(null);
  });
}

function me(actor: UserActor) {
  const { userId, login, displayName, mustChangePassword } = actor;
  return { userId, login, displayName, roles: [...actor.roles], permissions: [...actor.permissions], mustChangePassword };
}

/** Ends every other session of the account. Whoever found an open browser may not guess the password here either. */
async function changePassword(deps: Deps, actor: UserActor, change: { current: string; next: string }, trace: RequestTrace): Promise<void> {
  await takeAttempt(deps, actor.login, trace.ip);
  const known = await findUser(deps.pool, actor.userId);
  if (!known || !(await isPasswordRight(change.current, known.passwordHash))) throw new AppError('password_wrong');
  await forgetAttempts(deps.pool, known.login, trace.ip);
  if (isWeakPassword(change.next, known.login) || change.next === change.current) throw new AppError('password_weak');
  const passwordHash = await hashPassword(change.next);
  await transaction(deps.pool, async (tx) => {
    const user = await lockUser(tx, actor.userId);
    // Meanwhile reset by an admin, or changed in another window: the password that was checked is no more.
    if (user?.passwordHash !== known.passwordHash) throw new AppError('password_wrong');
    await saveUser(tx, { ...user, passwordHash, mustChangePassword: false, version: user.version + 1 }, deps.now());
    await deleteSessionsOf(tx, user.id, actor.sessionId);
    await audit(tx, actor, trace, { action: 'password.changed', entity: 'user', entityId: user.id });
  });
}

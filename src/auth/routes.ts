import { Type } from 'typebox';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import type { App } from '../http/app-type.ts';
import { problemResponses } from '../http/problem.ts';
import { audit } from './audit.ts';
import { requireUser, sessionCookie } from './authenticate.ts';
import { logIn, sessionLifeSec } from './log-in.ts';
import { hashPassword, isPasswordRight, isWeakPassword } from './password.ts';
import { deleteSession, deleteSessionsOf, lockUser, saveUser } from './queries.ts';
import type { UserActor } from './actor.ts';

const Me = Type.Object({ userId: Type.String(), login: Type.String(), displayName: Type.String(), roles: Type.Array(Type.String()), permissions: Type.Array(Type.String()), mustChangePassword: Type.Boolean() });

function me(actor: UserActor) {
  return { userId: actor.userId, login: actor.login, displayName: actor.displayName, roles: [...actor.roles], permissions: [...actor.permissions], mustChangePassword: actor.mustChangePassword };
}

export function registerAuthRoutes(app: App, deps: Deps): void {
  const cookieOptions = { httpOnly: true, sameSite: 'strict', path: '/', secure: deps.config.HOTLINE_SECURE_COOKIES } as const;
  app.post('/api/auth/login', {
    config: { permission: 'public', rateLimit: { max: 30, timeWindow: 60_000 } },
    schema: { tags: ['auth'], body: Type.Object({ login: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 200 }) }, { additionalProperties: false }),
      response: { 204: Type.Null(), ...problemResponses() } },
  }, async (request, reply) => {
    const token = await logIn(deps, { ...request.body, userAgent: request.headers['user-agent'] ?? '' }, request);
    return reply.setCookie(sessionCookie, token, { ...cookieOptions, maxAge: sessionLifeSec }).code(204).send(null);
  });
  app.get('/api/auth/me', { config: { permission: 'self' }, schema: { tags: ['auth'], response: { 200: Me, ...problemResponses() } } }, (request) => me(requireUser(request)));
  app.post('/api/auth/logout', { config: { permission: 'self' }, schema: { tags: ['auth'], response: { 204: Type.Null(), ...problemResponses() } } }, async (request, reply) => {
    const actor = requireUser(request);
    await deleteSession(deps.pool, actor.sessionId);
    await audit(deps.pool, actor, request, { action: 'logout' });
    return reply.clearCookie(sessionCookie, cookieOptions).code(204).send(null);
  });
  app.post('/api/auth/password', {
    config: { permission: 'self', rateLimit: { max: 30, timeWindow: 60_000 } },
    schema: { tags: ['auth'], body: Type.Object({ current: Type.String({ maxLength: 200 }), next: Type.String({ maxLength: 200 }) }, { additionalProperties: false }), response: { 204: Type.Null(), ...problemResponses(422) } },
  }, async (request, reply) => {
    const actor = requireUser(request);
    await transaction(deps.pool, async (tx) => {
      const user = await lockUser(tx, actor.userId);
      if (!user || !(await isPasswordRight(request.body.current, user.passwordHash))) throw new AppError('password_wrong');
      if (isWeakPassword(request.body.next, user.login) || request.body.next === request.body.current) throw new AppError('password_weak');
      await saveUser(tx, { ...user, passwordHash: await hashPassword(request.body.next), mustChangePassword: false, version: user.version + 1 }, deps.now());
      await deleteSessionsOf(tx, user.id, actor.sessionId);
      await audit(tx, actor, request, { action: 'password.changed', entity: 'user', entityId: user.id });
    });
    return reply.code(204).send(null);
  });
}

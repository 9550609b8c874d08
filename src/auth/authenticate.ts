import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { Actor, UserActor } from './actor.ts';
import { sessionIdleSec } from './log-in.ts';
import { permissionsOf, type Permission, type RoutePermission } from './permissions.ts';
import { findSession, touchSession } from './queries.ts';
import { hashToken } from './secret-token.ts';
import { findToken } from './token-queries.ts';

export const sessionCookie = 'hotline_session';

declare module 'fastify' {
  interface FastifyRequest {
    actor: Actor | null;
  }
  interface FastifyContextConfig {
    /** Every route names what it needs, or several of which one is enough; the start fails for one that does not. */
    permission?: RoutePermission | readonly Permission[];
  }
}

/**
 * Who is it: a session's cookie or an integration's token; null for neither. `isUse` false looks whether they still
 * are, which keeps no idle session alive.
 */
export async function authenticate(deps: Deps, request: FastifyRequest, isUse = true): Promise<Actor | null> {
  const now = deps.now();
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer) {
    const token = await findToken(deps.pool, hashToken(bearer), now);
    return token ? { kind: 'token', tokenId: token.id, permissions: new Set(token.permissions) } : null;
  }
  const cookie = request.cookies[sessionCookie];
  if (!cookie) return null;
  const session = await findSession(deps.pool, hashToken(cookie), now, sessionIdleSec);
  if (!session) return null;
  refuseOtherSites(deps, request);
  if (isUse && now.getTime() - session.lastSeenAt.getTime() > 60_000) await touchSession(deps.pool, session.sessionId, now);
  return { kind: 'user', ...session, permissions: permissionsOf(session.roles) };
}

/** A cookie comes along by itself, so a request that changes something must come from our own pages. */
function refuseOtherSites(deps: Deps, request: FastifyRequest): void {
  const isUpgrade = request.headers.upgrade !== undefined;
  if (!isUpgrade && ['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return;
  const { origin } = request.headers;
  if (origin === undefined) {
    if (request.headers['sec-fetch-site'] && request.headers['sec-fetch-site'] !== 'same-origin') throw new AppError('origin_refused');
    return;
  }
  const own = deps.config.HOTLINE_PUBLIC_ORIGIN || `http://${request.headers.host ?? ''}`;
  if (origin !== own) throw new AppError('origin_refused', { origin });
}

/** Routes somebody who must change the password first may still use. */
const beforePasswordChange = new Set(['/api/auth/me', '/api/auth/logout', '/api/auth/password']);

export function authorize(actor: Actor | null, permission: RoutePermission | readonly Permission[], path: string): void {
  if (permission === 'public') return;
  if (!actor) throw new AppError('not_authenticated');
  if (actor.kind === 'user' && actor.mustChangePassword && !beforePasswordChange.has(path)) throw new AppError('password_change_required');
  if (permission === 'self') return;
  const held = [permission].flat().some((one) => actor.permissions.has(one));
  if (!held) throw new AppError('forbidden', { permission });
}

/** Whoever is behind the request, a person or an integration; every route but the public ones has one. */
export function requireActor(request: FastifyRequest): Actor {
  if (!request.actor) throw new AppError('not_authenticated');
  return request.actor;
}

/** The person behind the request; integrations have no seat and no password. */
export function requireUser(request: FastifyRequest): UserActor {
  if (request.actor?.kind !== 'user') throw new AppError('forbidden', { permission: 'a person’s login' });
  return request.actor;
}

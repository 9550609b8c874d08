import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { permissionsOf, roles, type Permission, type Role } from '../../src/auth/permissions.ts';
import { insertSession } from '../../src/auth/queries.ts';
import { hashToken, newSecretToken } from '../../src/auth/secret-token.ts';
import { sessionCookie } from '../../src/auth/authenticate.ts';
import { transaction } from '../../src/db/transaction.ts';
import { createUser } from '../../src/users/create-user.ts';
import { hotline } from '../support/hotline.ts';

type Route = { readonly method: string; readonly path: string; readonly permission: Permission | readonly Permission[] | 'public' | 'self' };
type Document = { paths: Record<string, Record<string, { 'x-permission': Route['permission'] }>> };

describe('every route, for every role', () => {
  const city = hotline();
  const cookies = new Map<Role, string>();
  let routes: Route[] = [];
  /** A session made without the login form, whose rate limit eleven logins would meet. */
  const logIn = (role: Role) => transaction(city.pool, async (tx) => {
    const at = new Date();
    const { id } = await createUser(tx, { login: `walk-${role.replaceAll('_', '-')}`, displayName: role, roles: [role], endsAt: null, mustChangePassword: false }, at);
    const token = newSecretToken();
    await insertSession(tx, { id: uuid(), tokenHash: hashToken(token), userId: id, at, expiresAt: new Date(at.getTime() + 3_600_000), ip: '127.0.0.1', userAgent: '' });
    cookies.set(role, `${sessionCookie}=${token}`);
  });
  beforeAll(async () => {
    for (const role of roles) await logIn(role);
    const document = (await (await fetch(`${city.origin}/api/openapi.json`)).json()) as Document;
    routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, route]) => ({ method: method.toUpperCase(), path, permission: route['x-permission'] })));
  });
  afterAll(() => city.close());

  /** Asks with ids of nothing, so that what is permitted finds nothing to change. */
  const ask = async (route: Route, headers: Record<string, string>): Promise<number> => {
    const path = route.path.replaceAll(/\{seatId\}/g, '999').replaceAll('{action}', 'sign_in').replaceAll(/\{\w+\}/g, uuid());
    const body = route.method === 'GET' ? {} : { body: '{}', headers: { ...headers, 'content-type': 'application/json' } };
    const answer = await fetch(city.origin + path, { method: route.method, headers, ...body });
    await answer.body?.cancel();
    return answer.status;
  };

  it('finds routes that need a login', () => {
    expect(routes.filter((route) => route.permission !== 'public').length).toBeGreaterThan(25);
    expect(routes.filter((route) => !route.permission)).toEqual([]);
    expect(routes.filter((route) => route.permission === 'public').map((route) => route.path).sort()).toEqual(['/api/auth/login', '/api/sms/reports', '/health/live', '/health/ready']);
  });

  it('asks whoever is not logged in to do so', async () => {
    for (const route of routes.filter((one) => one.permission !== 'public')) expect([route.path, await ask(route, {})]).toEqual([route.path, 401]);
  });

  it.each(roles)('lets %s in where the table says so, and nowhere else', async (role) => {
    for (const route of routes.filter((one) => one.permission !== 'public' && one.path !== '/api/auth/logout' && one.path !== '/api/events')) {
      const status = await ask(route, { cookie: cookies.get(role) ?? '' });
      const isPermitted = route.permission === 'self' || [route.permission].flat().some((one) => permissionsOf([role]).has(one as Permission));
      if (!isPermitted) expect([route.method, route.path, status]).toEqual([route.method, route.path, 403]);
      else expect([route.method, route.path, [401, 403].includes(status), status < 500]).toEqual([route.method, route.path, route.path === '/api/auth/password' && status === 401, true]);
    }
  });

  it('shows who a citizen is to those who speak with citizens only', () => {
    expect(roles.filter((role) => permissionsOf([role]).has('identity.read'))).toEqual(['operator', 'supervisor', 'dispatcher', 'callback']);
    expect(roles.filter((role) => permissionsOf([role]).has('user.manage'))).toEqual(['admin']);
    expect(roles.filter((role) => permissionsOf([role]).has('audit.read'))).toEqual(['auditor']);
    for (const act of ['call.supervise', 'seat.force', 'alert.read', 'alert.manage'] as const) expect(roles.filter((role) => permissionsOf([role]).has(act))).toEqual(['supervisor']);
    expect(roles.filter((role) => permissionsOf([role]).has('recording.listen'))).toEqual(['supervisor', 'quality']);
    expect(roles.filter((role) => permissionsOf([role]).has('recording.manage'))).toEqual(['supervisor']);
  });
});

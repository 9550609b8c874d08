import type { FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../../scripts/phones/api-client.ts';
import { authenticate, sessionCookie } from '../../src/auth/authenticate.ts';
import type { Deps } from '../../src/deps.ts';
import { hotline } from '../support/hotline.ts';

describe('accounts, sessions and tokens', () => {
  const city = hotline();
  const admin = new ApiClient(city.origin);
  const password = 'a long and good phrase';
  beforeAll(async () => {
    await city.pool.query(`update users set must_change_password = false where login = 'admin'`);
    await admin.logIn('admin', city.first.admin.password).catch(() => admin.logIn('admin', password));
  });
  afterAll(() => city.close());
  type Account = { id: string; login: string; password: string };
  const create = (login: string, roles: string[]) => admin.post<Account>('/api/users', { login, displayName: login, roles });
  /** Logs in and takes the first password's place. */
  const enter = async (account: Account): Promise<ApiClient> => {
    const person = new ApiClient(city.origin);
    await person.logIn(account.login, account.password);
    await person.post('/api/auth/password', { current: account.password, next: password });
    return person;
  };
  const expireSession = (account: Account, column: 'last_seen_at' | 'expires_at') =>
    city.pool.query(`update sessions set ${column} = now() - interval '13 hours' where user_id = $1`, [account.id]);

  it.each(['last_seen_at', 'expires_at'] as const)('ends a session whose %s is long past', async (column) => {
    const account = await create(`idle-${column.replaceAll('_', '-')}`, ['operator']);
    const person = await enter(account);
    expect((await person.send('GET', '/api/auth/me')).status).toBe(200);
    await expireSession(account, column);
    expect((await person.send('GET', '/api/auth/me')).status).toBe(401);
  });

  it('lets a session go idle although its page is still open', async () => {
    const person = await enter(await create('left-open', ['operator']));
    const request = { headers: {}, method: 'GET', cookies: { [sessionCookie]: person.cookie.split('=')[1] } } as unknown as FastifyRequest;
    const deps = { pool: city.pool, config: {}, now: () => new Date(Date.now() + 3_600_000) } as unknown as Deps;
    const lastSeen = async () => (await city.pool.query<{ lastSeenAt: Date }>(`select max(s.last_seen_at) as "lastSeenAt" from sessions s
      join users u on u.id = s.user_id where u.login = 'left-open'`)).rows[0]?.lastSeenAt.getTime();
    const before = await lastSeen();
    expect(await authenticate(deps, request, false)).not.toBeNull();
    expect(await lastSeen()).toBe(before);
    await authenticate(deps, request);
    expect(await lastSeen()).toBeGreaterThan(before ?? 0);
  });

  it('takes a person from the seat who is disabled: at once, or when the call there ends', async () => {
    for (const [name, state, then] of [['idle', `state = 'ready', idle_since = now()`, { state: 'signed_out', pendingState: null }],
      ['busy', `state = 'on_call', call_id = (select id from calls limit 1)`, { state: 'on_call', pendingState: 'signed_out' }]] as const) {
      const account = await create(`seated-${name}`, ['operator']);
      if (name === 'busy') {
        await city.pool.query(`insert into calls (id, direction, state, called_number, caller_kind, offered_at, ended_at, outcome, ended_by)
          values (gen_random_uuid(), 'inbound', 'ended', '00000', 'withheld', now(), now(), 'number_unknown', 'system')`);
      }
      await city.pool.query(`update seats set ${state}, operator_id = $1 where id = '8009'`, [account.id]);
      const { version } = await admin.get<{ version: number }>(`/api/users/${account.id}`);
      await admin.send('PATCH', `/api/users/${account.id}`, { version, isDisabled: true });
      const seat = await city.pool.query('select state, pending_state as "pendingState" from seats where id = $1', ['8009']);
      expect(seat.rows[0]).toEqual(then);
      await city.pool.query(`update seats set state = 'signed_out', operator_id = null, call_id = null, idle_since = null, pending_state = null, pending_by = null where id = '8009'`);
    }
  });

  it('logs a person out who is disabled, lost a role, or whose account has ended', async () => {
    for (const [name, change] of [['disabled', { isDisabled: true }], ['lost', { roles: ['quality'] }], ['ended', { endsAt: '2020-01-01T00:00:00Z' }]] as const) {
      const account = await create(`gone-${name}`, ['operator']);
      const person = await enter(account);
      const { version } = await admin.get<{ version: number }>(`/api/users/${account.id}`);
      expect((await admin.send('PATCH', `/api/users/${account.id}`, { version, ...change })).status).toBe(200);
      expect([name, (await person.send('GET', '/api/auth/me')).status]).toEqual([name, 401]);
    }
  });

  it('gives a new first password, which ends the old one and its sessions', async () => {
    const account = await create('forgot', ['operator']);
    const person = await enter(account);
    const reset = await admin.post<Account>(`/api/users/${account.id}/password-reset`);
    expect((await person.send('GET', '/api/auth/me')).status).toBe(401);
    expect((await person.send('POST', '/api/auth/login', { login: account.login, password })).status).toBe(401);
    await person.logIn(account.login, reset.password);
    expect(await (await person.send('GET', '/api/cases')).json()).toMatchObject({ code: 'password_change_required' });
  });

  it('keeps the last admin', async () => {
    const me = await admin.get<{ userId: string }>('/api/auth/me');
    await city.pool.query(`update users set disabled_at = now() where 'admin' = any(roles) and id <> $1`, [me.userId]);
    const { version } = await admin.get<{ version: number }>(`/api/users/${me.userId}`);
    expect(await (await admin.send('PATCH', `/api/users/${me.userId}`, { version, roles: ['operator'] })).json()).toMatchObject({ status: 409, code: 'last_admin' });
    expect(await (await admin.send('PATCH', `/api/users/${me.userId}`, { version, isDisabled: true })).json()).toMatchObject({ code: 'last_admin' });
  });

  it('gives a token its permissions and no more, until it is revoked or expires', async () => {
    const made = await admin.post<{ id: string; token: string }>('/api/tokens', { name: 'dashboard', permissions: ['queue.read', 'metrics.read'] });
    const ask = async (path: string) => (await fetch(city.origin + path, { headers: { authorization: `Bearer ${made.token}` } })).status;
    expect([await ask('/api/queues'), await ask('/metrics'), await ask('/api/cases'), await ask('/api/users')]).toEqual([200, 200, 403, 403]);
    const stored = await city.pool.query<{ text: string }>('select t::text as text from api_tokens t where id = $1', [made.id]);
    expect(stored.rows[0]?.text).not.toContain(made.token);
    expect(await admin.get('/api/tokens')).toMatchObject({ items: [{ name: 'dashboard', permissions: ['queue.read', 'metrics.read'], revokedAt: null }] });
    expect((await admin.send('POST', '/api/tokens', { name: 'spy', permissions: ['identity.read'] })).status).toBe(400);
    await admin.post(`/api/tokens/${made.id}/revoke`);
    expect(await ask('/api/queues')).toBe(401);
    const old = await admin.post<{ id: string; token: string }>('/api/tokens', { name: 'old', permissions: ['queue.read'], days: 1 });
    await city.pool.query(`update api_tokens set expires_at = now() - interval '1 second' where id = $1`, [old.id]);
    expect((await fetch(`${city.origin}/api/queues`, { headers: { authorization: `Bearer ${old.token}` } })).status).toBe(401);
  });

  it('shows the auditor what admins did, page by page', async () => {
    const auditor = await enter(await create('auditor', ['auditor']));
    const first = await auditor.get<{ items: { id: number; action: string; login: string }[]; nextCursor: string }>('/api/audit?limit=2&entity=user');
    const second = await auditor.get<typeof first>(`/api/audit?limit=2&entity=user&cursor=${first.nextCursor}`);
    expect(first.items).toHaveLength(2);
    expect(Math.max(...second.items.map((item) => item.id))).toBeLessThan(Math.min(...first.items.map((item) => item.id)));
    expect((await auditor.get<typeof first>('/api/audit?action=token.revoked')).items[0]).toMatchObject({ action: 'token.revoked', login: 'admin' });
    expect((await auditor.send('GET', '/api/audit?cursor=nonsense')).status).toBe(400);
  });
});

import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../../scripts/phones/api-client.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import { openCase } from '../../src/cases/open-case.ts';
import { v7 as uuid } from 'uuid';
import { hotline } from '../support/hotline.ts';

describe('the API, on the real database', () => {
  const city = hotline();
  const operator = new ApiClient(city.origin);
  beforeAll(async () => {
    const account = city.first.operators[0];
    if (!account) throw new Error('no operator');
    await operator.logIn(account.login, account.password);
  });
  afterAll(() => city.close());
  type CaseView = { id: string; version: number; state: string; caller: { number: string } | null; isConfidential: boolean; draft: { fields: object } | null };
  const open = () => operator.post<CaseView>('/api/cases', { channel: 'visit', phone: '13911112222' });

  it('asks for a login, names the missing permission, and answers problems as documents', async () => {
    const nobody = new ApiClient(city.origin);
    const refused = await nobody.send('GET', '/api/cases');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    const forbidden = await operator.send('GET', '/api/users');
    expect(await forbidden.json()).toMatchObject({ status: 403, code: 'forbidden', permission: 'user.manage' });
  });

  it('sends a first login to the password, and takes a good one', async () => {
    await city.pool.query(`update users set must_change_password = true where login = 'admin'`);
    const admin = new ApiClient(city.origin);
    await admin.logIn(city.first.admin.login, city.first.admin.password);
    expect(await (await admin.send('GET', '/api/users')).json()).toMatchObject({ code: 'password_change_required' });
    expect((await admin.send('POST', '/api/auth/password', { current: city.first.admin.password, next: 'short' })).status).toBe(422);
    expect((await admin.send('POST', '/api/auth/password', { current: city.first.admin.password, next: 'a long and good phrase' })).status).toBe(204);
    expect((await admin.send('GET', '/api/users')).status).toBe(200);
  });

  it('locks a login after five failures, also for the right password', async () => {
    const account = city.first.operators[9];
    if (!account) throw new Error('no operator');
    for (let failure = 0; failure < 5; failure += 1) await operator.send('POST', '/api/auth/login', { login: account.login, password: 'wrong' });
    expect(await (await operator.send('POST', '/api/auth/login', account)).json()).toMatchObject({ code: 'login_locked' });
  });

  it('refuses a change that comes from another site', async () => {
    const answer = await fetch(`${city.origin}/api/auth/logout`, { method: 'POST', headers: { cookie: operator.cookie, origin: 'http://evil.example' } });
    expect(await answer.json()).toMatchObject({ code: 'origin_refused' });
  });

  it('keeps what an operator typed, and refuses a stale edit with the present value', async () => {
    const one = await open();
    await operator.send('PUT', `/api/cases/${one.id}/draft`, { baseVersion: one.version, fields: { course: '半夜施工' } });
    expect((await operator.get<CaseView>(`/api/cases/${one.id}`)).draft?.fields).toEqual({ course: '半夜施工' });
    const saved = await operator.send('PATCH', `/api/cases/${one.id}`, { version: one.version, course: '半夜施工', place: '金麦路' });
    expect(await saved.json()).toMatchObject({ version: one.version + 1, place: '金麦路', draft: null });
    expect(await (await operator.send('PATCH', `/api/cases/${one.id}`, { version: one.version, course: 'x' })).json()).toMatchObject({ status: 409, code: 'stale_version', current: { place: '金麦路' } });
  });

  it('answers a case only with its fields, once', async () => {
    const one = await open();
    expect(await (await operator.send('POST', `/api/cases/${one.id}/actions/answer`, { version: one.version })).json()).toMatchObject({ code: 'fields_missing', fields: ['type', 'answer'] });
    const typed = await operator.send('PATCH', `/api/cases/${one.id}`, { version: one.version, type: 'inquiry' });
    const { version } = (await typed.json()) as CaseView;
    expect(await (await operator.send('POST', `/api/cases/${one.id}/actions/answer`, { version, answer: '请到东湖区政务大厅办理' })).json()).toMatchObject({ state: 'answered' });
    expect(await (await operator.send('POST', `/api/cases/${one.id}/actions/answer`, { version: version + 1, answer: 'x' })).json()).toMatchObject({ code: 'action_not_allowed', allowed: [] });
  });

  it('makes a report of wrongdoing confidential, hides who it was, and writes down who asks', async () => {
    const one = await open();
    await operator.send('PATCH', `/api/cases/${one.id}`, { version: one.version, type: 'report', categoryCode: 'city', districtCode: '330102', cause: '举报' });
    const dispatched = await operator.send('POST', `/api/cases/${one.id}/actions/save_for_dispatch`, { version: one.version + 1 });
    expect(await dispatched.json()).toMatchObject({ state: 'pending_dispatch', isConfidential: true, caller: null });
    expect(JSON.stringify(await operator.get('/api/cases?state=pending_dispatch'))).not.toContain('13911112222');
    expect(await operator.post(`/api/cases/${one.id}/identity`, { reason: '市民来电追问' })).toMatchObject({ number: '13911112222' });
    const audited = await query<{ reason: string }>(city.pool, `select reason from identity_looks where case_id = $1 and reason <> 'opened the case' order by id`, [one.id]);
    expect(audited.map((row) => row.reason)).toEqual(['handles it in the call', '市民来电追问']);
    await expect(city.pool.query('delete from identity_looks')).rejects.toThrow('append-only');
    await expect(city.pool.query('delete from audit_log')).rejects.toThrow('append-only');
  });

  it('numbers cases without gaps or repeats, also when every third fails', async () => {
    const at = new Date('2031-05-01T04:00:00Z');
    await Promise.allSettled(Array.from({ length: 120 }, (_, index) => transaction(city.pool, async (tx) => {
      await openCase(tx, { caseId: uuid(), channel: 'phone', phoneRaw: '', areaCode: '0571', at });
      if (index % 3 === 0) throw new Error('rolled back on purpose');
    })));
    const numbers = await query<{ number: string }>(city.pool, `select number from cases where number like '20310501-%' order by number`);
    expect(numbers.map((row) => row.number)).toEqual(Array.from({ length: 80 }, (_, index) => `20310501-${String(index + 1).padStart(6, '0')}`));
  });

  it('documents every route with its answers', async () => {
    const document = await operator.get<{ openapi: string; paths: Record<string, Record<string, { summary?: string; responses?: object }>> }>('/api/openapi.json');
    expect(await new Validator().validate(document)).toMatchObject({ valid: true });
    expect(document.openapi).toBe('3.1.0');
    const routes = Object.entries(document.paths).filter(([path]) => path.startsWith('/api/') && path !== '/api/events').flatMap(([, methods]) => Object.values(methods));
    expect(routes.length).toBeGreaterThan(25);
    expect(routes.filter((route) => Object.keys(route.responses ?? {}).length < 2)).toEqual([]);
    expect(routes.filter((route) => !route.summary)).toEqual([]);
  });
});

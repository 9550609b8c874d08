import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAuthRoutes } from '../../src/auth/routes.ts';
import { registerCaseRoutes } from '../../src/cases/routes.ts';
import { loadConfig } from '../../src/config.ts';
import type { Deps } from '../../src/deps.ts';
import { buildApp } from '../../src/http/app.ts';
import type { App } from '../../src/http/app-type.ts';
import { createLogger } from '../../src/log.ts';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';

describe('one address can ask only so much', () => {
  const city = hotline();
  let app: App;
  beforeAll(async () => {
    const config = loadConfig({ ...city.env, HOTLINE_REQUESTS_PER_MINUTE: '20', HOTLINE_TRUSTED_PROXIES: '10.0.0.1' });
    const deps = { config, log: createLogger('silent'), pool: city.pool, now: () => new Date() } as unknown as Deps;
    app = await buildApp(deps, { routes: [registerAuthRoutes, registerCaseRoutes], checks: [] });
  });
  afterAll(async () => {
    await app.close();
    await city.close();
  });
  const ask = (url: string, remoteAddress: string, headers: Record<string, string> = {}) => app.inject({ url, remoteAddress, headers });

  it('also when it guesses tokens; the refusal says how long to wait', async () => {
    const answers = [];
    for (let guess = 0; guess <= 20; guess += 1) answers.push(await ask('/api/cases', '10.9.9.9', { authorization: `Bearer ${guess}` }));
    expect(answers.map((answer) => answer.statusCode)).toEqual([...Array.from({ length: 20 }, () => 401), 429]);
    const refused = answers.at(-1);
    expect(refused?.headers['content-type']).toContain('application/problem+json');
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('but whoever watches the service is not turned away', async () => {
    for (let look = 0; look < 40; look += 1) expect((await ask('/health/live', '10.9.9.10')).statusCode).toBe(200);
  });

  it('and behind a trusted proxy it is the address the proxy names, for limits and for the record', async () => {
    const fail = (remoteAddress: string, forwarded: string) => app.inject({
      method: 'POST', url: '/api/auth/login', remoteAddress, headers: { 'x-forwarded-for': forwarded }, payload: { login: 'proxied', password: 'wrong' },
    });
    await fail('10.0.0.1', '192.0.2.7');
    await fail('10.0.0.2', '192.0.2.8');
    const written = await query<{ ip: string }>(city.pool, `select host(ip) as ip from audit_log where action = 'login.failed' order by id desc limit 2`);
    expect(written.map((row) => row.ip)).toEqual(['10.0.0.2', '192.0.2.7']);
  });

  it('and a lock says until when', async () => {
    const fail = () => app.inject({ method: 'POST', url: '/api/auth/login', remoteAddress: '10.9.9.11', payload: { login: 'locked-out', password: 'wrong' } });
    for (let failure = 0; failure < 5; failure += 1) await fail();
    const refused = await fail();
    expect(refused.json()).toMatchObject({ status: 429, code: 'login_locked' });
    expect(new Date(String(refused.headers['retry-after'])).getTime()).toBeGreaterThan(Date.now());
  });
});

import WebSocket from 'ws';
import { afterAll, describe, expect, it } from 'vitest';
import { logIn } from '../../src/auth/log-in.ts';
import { forgetAttempts, takeAttempt } from '../../src/auth/login-attempts.ts';
import type { Deps } from '../../src/deps.ts';
import { AppError } from '../../src/errors.ts';
import { ask, enter } from '../support/people.ts';
import { hotline } from '../support/hotline.ts';

describe('passwords are not found by guessing, and guessing locks nobody else out', () => {
  const city = hotline();
  afterAll(() => city.close());
  let now = new Date('2031-01-01T00:00:00Z');
  const deps = { pool: city.pool, now: () => now } as unknown as Deps;
  /** What came of one attempt. */
  const attempt = (login: string, ip = '10.0.0.1') => takeAttempt(deps, login, ip).then(() => 'taken', (error: unknown) => {
    if (error instanceof AppError && error.code === 'login_locked') return 'locked';
    throw error;
  });

  it('lets as many guesses through at once as one after the other', async () => {
    const guesses = await Promise.all(Array.from({ length: 40 }, () => attempt('at-once')));
    expect(guesses.filter((guess) => guess === 'taken')).toHaveLength(5);
  });

  it('waits longer after each further failure', async () => {
    for (let failure = 0; failure < 5; failure += 1) await attempt('patient');
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const start = now;
      while ((await attempt('patient')) === 'locked') now = new Date(now.getTime() + 10_000);
      waits.push((now.getTime() - start.getTime()) / 1000);
    }
    expect(waits).toEqual([30, 60, 120]);
  });

  it('leaves the account open at other addresses, and forgets after a success or a day', async () => {
    for (let failure = 0; failure < 6; failure += 1) await attempt('victim', '10.6.6.6');
    expect([await attempt('victim', '10.6.6.6'), await attempt('victim', '10.0.0.7'), await attempt('VICTIM', '10.6.6.6')]).toEqual(['locked', 'taken', 'locked']);
    await forgetAttempts(city.pool, 'victim', '10.6.6.6');
    expect(await attempt('victim', '10.6.6.6')).toBe('taken');
    for (let failure = 0; failure < 4; failure += 1) await attempt('sleeper');
    now = new Date(now.getTime() + 25 * 3_600_000);
    expect([await attempt('sleeper'), await attempt('sleeper')]).toEqual(['taken', 'taken']);
  });

  it('treats a login that does not exist like one that does', async () => {
    const person = await enter(city.pool, ['operator']);
    const guess = (login: string) => logIn(deps, { login, password: 'wrong', userAgent: '' }, { id: 'a request', ip: '10.0.0.8' })
      .then(() => 'logged in', (error: unknown) => (error as AppError).code);
    const tries = async (login: string) => {
      const seen: string[] = [];
      for (let index = 0; index < 6; index += 1) seen.push(await guess(login));
      return seen;
    };
    const known = await tries(person.login);
    expect(known).toEqual([...Array.from({ length: 5 }, () => 'password_wrong'), 'login_locked']);
    expect(await tries('person-nobody')).toEqual(known);
  });

  it('stops whoever found an open browser from guessing the password there', async () => {
    const person = await enter(city.pool, ['operator']);
    const codes = [];
    for (let index = 0; index < 6; index += 1) {
      codes.push((await ask(city.origin, 'POST', '/api/auth/password', { as: person, body: { current: 'wrong', next: 'a long and good phrase' } })).body['code']);
    }
    expect(codes).toEqual([...Array.from({ length: 5 }, () => 'password_wrong'), 'login_locked']);
  });

  it('shows an admin the lock, and lifts it', async () => {
    const [admin, person] = [await enter(city.pool, ['admin']), await enter(city.pool, ['operator'])];
    now = new Date();
    for (let failure = 0; failure < 5; failure += 1) await attempt(person.login, '10.0.0.9');
    const locked = await ask(city.origin, 'GET', `/api/users/${person.id}`, { as: admin });
    expect(locked.body['lockedUntil']).not.toBeNull();
    const unlocked = await ask(city.origin, 'PATCH', `/api/users/${person.id}`, { as: admin, body: { version: 1, unlock: true } });
    expect(unlocked.body['lockedUntil']).toBeNull();
    expect(await attempt(person.login, '10.0.0.9')).toBe('taken');
  });

  it('lets nobody listen before the first password is changed', async () => {
    const person = await enter(city.pool, ['operator'], true);
    const status = await new Promise<number>((resolve) => {
      const socket = new WebSocket(`${city.origin.replace('http', 'ws')}/api/events`, { headers: { cookie: person.cookie } });
      socket.on('unexpected-response', (_, response) => { resolve(response.statusCode ?? 0); socket.terminate(); });
      socket.on('open', () => { socket.terminate(); resolve(101); });
      socket.on('error', () => undefined);
    });
    expect(status).toBe(403);
    expect((await ask(city.origin, 'GET', '/api/cases', { as: person })).body['code']).toBe('password_change_required');
  });
});

import { v7 as uuid } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { sessionCookie } from '../../src/auth/authenticate.ts';
import { insertSession } from '../../src/auth/queries.ts';
import { hashToken, newSecretToken } from '../../src/auth/secret-token.ts';
import { transaction } from '../../src/db/transaction.ts';
import { createUser } from '../../src/users/create-user.ts';
import { hotline } from '../support/hotline.ts';
import { until } from '../support/until.ts';

describe('the metrics of a running service', () => {
  const city = hotline();
  afterAll(() => city.close());

  it('show its connections, the live calls and the seats, by state', async () => {
    const cookie = await transaction(city.pool, async (tx) => {
      const at = new Date();
      const { id } = await createUser(tx, { login: 'watches-metrics', displayName: 'watch', roles: ['supervisor'], endsAt: null, mustChangePassword: false }, at);
      const token = newSecretToken();
      await insertSession(tx, { id: uuid(), tokenHash: hashToken(token), userId: id, at, expiresAt: new Date(at.getTime() + 3_600_000), ip: '127.0.0.1', userAgent: '' });
      return `${sessionCookie}=${token}`;
    });
    const read = async () => {
      const text = await (await fetch(`${city.origin}/metrics`, { headers: { cookie } })).text();
      return new Map(text.split('\n').map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
    };
    const liveCalls = async (): Promise<number> => [...(await read())].filter(([name]) => name.startsWith('hotline_calls{')).reduce((sum, [, count]) => sum + count, 0);
    await city.quiet();
    const idle = await read();
    expect([idle.get('hotline_ari_connected'), idle.get('hotline_ami_connected'), idle.get('hotline_calls{state="waiting"}')]).toEqual([1, 1, 0]);
    expect(idle.get('hotline_ari_connections_total')).toBeGreaterThan(0);
    const { rows } = await city.pool.query<{ state: string; count: number }>('select state, count(*)::int as count from seats where removed_at is null group by state');
    for (const { state, count } of rows) expect([state, idle.get(`hotline_seats{state="${state}"}`)]).toEqual([state, count]);
    expect(idle.get('hotline_seats{state="on_call"}')).toBeDefined();
    city.citizen('citizen-hangs-up', '13800000401', { TALK_MS: 5_000 });
    expect(await until(async () => (await liveCalls()) === 1, 'the call is counted')).toBe(true);
    await until(async () => (await liveCalls()) === 0, 'it is over');
    await city.quiet();
  });
});

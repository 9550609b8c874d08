import { afterAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { v7 as uuid } from 'uuid';
import { ApiClient } from '../../scripts/phones/api-client.ts';
import { sessionCookie } from '../../src/auth/authenticate.ts';
import type { Role } from '../../src/auth/permissions.ts';
import { insertSession } from '../../src/auth/queries.ts';
import { hashToken, newSecretToken } from '../../src/auth/secret-token.ts';
import { transaction } from '../../src/db/transaction.ts';
import { createUser } from '../../src/users/create-user.ts';
import { liveChannel } from '../../src/events/publish.ts';
import { hotline } from '../support/hotline.ts';
import { until } from '../support/until.ts';

type Event = { type: string; caseId?: string; seatId?: string };

describe('live events show each listener what they may see', () => {
  const city = hotline();
  afterAll(() => city.close());
  const enter = (role: Role): Promise<string> => transaction(city.pool, async (tx) => {
    const at = new Date();
    const { id } = await createUser(tx, { login: `listens-${role.replaceAll('_', '-')}`, displayName: role, roles: [role], endsAt: null, mustChangePassword: false }, at);
    const token = newSecretToken();
    await insertSession(tx, { id: uuid(), tokenHash: hashToken(token), userId: id, at, expiresAt: new Date(at.getTime() + 3_600_000), ip: '127.0.0.1', userAgent: '' });
    return `${sessionCookie}=${token}`;
  });
  const listen = async (cookie: string) => {
    const events: Event[] = [];
    const socket = new WebSocket(`${city.origin.replace('http', 'ws')}/api/events`, { headers: { cookie } });
    socket.on('message', (data: Buffer) => events.push(JSON.parse(data.toString()) as Event));
    await until(() => events.some((event) => event.type === 'hello'), 'the socket is open');
    return { events, socket };
  };

  it('tells a case to who reads cases, without the citizen, and nothing to who does not', async () => {
    const [quality, editor] = [await listen(await enter('quality')), await listen(await enter('knowledge_editor'))];
    const operator = new ApiClient(city.origin);
    const account = city.first.operators[1];
    if (!account) throw new Error('no operator');
    await operator.logIn(account.login, account.password);
    const one = await operator.post<{ id: string; version: number }>('/api/cases', { channel: 'visit', phone: '13922223333' });
    await operator.send('PATCH', `/api/cases/${one.id}`, { version: one.version, type: 'report', citizenName: '举报人甲', course: '举报内容' });
    await until(() => quality.events.filter((event) => event.caseId === one.id).length >= 2, 'both changes are told');
    const told = JSON.stringify(quality.events);
    for (const secret of ['13922223333', '举报人甲', '举报内容']) expect(told).not.toContain(secret);
    expect(editor.events.filter((event) => event.type !== 'hello' && event.type !== 'resync')).toEqual([]);
    quality.socket.close();
    editor.socket.close();
  });

  it('outlives a notification that is no event', async () => {
    const { events, socket } = await listen(await enter('supervisor'));
    const notify = (payload: string) => city.pool.query('select pg_notify($1, $2)', [liveChannel, payload]);
    for (const payload of ['not json', 'null', '7', '{"type":"from_a_newer_version"}', '']) await notify(payload);
    const seatId = city.first.seats[0]?.seat;
    await notify(JSON.stringify({ type: 'seat.changed', seatId }));
    await until(() => events.some((event) => event.type === 'seat.changed' && event.seatId === seatId), 'the event after it');
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.close();
  });

  it('refuses a listener without a login, and one from another site', async () => {
    const refusal = (headers: Record<string, string>) => new Promise<number>((resolve, reject) => {
      const socket = new WebSocket(`${city.origin.replace('http', 'ws')}/api/events`, { headers });
      socket.on('unexpected-response', (_, response) => { resolve(response.statusCode ?? 0); socket.terminate(); });
      socket.on('open', () => { socket.terminate(); reject(new Error('the socket opened')); });
      socket.on('error', () => undefined);
    });
    expect(await refusal({})).toBe(401);
    expect(await refusal({ cookie: await enter('leader'), origin: 'http://evil.example' })).toBe(403);
  });
});

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, enter, type Person } from '../support/people.ts';
import { hotline } from '../support/hotline.ts';

describe('bad input gets a problem document that says what to do, never a 500', () => {
  const city = hotline();
  let operator: Person;
  let auditor: Person;
  let admin: Person;
  beforeAll(async () => {
    [operator, auditor, admin] = [await enter(city.pool, ['operator']), await enter(city.pool, ['auditor']), await enter(city.pool, ['admin'])];
  });
  afterAll(() => city.close());
  const send = (method: string, path: string, body?: unknown, as = operator) => ask(city.origin, method, path, { as, body });
  const open = async () => (await send('POST', '/api/cases', { channel: 'visit' })).body as { id: string; version: number };

  it('refuses the character NUL wherever text is sent', async () => {
    const one = await open();
    const answers = [
      await send('PATCH', `/api/cases/${one.id}`, { version: 1, course: 'a\0b' }),
      await send('PATCH', `/api/cases/${one.id}`, { version: 1, citizenName: '\0' }),
      await send('PUT', `/api/cases/${one.id}/draft`, { baseVersion: 1, fields: { course: { deep: ['\0'] } } }),
      await send('PUT', `/api/cases/${one.id}/draft`, { baseVersion: 1, fields: { '\0': 1 } }),
      await send('POST', '/api/cases', { channel: 'visit', phone: '\0' }),
      await send('GET', '/api/cases?number=%00'),
      await send('GET', '/api/audit?action=a%00b', undefined, auditor),
      await send('POST', '/api/users', { login: 'nul', displayName: '\0', roles: ['operator'] }, admin),
    ];
    expect(answers.map((answer) => [answer.status, answer.body['code']])).toEqual(answers.map(() => [400, 'bad_request']));
  });

  it('loses no autosave to half an emoji', async () => {
    const one = await open();
    expect((await send('PUT', `/api/cases/${one.id}/draft`, { baseVersion: 1, fields: { course: '半夜施工\ud83d' } })).status).toBe(204);
    expect((await send('GET', `/api/cases/${one.id}`)).body).toMatchObject({ draft: { fields: { course: '半夜施工\ufffd' } } });
  });

  it.each(['2026-12-31T23:59:60Z', '0000-01-01T00:00:00Z', '99999-01-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-01-01T00:00:00+23:59', 'yesterday'])(
    'refuses the moment %s', async (moment) => {
      const one = await open();
      const answers = [
        await send('PATCH', `/api/cases/${one.id}`, { version: 1, occurredAt: moment }),
        await send('GET', `/api/cases?from=${encodeURIComponent(moment)}`),
        await send('GET', `/api/audit?to=${encodeURIComponent(moment)}`, undefined, auditor),
        await send('POST', '/api/users', { login: 'someday', displayName: 'x', roles: ['operator'], endsAt: moment }, admin),
      ];
      expect(answers.map((answer) => answer.status)).toEqual([400, 400, 400, 400]);
    });

  it('refuses numbers no row can hold, and cursors of no list', async () => {
    const one = await open();
    expect((await send('PUT', `/api/cases/${one.id}/draft`, { baseVersion: 2 ** 31, fields: {} })).status).toBe(400);
    expect((await send('PATCH', `/api/cases/${one.id}`, { version: 1e308 })).status).toBe(400);
    const digits = Buffer.from('9'.repeat(60)).toString('base64url');
    for (const path of ['/api/seats/8001/events', '/api/cases', '/api/calls', '/api/seats']) {
      expect([path, (await send('GET', `${path}?cursor=${digits}`)).status]).toEqual([path, 400]);
    }
  });

  it('takes a body literally: null empties a field, and a number is no text', async () => {
    const one = await open();
    const filled = await send('PATCH', `/api/cases/${one.id}`, { version: 1, categoryCode: 'city', place: '金麦路', type: 'help' });
    expect(filled.body).toMatchObject({ categoryCode: 'city', place: '金麦路' });
    const emptied = await send('PATCH', `/api/cases/${one.id}`, { version: 2, categoryCode: null, place: null, type: null });
    expect(emptied.body).toMatchObject({ categoryCode: null, place: null, type: null, version: 3 });
    expect((await send('PATCH', `/api/cases/${one.id}`, { version: 3, cause: 1.5 })).status).toBe(400);
    expect((await send('PATCH', `/api/cases/${one.id}`, { version: '3' })).status).toBe(400);
    expect((await send('PATCH', `/api/cases/${one.id}`, { version: 3, categoryCode: '' })).body).toMatchObject({ status: 422, field: 'categoryCode' });
  });

  it('answers what the router, the parser and HTTP itself refuse with problem documents as well', async () => {
    const refused = async (path: string, method = 'GET') => ask(city.origin, method, path, { as: operator });
    for (const path of ['/api/cases/%ff', `/api/cases/${'x'.repeat(300)}`, '/api/nothing', '/api/events']) {
      const { status, type } = await refused(path);
      expect([path, status >= 400 && status < 500, type]).toEqual([path, true, 'application/problem+json; charset=utf-8']);
    }
    expect((await refused('/api/events')).body).toMatchObject({ status: 426, code: 'upgrade_required' });
    const as = operator;
    expect((await ask(city.origin, 'POST', '/api/cases', { as, raw: '{"channel":"visit"}', headers: { 'content-type': 'text/plain' } })).body).toMatchObject({ status: 415 });
    expect((await ask(city.origin, 'POST', '/api/cases', { as, raw: '{', headers: {} })).body).toMatchObject({ status: 400, code: 'bad_request' });
    expect((await ask(city.origin, 'POST', '/api/cases', { as, raw: JSON.stringify('x'.repeat(1 << 20)) })).body).toMatchObject({ status: 413 });
    expect(await rawAnswer('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*"code":"bad_request"/s);
  });

  it('names the methods an address takes to whoever uses another', async () => {
    const answer = await send('DELETE', '/api/cases');
    expect([answer.status, answer.body['code'], answer.headers.get('allow')]).toEqual([405, 'method_not_allowed', 'GET, HEAD, POST']);
  });

  it('finds no events of a call or a case that does not exist', async () => {
    const nothing = '01a20f2d-f72a-704c-bfd3-2d9a4e2a452f';
    for (const path of [`/api/cases/${nothing}/events`, `/api/calls/${nothing}/events`]) expect((await send('GET', path)).status).toBe(404);
  });

  it('gives every answer the id of its request, and keeps citizens’ data out of caches', async () => {
    const answer = await send('GET', '/api/users');
    expect(answer.headers.get('x-request-id')).toBe(answer.body['requestId']);
    expect((await send('GET', '/api/cases')).headers.get('cache-control')).toBe('no-store');
  });

  const rawAnswer = (request: string) => new Promise<string>((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(city.origin).port), '127.0.0.1', () => socket.write(request));
    socket.on('data', (data) => { answer += data.toString(); });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
});

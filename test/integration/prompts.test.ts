import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeWav } from '../../src/prompts/wav-rules.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Answer, type Person } from '../support/people.ts';

describe('prompts', () => {
  const city = hotline();
  let admin: Person;
  let supervisor: Person;
  beforeAll(async () => { [admin, supervisor] = await Promise.all([enter(city.pool, ['admin']), enter(city.pool, ['supervisor'])]); });
  afterAll(() => city.close());
  const send = (method: string, path: string, body?: object, as = admin): Promise<Answer> => ask(city.origin, method, `/api/configuration/${path}`, { as, body });
  const upload = async (key: string, version: number, body: Buffer, type = 'audio/wav', as = admin) => {
    const answer = await fetch(`${city.origin}/api/configuration/prompts/${key}/recording?version=${version}`, { method: 'PUT', body: new Uint8Array(body), headers: { cookie: as.cookie, 'content-type': type } });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & { changeId: number; item: { version: number; recordingSha256: string } } };
  };
  const listen = async (key: string) => fetch(`${city.origin}/api/configuration/prompts/${key}/recording`, { headers: { cookie: supervisor.cookie } });
  /** What is answered to the head of a request with so long a body: it comes before the body, which nobody would read. */
  const announce = async (method: string, path: string, length: number, headers: Record<string, string> = {}) => {
    const one = request(city.origin + path, { method, headers: { 'content-type': 'audio/wav', 'content-length': length, ...headers } });
    one.flushHeaders();
    const [answer] = (await once(one, 'response')) as [IncomingMessage];
    const body = await text(answer);
    one.destroy();
    return JSON.parse(body) as { status: number };
  };
  const sound = (length: number): Buffer => encodeWav(Int16Array.from({ length }, (_, at) => (at % 40) * 300));

  it('of the service are there with their texts, cannot be removed, and their text stands in the list', async () => {
    expect((await send('GET', 'prompts/greeting', undefined, supervisor)).body).toMatchObject({ text: expect.stringContaining('市民服务热线') as string, isSpoken: true, recordingSha256: null, version: 1 });
    expect((await send('DELETE', 'prompts/queue-full?version=1')).body).toMatchObject({ code: 'in_use', usedBy: ['the service itself'] });
    expect((await send('DELETE', 'prompts/greeting?version=1')).body).toMatchObject({ code: 'in_use', usedBy: expect.arrayContaining(['number 12345 (greetingPrompts/1)', 'the service itself']) as string[] });
    expect((await send('PUT', 'prompts/greeting', { version: 1, text: 'x' })).body).toMatchObject({ code: 'configuration_invalid', errors: [{ path: 'prompt/greeting/text' }] });
  });

  it('are recorded, heard, undone, and spoken again', async () => {
    const first = await upload('number-9', 1, sound(4_000));
    expect(first).toMatchObject({ status: 200, body: { item: { version: 2, recordingSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string } } });
    const second = await upload('number-9', 2, sound(8_000));
    expect((await upload('number-9', 2, sound(100))).body).toMatchObject({ code: 'stale_version' });
    const heard = await listen('number-9');
    expect([heard.headers.get('content-type'), Buffer.from(await heard.arrayBuffer())]).toEqual(['audio/wav', sound(8_000)]);
    await send('POST', `changes/${second.body.changeId}/undo`);
    expect(Buffer.from(await (await listen('number-9')).arrayBuffer())).toEqual(sound(4_000));
    expect((await send('DELETE', 'prompts/number-9/recording?version=4')).body).toMatchObject({ item: { recordingSha256: null, isSpoken: true } });
    expect((await listen('number-9')).status).toBe(404);
  });

  it('of an admin’s own need a recording before a number may use them, and keep it while one does', async () => {
    expect((await send('PUT', 'prompts/flood', { text: '防汛提示' })).status).toBe(201);
    const { number: _, ...hotlineNumber } = (await send('GET', 'numbers/12345')).body as { number: string; version: number; queueId: string };
    const greeting = { ...hotlineNumber, greetingPrompts: ['flood', 'greeting'] };
    expect((await send('PUT', 'numbers/12345', greeting)).body).toMatchObject({ code: 'configuration_invalid', errors: [{ path: 'number/12345/greetingPrompts', message: expect.stringContaining('no recording') as string }] });
    expect((await send('PUT', 'numbers/12345', { ...greeting, greetingPrompts: ['nothing'] })).body).toMatchObject({ errors: [{ path: 'number/12345/greetingPrompts/0' }] });
    expect((await upload('flood', 1, sound(800))).status).toBe(200);
    const used = await send('PUT', 'numbers/12345', greeting);
    expect(used.status).toBe(200);
    expect((await send('DELETE', 'prompts/flood/recording?version=2')).body).toMatchObject({ code: 'configuration_invalid' });
    expect((await send('DELETE', 'prompts/flood?version=2')).body).toMatchObject({ code: 'in_use', usedBy: ['number 12345 (greetingPrompts/0)'] });
    await send('POST', `changes/${String(used.body['changeId'])}/undo`);
    const removed = await send('DELETE', 'prompts/flood?version=2');
    expect(removed.status).toBe(200);
    await send('POST', `changes/${String(removed.body['changeId'])}/undo`);
    expect(Buffer.from(await (await listen('flood')).arrayBuffer())).toEqual(sound(800));
    expect((await send('DELETE', 'prompts/flood?version=4')).status).toBe(200);
  });

  it('are refused with the reason when they cannot be played', async () => {
    expect((await upload('number-8', 1, Buffer.from('ID3 this is no wave'), 'audio/mpeg')).body).toMatchObject({ status: 422, code: 'audio_unusable', errors: [{ message: expect.stringContaining('not a WAV') as string }] });
    expect((await upload('number-8', 1, Buffer.from('{}'), 'application/json')).body).toMatchObject({ status: 422, code: 'audio_unusable' });
    expect((await upload('number-8', 1, Buffer.from('x'), 'application/octet-stream')).status).toBe(415);
    expect(await announce('PUT', '/api/configuration/prompts/number-8/recording?version=1', (12 << 20) + 1, { cookie: admin.cookie })).toMatchObject({ status: 413, code: 'body_too_large' });
    expect((await upload('number-8', 1, sound(10), 'audio/wav', supervisor)).body).toMatchObject({ status: 403 });
    expect((await upload('nothing', 1, sound(10))).status).toBe(404);
    const json = await fetch(`${city.origin}/api/configuration/skills/law`, { method: 'PUT', body: 'x', headers: { cookie: admin.cookie, 'content-type': 'audio/wav' } });
    expect(json.status).toBe(415);
    // A validator would find a fault in every byte of it.
    expect(await announce('POST', '/api/auth/login', 1 << 19)).toMatchObject({ status: 415 });
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { query } from '../../src/db/query.ts';
import { buildApp } from '../../src/http/app.ts';
import type { App } from '../../src/http/app-type.ts';
import { registerSmsRoutes } from '../../src/sms/routes.ts';
import { sendSms } from '../../src/sms/send-sms.ts';
import { signatureOf } from '../../src/sms/sign.ts';
import type { SmsGateway } from '../../src/sms/sms.ts';
import { forgetReports, takeReport } from '../../src/sms/take-report.ts';
import { enter } from '../support/people.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { gatewayKey, smsDesk } from '../support/sms-desk.ts';

describe('a delivery report by HTTP', () => {
  let desk: Awaited<ReturnType<typeof smsDesk>>;
  let app: App;
  const config = () => loadConfig({ ...placeOfWorker().env, HOTLINE_SMS_GATEWAY: 'http', HOTLINE_SMS_HTTP_URL: 'http://127.0.0.1:9/', HOTLINE_SMS_HTTP_KEY: gatewayKey });
  beforeAll(async () => {
    desk = await smsDesk();
    app = await buildApp({ ...desk.deps(), config: config() }, { routes: [registerSmsRoutes], checks: [] });
  });
  beforeEach(async () => {
    desk.present();
    await desk.clear();
  });
  afterAll(async () => {
    await app.close();
    await desk.close();
  });

  /** A message that the gateway has under this id. */
  const sent = async (gatewayMessageId: string, to?: string): Promise<string> => {
    const messageId = await desk.queued('回执', to === undefined ? {} : { to });
    const taking: SmsGateway = { name: 'http', send: () => Promise.resolve({ gatewayMessageId }), close: () => Promise.resolve() };
    await sendSms(desk.deps(), taking, messageId);
    return messageId;
  };
  const stamp = () => String(Math.floor(desk.now().getTime() / 1_000));
  const sign = (body: Buffer, timestamp = stamp(), key = gatewayKey) => ({ 'x-timestamp': timestamp, 'x-signature': signatureOf(key, timestamp, body).toString('hex') });
  const post = async (body: Buffer, headers: Record<string, string>, to = app) => {
    const answer = await to.inject({ method: 'POST', url: '/api/sms/reports', payload: body, headers: { 'content-type': 'application/json', ...headers } });
    return { status: answer.statusCode, code: answer.body === '' ? null : (answer.json<{ code: string }>()).code };
  };
  const taken = { status: 204, code: null };
  const unproven = { status: 401, code: 'not_authenticated' };

  it.each([
    ['spread over lines', '{\n  "state" : "delivered",\r\n\t"id" : "ID"\n}\n'],
    ['with keys of its own', '{"vendor":{"b":[1.50,1e3],"a":null},"id":"ID","state":"delivered"}'],
    ['with escapes that JSON does not need', '{"id":"\\u0049D","state":"\\u0064elivered"}'],
    ['with spaces around', '   {"id":"ID","state":"delivered"}   '],
    ['as JSON.stringify would', '{"id":"ID","state":"delivered"}'],
  ])('is taken as it was signed, byte for byte: %s', async (_form, text) => {
    const messageId = await sent('ID');
    const body = Buffer.from(text);
    expect(await post(body, { ...sign(body), 'content-type': 'application/json; charset=utf-8' })).toEqual(taken);
    expect(await desk.stateOf(messageId)).toBe('delivered');
  });

  it('is refused when one byte differs, though it says the same', async () => {
    const messageId = await sent('same');
    const signed = Buffer.from('{"id": "same", "state": "delivered"}');
    for (const other of ['{"id":"same","state":"delivered"}', '{"id": "same", "state": "delivered"} ', '{"state": "delivered", "id": "same"}', '{"id": "same", "state": "failed"}']) expect(await post(Buffer.from(other), sign(signed))).toEqual(unproven);
    expect(await desk.stateOf(messageId)).toBe('sent');
  });

  it('is refused when it is forged, of another key or not signed, before anybody reads it', async () => {
    const messageId = await sent('forged');
    const body = Buffer.from('{"id":"forged","state":"delivered"}');
    expect(await post(body, {})).toEqual(unproven);
    expect(await post(body, sign(body, stamp(), 'another-key-of-16'))).toEqual(unproven);
    expect(await post(body, { ...sign(body), 'x-signature': 'f'.repeat(64) })).toEqual(unproven);
    expect(await post(body, { ...sign(body), 'x-timestamp': String(Number(stamp()) + 1) })).toEqual(unproven);
    expect(await post(Buffer.from('{not json'), sign(body))).toEqual(unproven);
    expect(await post(Buffer.from('{"__proto__":1}'), {})).toEqual(unproven);
    expect(await desk.stateOf(messageId)).toBe('sent');
    // What is signed is read like any other body.
    for (const text of ['{not json', '{"__proto__":{"state":"delivered"},"id":"forged"}', '{"id":"forged","state":"perhaps"}', '{"id":"","state":"failed"}', '']) {
      const raw = Buffer.from(text);
      expect((await post(raw, sign(raw))).status).toBe(400);
    }
    const form = Buffer.from('id=forged&state=delivered');
    expect(await post(form, { ...sign(form), 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({ status: 415 });
  });

  it('is refused by a hotline without a key, whatever key signed it', async () => {
    const closed = await buildApp({ ...desk.deps(), config: { ...config(), HOTLINE_SMS_HTTP_KEY: '' } }, { routes: [registerSmsRoutes], checks: [] });
    const body = Buffer.from('{"id":"x","state":"delivered"}');
    for (const key of ['', gatewayKey]) expect(await post(body, sign(body, stamp(), key), closed)).toEqual(unproven);
    await closed.close();
  });

  it('is refused when it is old, or of a time to come', async () => {
    const messageId = await sent('old');
    const body = Buffer.from('{"id":"old","state":"delivered"}');
    for (const offSec of [-301, 301, -86_400]) expect(await post(body, sign(body, String(Number(stamp()) + offSec)))).toEqual(unproven);
    expect(await desk.stateOf(messageId)).toBe('sent');
    const signed = sign(body);
    desk.pass(299_000);
    expect(await post(body, signed)).toEqual(taken);
  });

  it('is taken once, also when two copies come at once; a new one of the same words is told apart and changes nothing', async () => {
    const messageId = await sent('again');
    const body = Buffer.from('{"id":"again","state":"delivered"}');
    const signed = sign(body);
    const replayed = { status: 409, code: 'already_received' };
    const answers = await Promise.all([post(body, signed), post(body, signed), post(body, { ...signed, 'x-signature': signed['x-signature'].toUpperCase() })]);
    expect(answers.sort((one, other) => one.status - other.status)).toEqual([taken, replayed, replayed]);
    // What is forgotten is too old to come again.
    for (const laterMs of [100_000, 150_000, 100_000, 5_000_000]) {
      desk.pass(laterMs);
      await forgetReports(desk.deps());
      expect([replayed, unproven]).toContainEqual(await post(body, signed));
    }
    expect(await query(desk.db.pool, 'select 1 from sms_report_signatures')).toEqual([]);
    const late = Buffer.from('{"id":"again","state":"failed","error":"late"}');
    expect(await post(late, sign(late))).toEqual(taken);
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'delivered', error: null });
  });

  it('that could not be written down may come again as it was', async () => {
    const messageId = await sent('retry');
    const body = Buffer.from('{"id":"retry","state":"delivered"}');
    const signed = sign(body);
    await desk.db.pool.query('alter table sms_messages rename to sms_messages_away');
    expect((await post(body, signed)).status).toBe(500);
    await desk.db.pool.query('alter table sms_messages_away rename to sms_messages');
    expect(await post(body, signed)).toEqual(taken);
    expect(await desk.stateOf(messageId)).toBe('delivered');
  });

  it('that comes before its message is known to be sent waits for it, and not for ever', async () => {
    const body = Buffer.from('{"id":"early","state":"failed","error":"unknown 13800047001"}');
    expect(await post(body, sign(body))).toEqual(taken);
    const messageId = await sent('early');
    const { state, error } = await desk.rowOf(messageId);
    expect(state).toBe('failed');
    expect(error).toContain('unknown');
    expect(error).not.toContain('13800047001');
    await takeReport(desk.deps(), 'http', { gatewayMessageId: 'nobody’s', recipient: null, isDelivered: true, error: null });
    expect(await query(desk.db.pool, 'select gateway_message_id from sms_early_reports')).toEqual([{ gatewayMessageId: 'nobody’s' }]);
    desk.pass(86_400_001);
    await forgetReports(desk.deps());
    expect(await query(desk.db.pool, 'select 1 from sms_early_reports')).toEqual([]);
  });

  it('of an id that the gateway gave twice is of whose number it names, else of the newest', async () => {
    const [old, newer, newest] = [await sent('twice', '13800047011'), await sent('twice', '13800047012'), await sent('twice', '13800047013')];
    await desk.db.pool.query(`update sms_messages set sent_at = sent_at - case id when $1 then interval '2 hours' when $2 then interval '1 hour' else interval '0' end`, [old, newer]);
    const report = (recipient: string | null) => takeReport(desk.deps(), 'http', { gatewayMessageId: 'twice', recipient, isDelivered: true, error: null });
    await report('13800047011');
    expect(await Promise.all([old, newer, newest].map(desk.stateOf))).toEqual(['delivered', 'sent', 'sent']);
    await report(null);
    expect(await Promise.all([old, newer, newest].map(desk.stateOf))).toEqual(['delivered', 'sent', 'delivered']);
  });

  it('counts in the metrics, as does how long the oldest message waits', async () => {
    const { cookie } = await enter(desk.db.pool, ['supervisor']);
    const read = async () => {
      const { body } = await app.inject({ method: 'GET', url: '/metrics', headers: { cookie } });
      const [failed, queued, oldest] = [/^hotline_sms\{state="failed"\} (\S+)$/m, /^hotline_sms\{state="queued"\} (\S+)$/m, /^hotline_sms_oldest_waiting_seconds (\S+)$/m].map((line) => Number(line.exec(body)?.[1] ?? NaN));
      return { failed, queued, oldest };
    };
    expect(await read()).toEqual({ failed: 0, queued: 0, oldest: 0 });
    await desk.queued('等待');
    desk.pass(90_000);
    await desk.queued('等待');
    const body = Buffer.from('{"id":"counted","state":"failed"}');
    await sent('counted');
    await post(body, sign(body));
    expect(await read()).toEqual({ failed: 1, queued: 2, oldest: 90 });
    const listed = (await app.inject({ method: 'GET', url: '/api/sms?state=failed', headers: { cookie } })).json<{ items: object[] }>().items;
    expect(listed).toEqual([expect.objectContaining({ state: 'failed', attempts: 1 })]);
    expect(Object.keys(listed[0] ?? {}).filter((field) => /sealed|text|recipient|number/i.test(field))).toEqual([]);
  });
});

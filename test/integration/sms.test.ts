import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import smpp, { type Pdu, type Session } from 'smpp';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { query, write } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import { httpGateway } from '../../src/sms/http-gateway.ts';
import { insertSms } from '../../src/sms/queries.ts';
import { sendDueSms, sendSms, takeReport } from '../../src/sms/send-sms.ts';
import { isSignedBy } from '../../src/sms/sign.ts';
import { smppGateway } from '../../src/sms/smpp-gateway.ts';
import type { SmsGateway } from '../../src/sms/sms.ts';
import { capturedLog } from '../support/captured-log.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { until } from '../support/until.ts';

const recipient = '13800047001';

describe('a text message', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  const log = capturedLog();
  let now = new Date();
  beforeAll(async () => { db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? ''); });
  beforeEach(() => { now = new Date(); });
  afterAll(() => db.close());
  const deps = (): Deps => ({ pool: db.pool, log: log.log, now: () => now, jobs: { wake: () => Promise.resolve() } }) as unknown as Deps;
  const queued = async (text: string, expiresAt = new Date(now.getTime() + 86_400_000)): Promise<string> => {
    const messageId = uuid();
    await transaction(db.pool, (tx) => write(tx, insertSms({ messageId, purpose: 'survey_link', subjectId: uuid(), round: 1, recipient, text, at: now, expiresAt })));
    return messageId;
  };
  const stateOf = async (messageId: string) => (await query<{ state: string; attempts: number; error: string | null }>(db.pool, 'select state, attempts, error from sms_messages where id = $1', [messageId]))[0];

  describe('by SMPP, with a real message centre over TCP', () => {
    let centre: TcpServer;
    let sessions: Session[];
    let received: Pdu[];
    let answer: (pdu: Pdu, session: Session) => void;
    let gateway: SmsGateway;
    const listen = async (port = 0): Promise<number> => {
      centre = smpp.createServer((session) => {
        sessions.push(session);
        session.on('error', () => undefined);
        session.on('bind_transceiver', (pdu: Pdu) => session.send(pdu.response({ command_status: pdu.password === 'right' ? 0 : 0x0e })));
        session.on('enquire_link', (pdu: Pdu) => session.send(pdu.response()));
        session.on('unbind', (pdu: Pdu) => session.send(pdu.response()));
        session.on('submit_sm', (pdu: Pdu) => { received.push(pdu); answer(pdu, session); });
      });
      centre.listen(port, '127.0.0.1');
      await once(centre, 'listening');
      return (centre.address() as AddressInfo).port;
    };
    const open = (port: number, password = 'right') => smppGateway({ host: '127.0.0.1', port, isTls: false, systemId: 'city', password, sender: '12345' }, (report) => takeReport(deps(), 'smpp', report), log.log);
    beforeEach(async () => {
      [sessions, received] = [[], []];
      answer = (pdu, session) => { session.send(pdu.response({ message_id: `m${received.length}` })); };
      gateway = open(await listen());
    });
    afterEach(async () => {
      await gateway.close();
      for (const session of sessions) session.destroy();
      centre.close();
    });

    it('arrives whole in Chinese however long, and its receipt tells that the phone has it', async () => {
      const text = '您反映的夜间施工噪声问题已有办理结果，请点击链接评价。'.repeat(6);
      const messageId = await queued(text);
      await sendSms(deps(), gateway, messageId);
      expect(await stateOf(messageId)).toMatchObject({ state: 'sent', attempts: 1 });
      const words = received.map((pdu) => (Buffer.isBuffer(pdu.short_message) ? '' : String(pdu.short_message?.message)));
      expect(words.join('')).toBe(text);
      expect(received.length).toBe(3);
      expect(received[0]).toMatchObject({ destination_addr: `86${recipient}`, source_addr: '12345', data_coding: 8 });
      sessions[0]?.deliver_sm({ esm_class: 4, source_addr: `86${recipient}`, destination_addr: '12345', short_message: 'id:m3 sub:001 dlvrd:001 submit date:2611251200 done date:2611251201 stat:DELIVRD err:000 text:' });
      await until(async () => (await stateOf(messageId))?.state === 'delivered', 'the receipt is taken');
    });

    it('waits while the centre is busy, and is given up where it can never arrive', async () => {
      answer = (pdu, session) => { session.send(pdu.response({ command_status: 0x58 })); };
      const busy = await queued('忙');
      await sendSms(deps(), gateway, busy);
      expect(await stateOf(busy)).toMatchObject({ state: 'queued', error: 'the centre answered 0x58' });
      answer = (pdu, session) => { session.send(pdu.response({ command_status: 0x0b })); };
      const wrong = await queued('错');
      await sendSms(deps(), gateway, wrong);
      expect(await stateOf(wrong)).toMatchObject({ state: 'failed', attempts: 1 });
      expect(JSON.stringify(log.lines)).not.toContain(recipient);
    });

    it('is sent again when the connection breaks in the middle, by a new session', async () => {
      answer = (_pdu, session) => session.destroy();
      const bound = () => log.lines.filter((line) => line.msg === 'Bound to the message centre').length;
      await until(() => sessions.length === 1 && bound() > 0, 'the link is there');
      const before = bound();
      const messageId = await queued('断线');
      await sendSms(deps(), gateway, messageId);
      expect(await stateOf(messageId)).toMatchObject({ state: 'queued', attempts: 1 });
      answer = (pdu, session) => { session.send(pdu.response({ message_id: 'again' })); };
      await until(() => sessions.length > 1 && bound() > before, 'the link is there again');
      now = new Date(now.getTime() + 60_000);
      await sendDueSms(deps(), gateway);
      expect(await stateOf(messageId)).toMatchObject({ state: 'sent', attempts: 2 });
    });

    it('is not sent with a wrong password, and says so once', async () => {
      await gateway.close();
      gateway = open((centre.address() as AddressInfo).port, 'wrong');
      const messageId = await queued('密码');
      await sendSms(deps(), gateway, messageId);
      expect(await stateOf(messageId)).toMatchObject({ state: 'queued' });
      expect((await stateOf(messageId))?.error).toMatch(/0x0e|soon/);
    });
  });

  describe('by HTTP', () => {
    const key = 'a-key-of-the-test-only';
    let server: Server;
    let seen: { headers: IncomingHttpHeaders; body: string }[];
    let status = 200;
    beforeAll(async () => {
      server = createServer((request, reply) => {
        let body = '';
        request.on('data', (part: Buffer) => { body += part.toString(); }).on('end', () => {
          seen.push({ headers: request.headers, body });
          reply.writeHead(status, { 'content-type': 'application/json' }).end('{"id":"g-1"}');
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    beforeEach(() => { [seen, status] = [[], 200]; });
    afterAll(() => server.close());
    const gateway = () => httpGateway({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`, key });

    it('is posted once with its id and a signature; two at once send one', async () => {
      const messageId = await queued('短信');
      await Promise.all([sendSms(deps(), gateway(), messageId), sendSms(deps(), gateway(), messageId)]);
      expect(seen.length).toBe(1);
      const [{ headers, body } = { headers: {}, body: '' }] = seen;
      expect(JSON.parse(body)).toEqual({ id: messageId, to: recipient, text: '短信' });
      expect(headers['idempotency-key']).toBe(messageId);
      expect(isSignedBy(key, { timestamp: String(headers['x-timestamp']), body, signature: String(headers['x-signature']) })).toBe(true);
      expect(await takeReport(deps(), 'http', { gatewayMessageId: 'g-1', isDelivered: true, error: null })).toBe(true);
      expect(await takeReport(deps(), 'http', { gatewayMessageId: 'g-1', isDelivered: false, error: 'late' })).toBe(false);
      expect(await stateOf(messageId)).toMatchObject({ state: 'delivered' });
    });

    it('is tried five times while the gateway fails, then given up; never after its time', async () => {
      status = 503;
      const messageId = await queued('重试', new Date(now.getTime() + 30 * 86_400_000));
      const late = await queued('过期', new Date(now.getTime() + 1_000));
      for (let round = 0; round < 7; round += 1) {
        now = new Date(now.getTime() + 3_600_000);
        await sendDueSms(deps(), gateway());
      }
      expect(await stateOf(messageId)).toMatchObject({ state: 'failed', attempts: 5, error: 'the gateway answered 503' });
      expect(await stateOf(late)).toMatchObject({ state: 'expired', attempts: 0 });
      expect(seen.filter(({ body }) => body.includes(messageId)).length).toBe(5);
    });

    it('is sent by another after its sender died', async () => {
      const messageId = await queued('接手');
      await query(db.pool, `update sms_messages set state = 'sending', attempts = 1, next_attempt_at = $2 where id = $1`, [messageId, new Date(now.getTime() + 60_000)]);
      await sendDueSms(deps(), gateway());
      expect(seen.filter(({ body }) => body.includes(messageId)).length).toBe(0);
      now = new Date(now.getTime() + 61_000);
      await sendDueSms(deps(), gateway());
      expect(await stateOf(messageId)).toMatchObject({ state: 'sent', attempts: 2 });
    });

    it('stands nowhere readable in the database', async () => {
      await queued('机密链接内容');
      const dump = JSON.stringify(await query(db.pool, 'select * from sms_messages'));
      expect(dump).not.toContain(recipient);
      expect(dump).not.toContain('机密链接内容');
    });
  });
});

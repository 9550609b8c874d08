import { once } from 'node:events';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import smpp, { type Pdu, type Session } from 'smpp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLogger } from '../../src/log.ts';
import { sendDueSms, sendSms } from '../../src/sms/send-sms.ts';
import { smppGateway, usualPace } from '../../src/sms/smpp-gateway.ts';
import type { LongTexts } from '../../src/sms/smpp-rules.ts';
import type { SmppPace } from '../../src/sms/smpp-session.ts';
import type { SmsGateway } from '../../src/sms/sms.ts';
import { takeReport } from '../../src/sms/take-report.ts';
import { recipient, smsDesk } from '../support/sms-desk.ts';
import { until } from '../support/until.ts';

type Open = { readonly password?: string; readonly longTexts?: LongTexts; readonly pace?: Partial<SmppPace> };

describe('a text message by SMPP, with a message centre over TCP', () => {
  let desk: Awaited<ReturnType<typeof smsDesk>>;
  let centre: TcpServer;
  let sessions: Session[];
  let binds: { at: number; pdu: Pdu }[];
  let received: Pdu[];
  let goodbyes: number;
  let answer: (pdu: Pdu, session: Session) => void;
  let answersEnquiries: boolean;
  let gateways: SmsGateway[];
  const accept = (pdu: Pdu, session: Session): void => void session.send(pdu.response({ message_id: `m${received.length}` }));
  const refuse = (status: number) => (pdu: Pdu, session: Session): void => void session.send(pdu.response({ command_status: status }));
  const listen = async (port = 0): Promise<void> => {
    centre = smpp.createServer((session) => {
      sessions.push(session);
      session.on('error', () => undefined);
      session.on('bind_transceiver', (pdu: Pdu) => {
        binds.push({ at: performance.now(), pdu });
        session.send(pdu.response({ command_status: pdu.password === 'right' ? 0 : 0x0e }));
      });
      session.on('enquire_link', (pdu: Pdu) => void (answersEnquiries && session.send(pdu.response())));
      session.on('unbind', (pdu: Pdu) => { goodbyes += 1; session.send(pdu.response()); });
      session.on('submit_sm', (pdu: Pdu) => { received.push(pdu); answer(pdu, session); });
    });
    centre.listen(port, '127.0.0.1');
    await once(centre, 'listening');
  };
  const port = () => (centre.address() as AddressInfo).port;
  const bound = () => desk.log.lines.filter((line) => line.msg === 'Bound to the message centre').length;
  const open = ({ password = 'right', longTexts = 'parts', pace = {} }: Open = {}): SmsGateway => {
    const one = smppGateway({ host: '127.0.0.1', port: port(), isTls: false, systemId: 'city', password, sender: '12345', longTexts },
      { log: desk.log.log, onReport: (report) => takeReport(desk.deps(), 'smpp', report), pace: { ...usualPace, firstPauseMs: 20, longestPauseMs: 500, ...pace } });
    gateways.push(one);
    return one;
  };
  const openBound = async (options: Open = {}): Promise<SmsGateway> => {
    const before = bound();
    const one = open(options);
    await until(() => bound() > before, 'it is bound');
    return one;
  };
  /** The centre tells what became of a message; resolves to our answer's status. */
  const tell = (session: Session, id: string, stat = 'DELIVRD', more: object = {}) => new Promise<number>((resolve) => {
    session.deliver_sm({ esm_class: 4, source_addr: `86${recipient}`, destination_addr: '12345', short_message: `id:${id} sub:001 dlvrd:001 submit date:2611251200 done date:2611251201 stat:${stat} err:000 text:`, ...more }, (pdu) => resolve(pdu.command_status));
  });
  const theSession = () => sessions.at(-1) as Session;
  const wordsOf = ({ short_message: said, message_payload: payload }: Pdu) => [said, payload].map((one) => (one && !Buffer.isBuffer(one) ? String(one.message) : '')).join('');

  beforeAll(async () => { desk = await smsDesk(); });
  beforeEach(async () => {
    desk.present();
    await desk.clear();
    [sessions, binds, received, goodbyes, gateways, answersEnquiries, answer] = [[], [], [], 0, [], true, accept];
    await listen();
  });
  afterEach(async () => {
    await Promise.all(gateways.map((one) => one.close()));
    for (const session of sessions) session.destroy();
    centre.close();
  });
  afterAll(() => desk.close());

  const long = '您反映的夜间施工噪声问题已有办理结果，请点击链接评价。'.repeat(6);

  it('goes in parts with headers when it is long, and its receipt tells that the phone has it', async () => {
    const gateway = await openBound();
    const messageId = await desk.queued(long);
    await sendSms(desk.deps(), gateway, messageId);
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'sent', attempts: 1, gatewayMessageId: 'm3', sealed: null });
    expect(received.map(wordsOf).join('')).toBe(long);
    expect(received.map((pdu) => [pdu.esm_class, pdu.registered_delivery])).toEqual([[0x40, 0], [0x40, 0], [0x40, 1]]);
    expect(received[0]).toMatchObject({ destination_addr: `86${recipient}`, source_addr: '12345', data_coding: 8 });
    expect(await tell(theSession(), 'm3')).toBe(0);
    expect(await desk.stateOf(messageId)).toBe('delivered');
  });

  it('goes whole as message_payload where that is the way; a short one never does', async () => {
    const gateway = await openBound({ longTexts: 'payload' });
    for (const text of [long, '短']) await sendSms(desk.deps(), gateway, await desk.queued(text));
    expect(received.map(wordsOf)).toEqual([long, '短']);
    expect(received.map((pdu) => [pdu.message_payload !== undefined, pdu.registered_delivery])).toEqual([[true, 1], [false, 1]]);
  });

  it('waits while the centre throttles, costs no try, and is sent when the pause is over', async () => {
    const gateway = await openBound();
    answer = refuse(0x58);
    const messageId = await desk.queued('忙');
    await sendSms(desk.deps(), gateway, messageId);
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'queued', attempts: 0, error: expect.stringContaining('0x58') as string });
    answer = accept;
    await until(async () => {
      desk.pass(6_000);
      await sendDueSms(desk.deps(), gateway);
      return (await desk.stateOf(messageId)) === 'sent';
    }, 'the pause is over');
    expect(await desk.rowOf(messageId)).toMatchObject({ attempts: 1 });
    expect(received.length).toBe(2);
  });

  it('is not even offered during the pause, which grows from one throttling to the next', async () => {
    const gateway = await openBound({ pace: { firstPauseMs: 60_000, longestPauseMs: 300_000 } });
    answer = refuse(0x14);
    const messages = await Promise.all(Array.from({ length: 25 }, (_, index) => desk.queued(`第${index}条`)));
    await sendDueSms(desk.deps(), gateway);
    desk.pass(6_000);
    await sendDueSms(desk.deps(), gateway);
    expect(received.length).toBeLessThanOrEqual(10); // those that were under way when the first was refused
    expect(await query(desk.db.pool, 'select state, attempts, count(*)::integer from sms_messages group by 1, 2')).toEqual([{ state: 'queued', attempts: 0, count: messages.length }]);
    const pauses = desk.log.text().split('\n').filter((line) => line.includes('"pauseMs":60000'));
    expect(pauses.length).toBe(1); // ten refusals at once are one
  });

  it('that is there in part goes on with the part that was throttled, not from its beginning', async () => {
    const gateway = await openBound();
    let refusals = 3;
    answer = (pdu, session) => (received.length > 1 && (refusals -= 1) >= 0 ? refuse(0x58) : accept)(pdu, session);
    const messageId = await desk.queued(long);
    await sendSms(desk.deps(), gateway, messageId);
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'sent', attempts: 1 });
    const second = long.slice(67, 134);
    expect(received.map(wordsOf)).toEqual([long.slice(0, 67), second, second, second, second, long.slice(134)]);
  });

  it('is given up where it can never arrive, and tried again after another error', async () => {
    const gateway = await openBound();
    answer = refuse(0x0b);
    const wrong = await desk.queued('错');
    await sendSms(desk.deps(), gateway, wrong);
    expect(await desk.rowOf(wrong)).toMatchObject({ state: 'failed', attempts: 1, error: 'the centre answered 0x0b', sealed: null });
    answer = refuse(0x08);
    const again = await desk.queued('再');
    await sendSms(desk.deps(), gateway, again);
    expect(await desk.rowOf(again)).toMatchObject({ state: 'queued', attempts: 1 });
    expect(JSON.stringify(desk.log.lines)).not.toContain(recipient);
  });

  it('shares a window: no more than ten wait for the centre’s answer at once', async () => {
    const gateway = await openBound();
    const waiting: (() => void)[] = [];
    let most = 0;
    answer = (pdu, session) => {
      waiting.push(() => accept(pdu, session));
      most = Math.max(most, waiting.length);
    };
    const messages = await Promise.all(Array.from({ length: 35 }, (_, index) => desk.queued(`窗口${index}`)));
    const sending = Promise.all(messages.map((messageId) => sendSms(desk.deps(), gateway, messageId)));
    for (let answered = 0; answered < messages.length; ) {
      await until(() => waiting.length === Math.min(10, messages.length - answered), 'the window is full');
      answered += waiting.length;
      for (const say of waiting.splice(0)) say();
    }
    await sending;
    expect(most).toBe(10);
    expect(received.length).toBe(35);
  });

  it('has a receipt that may come before the centre’s own answer', async () => {
    const gateway = await openBound();
    answer = (pdu, session) => void tell(session, 'first').then((status) => session.send(pdu.response({ message_id: status === 0 ? 'first' : 'not taken' })));
    const messageId = await desk.queued('先到');
    await sendSms(desk.deps(), gateway, messageId);
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'delivered', gatewayMessageId: 'first' });
    expect(await query(desk.db.pool, 'select 1 from sms_early_reports')).toEqual([]);
  });

  it('has its receipts taken after a restart, twice told as well; those that cannot be written down are asked for again', async () => {
    const gateway = await openBound();
    const [delivered, lost] = [await desk.queued('重启'), await desk.queued('重启二')];
    for (const messageId of [delivered, lost]) await sendSms(desk.deps(), gateway, messageId);
    await gateway.close();
    const pool = createPool(desk.db.url, createLogger('silent'));
    const other = smppGateway({ host: '127.0.0.1', port: port(), isTls: false, systemId: 'city', password: 'right', sender: '12345', longTexts: 'parts' },
      { log: desk.log.log, onReport: (report) => takeReport(desk.deps(pool), 'smpp', report) });
    gateways.push(other);
    await until(() => binds.length === 2, 'a new process is bound');
    expect(await tell(theSession(), 'm1')).toBe(0);
    expect(await tell(theSession(), 'm1', 'UNDELIV')).toBe(0);
    expect(await tell(theSession(), 'x', 'DELIVRD', { short_message: '', receipted_message_id: 'm2', message_state: 5 })).toBe(0);
    expect(await desk.stateOf(delivered)).toBe('delivered');
    expect(await desk.rowOf(lost)).toMatchObject({ state: 'failed', error: '5' });
    await pool.end();
    expect(await tell(theSession(), 'm2')).toBe(0x64);
  });

  it('is sent again when the connection breaks before the answer, by a new session: twice rather than never', async () => {
    const gateway = await openBound();
    answer = (_pdu, session) => session.destroy();
    const before = bound();
    const messageId = await desk.queued('断线');
    await sendSms(desk.deps(), gateway, messageId);
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'queued', attempts: 1 });
    answer = accept;
    await until(() => bound() > before, 'the link is there again');
    desk.pass(60_000);
    await sendDueSms(desk.deps(), gateway);
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'sent', attempts: 2 });
    expect(received.length).toBe(2);
  });

  it('finds a link that answers no enquiry ended and made anew', async () => {
    await openBound({ pace: { enquireMs: 20, answerMs: 1_000 } });
    answersEnquiries = false;
    await until(() => binds.length > 1, 'a silent link is given up');
    answersEnquiries = true;
    const before = bound();
    await until(() => bound() > before, 'it is bound again');
    expect(desk.log.text()).toContain('did not answer in time');
  });

  it('is bound again by one session at a time, later after each failure, said once', async () => {
    const before = desk.log.lines.length;
    const gateway = open({ password: 'wrong', pace: { firstPauseMs: 40, longestPauseMs: 320 } });
    const messageId = await desk.queued('密码');
    await until(() => binds.length >= 6, 'it is tried again and again');
    await Promise.all(Array.from({ length: 20 }, () => sendSms(desk.deps(), gateway, messageId)));
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'queued', attempts: 0, error: expect.stringContaining('0x0e') as string });
    // A slow machine makes pauses longer, never shorter: each is at least what the backoff says.
    const atLeast = [40, 80, 160, 320, 320];
    expect(binds.slice(1, 6).map(({ at }, index) => at - (binds[index]?.at ?? 0) >= (atLeast[index] ?? 0) - 5)).toEqual([true, true, true, true, true]);
    expect(desk.log.lines.slice(before).filter(({ msg }) => msg.startsWith('The link to the message centre is broken')).length).toBe(1);
    expect(received.length).toBe(0);
  });

  it('waits for a centre that is away, and is sent when it is back', async () => {
    const gateway = await openBound();
    const at = port();
    centre.close();
    for (const session of sessions) session.destroy();
    const messageId = await desk.queued('中断');
    await until(async () => {
      desk.pass(6_000);
      await sendDueSms(desk.deps(), gateway);
      return (await desk.rowOf(messageId)).error?.includes('not bound');
    }, 'the break is noticed');
    const before = bound();
    await listen(at);
    await until(() => bound() > before, 'the link is there again');
    desk.pass(6_000);
    await sendDueSms(desk.deps(), gateway);
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'sent', attempts: 1 });
  });

  it('that is under way at a shutdown gets its answer before the goodbye; others stay queued', async () => {
    const gateway = await openBound({ pace: { goodbyeMs: 60_000 } });
    let late: (() => void) | undefined;
    answer = (pdu, session) => { late = () => accept(pdu, session); };
    const messageId = await desk.queued('收尾');
    const sending = sendSms(desk.deps(), gateway, messageId);
    await until(() => late, 'it is under way');
    const closing = gateway.close();
    const next = await desk.queued('下一条');
    await sendSms(desk.deps(), gateway, next);
    expect([goodbyes, received.length]).toEqual([0, 1]);
    late?.();
    await Promise.all([sending, closing]);
    expect(await desk.stateOf(messageId)).toBe('sent');
    expect(await desk.rowOf(next)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(goodbyes).toBe(1);
    await sendSms(desk.deps(), gateway, next);
    expect([binds.length, received.length]).toEqual([1, 1]);
  });

  it('does not keep a shutdown waiting for a centre that says nothing', async () => {
    const gateway = await openBound({ pace: { goodbyeMs: 100, answerMs: 600_000 } });
    answer = () => undefined;
    const messageId = await desk.queued('无声');
    const sending = sendSms(desk.deps(), gateway, messageId);
    await until(() => received.length, 'it is under way');
    await gateway.close();
    await sending;
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'queued', attempts: 1 });
  });
});

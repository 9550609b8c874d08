import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listKeys } from '../../src/cases/identity/queries.ts';
import { checkKeys } from '../../src/cases/identity/seal-identities.ts';
import { openVault, vault } from '../../src/cases/identity/vault.ts';
import { createPool } from '../../src/db/pool.ts';
import { query } from '../../src/db/query.ts';
import { createLogger } from '../../src/log.ts';
import { httpGateway } from '../../src/sms/http-gateway.ts';
import { claimSms } from '../../src/sms/queries.ts';
import { resealMessages } from '../../src/sms/reseal-messages.ts';
import { sendDueSms, sendSms } from '../../src/sms/send-sms.ts';
import { checkSignature } from '../../src/sms/sign.ts';
import { leaseMs } from '../../src/sms/sms-machine.ts';
import type { SmsGateway } from '../../src/sms/sms.ts';
import { testIdentityKeys } from '../support/identity-key.ts';
import { gatewayKey, listenForSms, recipient, smsDesk } from '../support/sms-desk.ts';
import { until } from '../support/until.ts';

describe('a text message', () => {
  let desk: Awaited<ReturnType<typeof smsDesk>>;
  let carrier: Awaited<ReturnType<typeof listenForSms>>;
  const children: ChildProcess[] = [];
  beforeAll(async () => { [desk, carrier] = await Promise.all([smsDesk(), listenForSms()]); });
  beforeEach(async () => {
    desk.present();
    carrier.reset();
    await desk.clear();
  });
  afterEach(() => { for (const child of children.splice(0)) child.kill('SIGKILL'); });
  afterAll(async () => {
    carrier.close();
    await desk.close();
  });
  const gateway = () => httpGateway({ url: carrier.url, key: gatewayKey });
  const postedOf = (messageId: string) => carrier.seen.filter(({ body }) => body.id === messageId);
  /** A gateway that answers when the test says so. */
  const held = () => {
    let answer: () => void = () => undefined;
    const asked = { count: 0 };
    const one: SmsGateway = { name: 'http', close: () => Promise.resolve(), send: () => new Promise((resolve) => { asked.count += 1; answer = () => resolve({ gatewayMessageId: 'held' }); }) };
    return { gateway: one, asked, answer: () => answer() };
  };

  it('is posted once with its id and a signature; two at once send one', async () => {
    const messageId = await desk.queued('短信');
    await Promise.all([sendSms(desk.deps(), gateway(), messageId), sendSms(desk.deps(), gateway(), messageId), sendDueSms(desk.deps(), gateway())]);
    expect(carrier.seen.length).toBe(1);
    const [{ headers, raw, body }] = carrier.seen as [(typeof carrier.seen)[number]];
    expect(body).toEqual({ id: messageId, to: recipient, text: '短信', expiresAt: expect.any(String) as string });
    expect(headers['idempotency-key']).toBe(messageId);
    expect(checkSignature(gatewayKey, { timestamp: String(headers['x-timestamp']), body: Buffer.from(raw), given: String(headers['x-signature']) })).not.toBeNull();
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'sent', attempts: 1, gatewayMessageId: 'g-1' });
  });

  it('is tried five times while the gateway fails, then given up; at once when it is refused', async () => {
    carrier.answer = carrier.says(500);
    const [messageId, wrong] = [await desk.queued('重试', { aliveMs: 30 * 86_400_000 }), await desk.queued('拒绝')];
    for (let round = 0; round < 7; round += 1) {
      if (round === 4) carrier.answer = ({ body }, reply) => void reply.writeHead(body.id === wrong ? 422 : 500).end();
      await sendDueSms(desk.deps(), gateway());
      desk.pass(3_600_000);
    }
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'failed', attempts: 5, error: 'the gateway answered 500', sealed: null });
    expect(await desk.rowOf(wrong)).toMatchObject({ state: 'failed', attempts: 5, error: 'the gateway refused it with 422', sealed: null });
    expect(postedOf(messageId).length).toBe(5);
  });

  it('waits out an outage without losing tries, and is sent when the gateway takes messages again', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address() as AddressInfo;
    nobody.close();
    await once(nobody, 'close');
    const messages = await Promise.all(Array.from({ length: 30 }, (_, index) => desk.queued(`第${index}条`)));
    const gone = httpGateway({ url: `http://127.0.0.1:${port}/`, key: gatewayKey });
    const warned = () => desk.log.lines.filter(({ msg }) => msg.startsWith('The gateway takes no text messages')).length;
    const before = warned();
    for (let round = 0; round < 8; round += 1) {
      await sendDueSms(desk.deps(), gone);
      desk.pass(6_000);
    }
    expect(warned() - before).toBe(1);
    carrier.answer = carrier.says(503);
    await sendDueSms(desk.deps(), gateway());
    expect(carrier.seen.length).toBeLessThanOrEqual(10); // the others are not even tried
    expect(await query(desk.db.pool, `select state, attempts, count(*)::integer from sms_messages group by 1, 2`)).toEqual([{ state: 'queued', attempts: 0, count: 30 }]);
    carrier.reset();
    desk.pass(6_000);
    await sendDueSms(desk.deps(), gateway());
    expect(new Set(carrier.seen.map(({ body }) => body.id))).toEqual(new Set(messages));
    expect(carrier.seen.length).toBe(30);
  });

  it('whose time is over is never sent, however it waited', async () => {
    const [late, tried] = [await desk.queued('过期', { aliveMs: 1_000 }), await desk.queued('过期二', { aliveMs: 20_000 })];
    carrier.answer = carrier.says(500);
    await sendSms(desk.deps(), gateway(), tried);
    carrier.reset();
    desk.pass(60_000);
    expect(await claimSms(desk.db.pool, late, desk.now())).toBeUndefined(); // before any sweep as well
    await sendDueSms(desk.deps(), gateway());
    await Promise.all([sendSms(desk.deps(), gateway(), late), sendSms(desk.deps(), gateway(), tried)]);
    expect(await desk.rowOf(late)).toMatchObject({ state: 'expired', attempts: 0, sealed: null });
    expect(await desk.rowOf(tried)).toMatchObject({ state: 'expired', attempts: 1, sealed: null });
    expect(carrier.seen.length).toBe(0);
  });

  it('that is being sent is its sender’s until the lease ends, also past its time; then nobody sends it', async () => {
    const messageId = await desk.queued('租约', { aliveMs: 10_000 });
    await claimSms(desk.db.pool, messageId, desk.now());
    desk.pass(leaseMs - 1_000);
    await sendDueSms(desk.deps(), gateway());
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'sending' });
    desk.pass(2_000);
    await sendDueSms(desk.deps(), gateway());
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'expired', error: expect.stringContaining('not known') as string, sealed: null });
    expect(carrier.seen.length).toBe(0);
  });

  it('is sent by another after its sender died, once; a sender that wakes up afterwards changes nothing', async () => {
    const messageId = await desk.queued('接手');
    const slow = held();
    const first = sendSms(desk.deps(), slow.gateway, messageId);
    await until(() => slow.asked.count, 'it was claimed');
    await sendDueSms(desk.deps(), gateway());
    expect(carrier.seen.length).toBe(0);
    desk.pass(leaseMs + 1);
    await sendDueSms(desk.deps(), gateway());
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'sent', attempts: 2, gatewayMessageId: 'g-1' });
    slow.answer();
    await first;
    expect(await desk.rowOf(messageId)).toMatchObject({ state: 'sent', attempts: 2, gatewayMessageId: 'g-1' });
    expect(desk.log.text()).toContain('A text message was sent after its lease');
  });

  it('is sealed while it waits, and erased when nothing more is to be sent; a keyed hash of its number stays', async () => {
    const [sent, refused, late] = [await desk.queued('机密链接甲'), await desk.queued('机密链接乙'), await desk.queued('机密链接丙', { aliveMs: 5_000 })];
    const dump = async () => {
      const rows = await query<{ line: string; sealed: Buffer | null }>(desk.db.pool, 'select m::text as line, sealed from sms_messages m');
      return rows.map(({ line, sealed }) => `${line} ${sealed?.toString('utf8') ?? ''} ${sealed?.toString('latin1') ?? ''}`).join('\n');
    };
    expect(await dump()).not.toMatch(/13800047001|机密/);
    for (const messageId of [sent, refused, late]) expect((await desk.rowOf(messageId)).sealed?.length).toBeGreaterThan(40);
    carrier.answer = ({ body }, reply) => void reply.writeHead(body.id === refused ? 400 : 200).end('{"id":"g-9"}');
    desk.pass(6_000);
    await sendDueSms(desk.deps(), gateway());
    for (const [messageId, state] of [[sent, 'sent'], [refused, 'failed'], [late, 'expired']] as const) {
      expect(await desk.rowOf(messageId)).toMatchObject({ state, sealed: null, keyId: null, recipientIndex: vault().indexOf(recipient) });
    }
    await expect(desk.db.pool.query(`update sms_messages set sealed = 'x', key_id = 'test' where id = $1`, [sent])).rejects.toThrow('sms_messages_sealed');
    expect(desk.log.text()).not.toMatch(/13800047001|机密/);
  });

  it('that waits keeps its key needed until it is sealed by the newest; one that is over needs none', async () => {
    const [waiting, over] = [await desk.queued('换钥'), await desk.queued('已发')];
    await sendSms(desk.deps(), gateway(), over);
    const second = `second:${Buffer.alloc(32, 9).toString('base64')}`;
    const used = async () => new Map((await listKeys(desk.db.pool)).map(({ id, isUsed }) => [id, isUsed]));
    try {
      await checkKeys(desk.deps(), openVault(testIdentityKeys));
      await checkKeys(desk.deps(), openVault(`${second},${testIdentityKeys}`));
      expect(await used()).toEqual(new Map([['test', true], ['second', false]]));
      const running = new AbortController().signal;
      await Promise.all([resealMessages(desk.deps(), running), resealMessages(desk.deps(), running)]);
      expect(await used()).toEqual(new Map([['test', false], ['second', true]]));
      openVault(second);
      expect(await desk.rowOf(waiting)).toMatchObject({ keyId: 'second', recipientIndex: vault().indexOf(recipient) });
      await sendSms(desk.deps(), gateway(), waiting);
      expect(postedOf(waiting)[0]?.body).toMatchObject({ to: recipient, text: '换钥' });
      expect(await used()).toEqual(new Map([['test', false], ['second', false]]));
    } finally {
      openVault(testIdentityKeys);
    }
  });

  describe('sent by processes of their own', () => {
    const sender = async () => {
      const script = fileURLToPath(new URL('../support/sms-sender.ts', import.meta.url));
      const child = spawn(process.execPath, ['--import', 'tsx', script, desk.db.url, carrier.url, gatewayKey], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(child);
      await once(child.stdout, 'data');
      return child;
    };
    const end = async (child: ChildProcess) => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    };

    it('goes once, however many look for it', async () => {
      const pool = createPool(desk.db.url, createLogger('silent'));
      const processes = await Promise.all([sender(), sender()]);
      carrier.answer = (posted, reply) => void setTimeout(() => carrier.taken(posted, reply), 5);
      const messages = await Promise.all(Array.from({ length: 60 }, (_, index) => desk.queued(`并发${index}`)));
      await until(async () => {
        await sendDueSms(desk.deps(pool), gateway()); // a third, in this process
        return (await query(desk.db.pool, `select 1 from sms_messages where state <> 'sent'`)).length === 0;
      }, 'all are sent');
      await Promise.all(processes.map(end));
      await pool.end();
      expect(carrier.seen.map(({ body }) => body.id).sort()).toEqual([...messages].sort());
    });

    it('goes once more when its sender is killed between the gateway’s taking it and the commit: at least once, told by its id', async () => {
      const child = await sender();
      const gone = once(child, 'exit');
      carrier.answer = () => void child.kill('SIGKILL'); // it is taken; nobody hears of it
      const messageId = await desk.queued('至少一次');
      await gone;
      expect(await desk.rowOf(messageId)).toMatchObject({ state: 'sending', attempts: 1 });
      carrier.answer = carrier.taken;
      await sendDueSms(desk.deps(), gateway());
      expect(carrier.seen.length).toBe(1); // the dead sender's lease still holds
      desk.pass(leaseMs + 60_000);
      await sendDueSms(desk.deps(), gateway());
      expect(await desk.rowOf(messageId)).toMatchObject({ state: 'sent', attempts: 2, sealed: null });
      expect(carrier.seen.map(({ headers }) => headers['idempotency-key'])).toEqual([messageId, messageId]);
    });
  });
});

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { query, write } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import { insertSms } from '../../src/sms/queries.ts';
import type { SmsState } from '../../src/sms/sms-machine.ts';
import { capturedLog } from './captured-log.ts';
import { ownDatabase } from './own-database.ts';
import { placeOfWorker } from './place-of-worker.ts';

export const recipient = '13800047001';
export const gatewayKey = 'a-key-of-the-test-only';
const dayMs = 86_400_000;

export type SmsRowSeen = { readonly state: SmsState; readonly attempts: number; readonly error: string | null; readonly sealed: Buffer | null; readonly keyId: string | null; readonly recipientIndex: Buffer | null; readonly gatewayMessageId: string | null };

/** Text messages on a database of their own, with a clock that a test moves. */
export async function smsDesk() {
  const db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
  const log = capturedLog();
  let now = new Date();
  const deps = (pool: pg.Pool = db.pool): Deps => ({ pool, log: log.log, now: () => now, jobs: { wake: () => Promise.resolve() } }) as unknown as Deps;
  return {
    db, log, deps,
    now: () => now,
    pass: (ms: number) => { now = new Date(now.getTime() + ms); },
    /** The clock of the machine again, for work in other processes. */
    present: () => { now = new Date(); },
    queued: async (text: string, { aliveMs = dayMs, to = recipient }: { aliveMs?: number; to?: string } = {}): Promise<string> => {
      const messageId = uuid();
      await transaction(db.pool, (tx) => write(tx, insertSms({ messageId, purpose: 'survey_link', subjectId: uuid(), round: 1, recipient: to, text, at: now, expiresAt: new Date(now.getTime() + aliveMs) })));
      return messageId;
    },
    rowOf: async (messageId: string): Promise<SmsRowSeen> => (await query<SmsRowSeen>(db.pool, 'select state, attempts, error, sealed, key_id, recipient_index, gateway_message_id from sms_messages where id = $1', [messageId]))[0] as SmsRowSeen,
    stateOf: async (messageId: string): Promise<SmsState | undefined> => (await query<{ state: SmsState }>(db.pool, 'select state from sms_messages where id = $1', [messageId]))[0]?.state,
    /** Nothing that is left of another test is due. */
    clear: () => db.pool.query('truncate sms_messages, sms_early_reports, sms_report_signatures'),
    close: () => db.close(),
  };
}

export type Posted = { readonly headers: IncomingHttpHeaders; readonly raw: string; readonly body: { readonly id: string; readonly to: string; readonly text: string; readonly expiresAt: string } };

/** A gateway that takes messages by HTTP; `answer` decides what it says. */
export async function listenForSms() {
  const seen: Posted[] = [];
  const taken = (_posted: Posted, reply: ServerResponse): void => void reply.writeHead(200, { 'content-type': 'application/json' }).end(`{"id":"g-${seen.length}"}`);
  const gateway = { seen, answer: taken, taken, says: (status: number) => (_posted: Posted, reply: ServerResponse): void => void reply.writeHead(status).end() };
  const server = createServer((request, reply) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      const raw = Buffer.concat(parts).toString('utf8');
      const posted = { headers: request.headers, raw, body: JSON.parse(raw) as Posted['body'] };
      seen.push(posted);
      gateway.answer(posted, reply);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(gateway, {
    url: `http://127.0.0.1:${port}/send`,
    reset: () => { seen.length = 0; gateway.answer = taken; },
    close: () => { server.closeAllConnections(); server.close(); },
  });
}

import { execute, query, queryOne, type Db, type Statement, type Tx } from '../db/query.ts';
import { vault } from '../cases/identity/vault.ts';
import { openSmsStates, type DeliveryReport, type GatewayName, type OutgoingSms, type SmsState } from './sms.ts';

export type NewSms = OutgoingSms & { readonly subjectId: string; readonly round: number; readonly at: Date; readonly expiresAt: Date };

/** Once for a purpose, a subject and a round; a second time it changes nothing. */
export function insertSms({ messageId, purpose, subjectId, round, recipient, text, at, expiresAt }: NewSms): Statement {
  return { text: `insert into sms_messages (id, purpose, subject_id, round, sealed, key_id, state, next_attempt_at, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, 'queued', $7, $7, $8)
    on conflict (purpose, subject_id, round) do nothing`, values: [messageId, purpose, subjectId, round, vault().sealText(messageId, JSON.stringify([recipient, text])), vault().currentId, at, expiresAt] };
}

/** A sender that says nothing for so long is taken for dead, seconds. */
const leaseSec = 60;

/** Taken by one sender at a time, and by nobody after its time; undefined when there is nothing to do. */
export async function claimSms(db: Db, messageId: string, now: Date): Promise<(OutgoingSms & { readonly attempts: number }) | undefined> {
  const row = await queryOne<{ purpose: string; sealed: Buffer; keyId: string; attempts: number }>(db, `update sms_messages set state = 'sending', attempts = attempts + 1, next_attempt_at = $2::timestamptz + make_interval(secs => ${leaseSec})
    where id = $1 and next_attempt_at <= $2 and expires_at > $2 returning purpose, sealed, key_id, attempts`, [messageId, now]);
  if (!row) return undefined;
  const [recipient, text] = JSON.parse(vault().openText(messageId, row)) as [string, string];
  return { messageId, purpose: row.purpose, recipient, text, attempts: row.attempts };
}

export async function saveSent(db: Db, messageId: string, sent: { gateway: GatewayName; gatewayMessageId: string | null; at: Date }): Promise<void> {
  await execute(db, `update sms_messages set state = 'sent', next_attempt_at = null, error = null, gateway = $2, gateway_message_id = $3, sent_at = $4 where id = $1 and state = 'sending'`, [messageId, sent.gateway, sent.gatewayMessageId, sent.at]);
}

/** `again` null: for good. */
export async function saveUnsent(db: Db, messageId: string, { error, again }: { error: string; again: Date | null }): Promise<void> {
  await execute(db, `update sms_messages set state = case when $3::timestamptz is null then 'failed' else 'queued' end, next_attempt_at = $3, error = $2 where id = $1 and state = 'sending'`, [messageId, error, again]);
}

export async function expireSms(db: Db, now: Date): Promise<number> {
  return execute(db, `update sms_messages set state = 'expired', next_attempt_at = null where next_attempt_at is not null and expires_at <= $1`, [now]);
}

export async function listDueSms(db: Db, now: Date, limit: number): Promise<string[]> {
  return (await query<{ id: string }>(db, 'select id from sms_messages where next_attempt_at <= $1 order by next_attempt_at limit $2', [now, limit])).map((row) => row.id);
}

/** Told twice, or out of order, it changes nothing more. */
export async function saveReport(db: Db, gateway: GatewayName, { gatewayMessageId, isDelivered, error }: DeliveryReport, at: Date): Promise<boolean> {
  return (await execute(db, `update sms_messages set state = $3, error = $4, reported_at = $5 where gateway = $1 and gateway_message_id = $2 and state = 'sent'`, [gateway, gatewayMessageId, isDelivered ? 'delivered' : 'failed', error, at])) > 0;
}

export type SmsRow = { readonly id: string; readonly purpose: string; readonly subjectId: string; readonly state: SmsState; readonly attempts: number; readonly nextAttemptAt: Date | null; readonly gateway: string | null; readonly error: string | null;
  readonly createdAt: Date; readonly sentAt: Date | null; readonly reportedAt: Date | null; readonly expiresAt: Date };

export async function listSms(db: Db, { beforeId, state, purpose, limit }: { beforeId: string | null; state: SmsState | null; purpose: string | null; limit: number }): Promise<SmsRow[]> {
  return query(db, `select id, purpose, subject_id, state, attempts, next_attempt_at, gateway, error, created_at, sent_at, reported_at, expires_at from sms_messages
    where ($1::uuid is null or id < $1) and ($2::text is null or state = $2) and ($3::text is null or purpose = $3) order by id desc limit $4`, [beforeId, state, purpose, limit]);
}

/** A failed one gets its tries anew, as long as it is worth something. */
export async function retrySms(tx: Tx, messageId: string, now: Date): Promise<boolean> {
  return (await execute(tx, `update sms_messages set state = 'queued', attempts = 0, next_attempt_at = $2, error = null where id = $1 and state = 'failed' and expires_at > $2`, [messageId, now])) > 0;
}

export async function countSms(db: Db): Promise<{ readonly state: SmsState; readonly count: number }[]> {
  return query(db, `select state, count(*) from sms_messages where state = any($1) group by state`, [openSmsStates]);
}

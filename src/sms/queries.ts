import { execute, query, queryOne, type Db, type Statement, type Tx } from '../db/query.ts';
import { vault } from '../cases/identity/vault.ts';
import { leaseMs, openSmsStates, smsTransitions, type SmsAction, type SmsState } from './sms-machine.ts';
import type { GatewayName, OutgoingSms } from './sms.ts';

export type NewSms = OutgoingSms & { readonly subjectId: string; readonly round: number; readonly at: Date };
/** A message that one sender has; `leaseUntil` also tells this sender's from a later one. */
export type Claim = OutgoingSms & { readonly attempts: number; readonly leaseUntil: Date };

/** The machine's table as SQL. */
const mayGo = (action: SmsAction): string => `state in (${smsTransitions[action].from.map((state) => `'${state}'`).join(', ')})`;
const goes = (action: SmsAction): string => `state = '${smsTransitions[action].to}'`;
const erased = 'sealed = null, key_id = null, next_attempt_at = null';

function seal(messageId: string, recipient: string, text: string) {
  return { sealed: vault().sealText(messageId, JSON.stringify([recipient, text])), keyId: vault().currentId, index: vault().indexOf(recipient) };
}

function unseal(messageId: string, row: { readonly sealed: Buffer; readonly keyId: string }): { recipient: string; text: string } {
  const [recipient, text] = JSON.parse(vault().openText(messageId, row)) as [string, string];
  return { recipient, text };
}

/** Once for a purpose, a subject and a round; a second time it changes nothing. */
export function insertSms({ messageId, purpose, subjectId, round, recipient, text, at, expiresAt }: NewSms): Statement {
  const { sealed, keyId, index } = seal(messageId, recipient, text);
  return { text: `insert into sms_messages (id, purpose, subject_id, round, sealed, key_id, recipient_index, state, next_attempt_at, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $8, $9)
    on conflict (purpose, subject_id, round) do nothing`, values: [messageId, purpose, subjectId, round, sealed, keyId, index, at, expiresAt] };
}

/** Taken by one sender at a time, and by nobody after its time; undefined when there is nothing to do. */
export async function claimSms(db: Db, messageId: string, now: Date): Promise<Claim | undefined> {
  const leaseUntil = new Date(now.getTime() + leaseMs);
  const row = await queryOne<{ purpose: string; sealed: Buffer; keyId: string; attempts: number; expiresAt: Date }>(db, `update sms_messages set ${goes('claim')}, attempts = attempts + 1, next_attempt_at = $3
    where id = $1 and ${mayGo('claim')} and next_attempt_at <= $2 and expires_at > $2 returning purpose, sealed, key_id, attempts, expires_at`, [messageId, now, leaseUntil]);
  return row && { messageId, purpose: row.purpose, ...unseal(messageId, row), attempts: row.attempts, expiresAt: row.expiresAt, leaseUntil };
}

/** False when its lease ran out and another sender has it. */
export async function saveSent(tx: Tx, { messageId, leaseUntil }: Claim, sent: { gateway: GatewayName; gatewayMessageId: string | null; at: Date }): Promise<boolean> {
  return (await execute(tx, `update sms_messages set ${goes('hand_over')}, ${erased}, error = null, gateway = $3, gateway_message_id = $4, sent_at = $5 where id = $1 and ${mayGo('hand_over')} and next_attempt_at = $2`,
    [messageId, leaseUntil, sent.gateway, sent.gatewayMessageId, sent.at])) > 0;
}

export async function saveTryLater(db: Db, { messageId, leaseUntil }: Claim, { error, again, isCounted }: { error: string; again: Date; isCounted: boolean }): Promise<void> {
  await execute(db, `update sms_messages set ${goes('try_later')}, next_attempt_at = $3, error = $4, attempts = attempts - $5 where id = $1 and ${mayGo('try_later')} and next_attempt_at = $2`,
    [messageId, leaseUntil, again, error, isCounted ? 0 : 1]);
}

export async function saveGivenUp(db: Db, { messageId, leaseUntil }: Claim, error: string): Promise<void> {
  await execute(db, `update sms_messages set ${goes('give_up')}, ${erased}, error = $3 where id = $1 and ${mayGo('give_up')} and next_attempt_at = $2`, [messageId, leaseUntil, error]);
}

/** One that is being sent is left to its sender until the lease ends. */
export async function expireSms(db: Db, now: Date): Promise<number> {
  return execute(db, `update sms_messages set ${goes('expire')}, ${erased}, error = case when state = 'sending' then 'its sender died; whether a gateway took it is not known' else error end
    where ${mayGo('expire')} and expires_at <= $1 and (state <> 'sending' or next_attempt_at <= $1)`, [now]);
}

export async function listDueSms(db: Db, now: Date, limit: number): Promise<string[]> {
  return (await query<{ id: string }>(db, 'select id from sms_messages where next_attempt_at <= $1 order by next_attempt_at limit $2', [now, limit])).map((row) => row.id);
}

export type SmsRow = { readonly id: string; readonly purpose: string; readonly subjectId: string; readonly state: SmsState; readonly attempts: number; readonly nextAttemptAt: Date | null; readonly gateway: string | null; readonly error: string | null;
  readonly createdAt: Date; readonly sentAt: Date | null; readonly reportedAt: Date | null; readonly expiresAt: Date };

export async function listSms(db: Db, { beforeId, state, purpose, limit }: { beforeId: string | null; state: SmsState | null; purpose: string | null; limit: number }): Promise<SmsRow[]> {
  return query(db, `select id, purpose, subject_id, state, attempts, next_attempt_at, gateway, error, created_at, sent_at, reported_at, expires_at from sms_messages
    where ($1::uuid is null or id < $1) and ($2::text is null or state = $2) and ($3::text is null or purpose = $3) order by id desc limit $4`, [beforeId, state, purpose, limit]);
}

export async function countSms(db: Db): Promise<{ readonly state: SmsState; readonly count: number }[]> {
  return query(db, `select state, count(*) from sms_messages where state = any($1) group by state`, [openSmsStates]);
}

/** When the oldest message was made that no gateway has yet; null when there is none. */
export async function findOldestWaiting(db: Db): Promise<Date | null> {
  return (await queryOne<{ min: Date | null }>(db, 'select min(created_at) from sms_messages where next_attempt_at is not null'))?.min ?? null;
}

/** Waiting messages that another key sealed, sealed by the newest, so many at a time; how many there were. */
export async function resealSms(tx: Tx, limit: number): Promise<number> {
  const rows = await query<{ id: string; sealed: Buffer; keyId: string }>(tx, 'select id, sealed, key_id from sms_messages where sealed is not null and key_id <> $1 order by id limit $2 for update skip locked', [vault().currentId, limit]);
  for (const row of rows) {
    const { recipient, text } = unseal(row.id, row);
    const { sealed, keyId, index } = seal(row.id, recipient, text);
    await execute(tx, 'update sms_messages set sealed = $2, key_id = $3, recipient_index = $4 where id = $1', [row.id, sealed, keyId, index]);
  }
  return rows.length;
}

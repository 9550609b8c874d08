import { vault } from '../cases/identity/vault.ts';
import { execute, queryOne, type Db, type Tx } from '../db/query.ts';
import { smsTransitions } from './sms-machine.ts';
import type { DeliveryReport, GatewayName } from './sms.ts';

/** Until the commit nobody else writes what a gateway calls by this id: neither that it was sent nor what became of it. */
export async function holdReports(tx: Tx, gateway: GatewayName, gatewayMessageId: string): Promise<void> {
  await execute(tx, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [`sms ${gateway} ${gatewayMessageId}`]);
}

/**
 * True when it is of a message of ours; told twice, or out of order, it changes nothing more. Centres give ids anew in time: then whose number it is counts
 * first, and the newest.
 */
export async function saveReport(tx: Tx, gateway: GatewayName, { gatewayMessageId, recipient, isDelivered, error }: DeliveryReport, at: Date): Promise<boolean> {
  const { from, to } = smsTransitions[isDelivered ? 'report_delivered' : 'report_failed'];
  const indexes = recipient === null ? [] : vault().indexesOf(recipient);
  const found = await queryOne<{ id: string }>(tx, `update sms_messages set state = $3, error = $4, reported_at = $5 where id = (select id from sms_messages where gateway = $1 and gateway_message_id = $2 and state = any($6)
    order by coalesce(recipient_index = any($7), false) desc, sent_at desc limit 1) returning id`, [gateway, gatewayMessageId, to, error, at, from, indexes]);
  return found !== undefined || (await queryOne(tx, 'select 1 from sms_messages where gateway = $1 and gateway_message_id = $2 limit 1', [gateway, gatewayMessageId])) !== undefined;
}

/** Kept until its message is written down as sent. */
export async function insertEarlyReport(tx: Tx, gateway: GatewayName, { gatewayMessageId, isDelivered, error }: DeliveryReport, at: Date): Promise<void> {
  await execute(tx, 'insert into sms_early_reports (gateway, gateway_message_id, is_delivered, error, at) values ($1, $2, $3, $4, $5) on conflict do nothing', [gateway, gatewayMessageId, isDelivered, error, at]);
}

export async function takeEarlyReport(tx: Tx, gateway: GatewayName, gatewayMessageId: string): Promise<DeliveryReport | undefined> {
  const row = await queryOne<{ isDelivered: boolean; error: string | null }>(tx, 'delete from sms_early_reports where gateway = $1 and gateway_message_id = $2 returning is_delivered, error', [gateway, gatewayMessageId]);
  return row && { gatewayMessageId, recipient: null, ...row };
}

/** False when it was there already: the request is a repetition. */
export async function insertSignature(tx: Tx, signature: Buffer, at: Date): Promise<boolean> {
  return (await execute(tx, 'insert into sms_report_signatures (signature, at) values ($1, $2) on conflict do nothing', [signature, at])) > 0;
}

export async function deleteReportsBefore(db: Db, { signatures, early }: { signatures: Date; early: Date }): Promise<void> {
  await execute(db, 'delete from sms_report_signatures where at < $1', [signatures]);
  await execute(db, 'delete from sms_early_reports where at < $1', [early]);
}

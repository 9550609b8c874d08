import { redact } from '../cases/identity/redact-rules.ts';
import { atOnce, transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { claimSms, expireSms, listDueSms, saveGivenUp, saveSent, saveTryLater, type Claim } from './queries.ts';
import { holdReports, saveReport, takeEarlyReport } from './report-queries.ts';
import { faultOf, type SmsGateway } from './sms.ts';
import { afterFault, tryMs } from './sms-machine.ts';

/** Messages of one look through the rows, and how many of them are sent at once. */
const [batch, lanes] = [100, 10];
/** `unavailable`: others would not be taken either. */
type Outcome = 'done' | 'unavailable';
/** Gateways that take nothing at present; said once. */
const away = new WeakSet<SmsGateway>();

/**
 * Sends one message, whoever wakes it and however often. It is claimed and committed before the gateway is asked: a service that dies in between leaves a
 * claim that runs out, and the message is sent once more then, for better twice than never. A gateway that tells repetitions by our id sends it once.
 */
export async function sendSms(deps: Deps, gateway: SmsGateway, messageId: string): Promise<Outcome> {
  const claim = await claimSms(deps.pool, messageId, deps.now());
  if (!claim) return 'done';
  const sent = await hand(deps, gateway, claim);
  if ('gatewayMessageId' in sent) {
    await writeSent(deps, gateway, claim, sent.gatewayMessageId);
    return 'done';
  }
  return writeUnsent(deps, gateway, claim, sent.error);
}

/** Those that Redis forgot, whose sender died, or whose time is over. */
export async function sendDueSms(deps: Deps, gateway: SmsGateway): Promise<void> {
  await expireSms(deps.pool, deps.now());
  const due = await listDueSms(deps.pool, deps.now(), batch);
  const drive = async (): Promise<void> => {
    for (let messageId = due.shift(); messageId !== undefined; messageId = due.shift()) if ((await sendSms(deps, gateway, messageId)) === 'unavailable') due.length = 0;
  };
  await atOnce(...Array.from({ length: lanes }, drive));
}

/** A try ends well before its lease does, and before the message's time does. */
async function hand({ now }: Deps, gateway: SmsGateway, claim: Claim): Promise<{ gatewayMessageId: string | null } | { error: unknown }> {
  const restMs = Math.max(0, Math.min(tryMs, claim.expiresAt.getTime() - now().getTime()));
  try {
    return await gateway.send(claim, AbortSignal.timeout(restMs));
  } catch (error) {
    return { error };
  }
}

async function writeSent({ pool, log, now }: Deps, gateway: SmsGateway, claim: Claim, gatewayMessageId: string | null): Promise<void> {
  const { messageId, purpose } = claim;
  if (away.delete(gateway)) log.info({ gateway: gateway.name }, 'The gateway takes text messages again');
  const isOurs = await transaction(pool, async (tx) => {
    if (gatewayMessageId !== null) await holdReports(tx, gateway.name, gatewayMessageId);
    const isSaved = await saveSent(tx, claim, { gateway: gateway.name, gatewayMessageId, at: now() });
    // What became of it may have been told before it was known to be sent.
    const early = isSaved && gatewayMessageId !== null ? await takeEarlyReport(tx, gateway.name, gatewayMessageId) : undefined;
    if (early) await saveReport(tx, gateway.name, early, now());
    return isSaved;
  });
  if (isOurs) log.info({ messageId, purpose, gateway: gateway.name }, 'A text message was sent');
  else log.warn({ messageId, purpose, gateway: gateway.name }, 'A text message was sent after its lease; another sender may have sent it, too');
}

async function writeUnsent({ pool, log, jobs, now }: Deps, gateway: SmsGateway, claim: Claim, error: unknown): Promise<Outcome> {
  const { messageId, purpose, attempts } = claim;
  const fault = faultOf(error);
  const next = afterFault(fault, attempts, now());
  const reason = redact((error as Error).message.replaceAll(claim.text, '…'));
  const fields = { messageId, purpose, gateway: gateway.name, attempt: attempts, reason };
  if (next.action === 'give_up') {
    await saveGivenUp(pool, claim, reason);
    log.warn(fields, 'A text message is given up');
    return 'done';
  }
  await saveTryLater(pool, claim, { error: reason, ...next });
  if (fault === 'unavailable') {
    if (!away.has(gateway)) log.warn(fields, 'The gateway takes no text messages; they wait, and those whose time is over are not sent');
    away.add(gateway);
    return 'unavailable'; // the sweep finds it
  }
  log.warn({ ...fields, again: next.again }, 'A text message could not be sent; it is tried again');
  await jobs.wake('send-sms', { messageId }, next.again);
  return 'done';
}

import type { Deps } from '../deps.ts';
import { claimSms, expireSms, listDueSms, saveReport, saveSent, saveUnsent } from './queries.ts';
import { SmsRefused, type DeliveryReport, type GatewayName, type SmsGateway } from './sms.ts';

/** Tries before a message is given up. */
const mostAttempts = 5;
/** The pause after the first try, milliseconds; twice as long after each. */
const firstPauseMs = 15_000;
const batch = 50;

/**
 * Sends one message, whoever wakes it and however often. It is claimed and committed before the gateway is asked: a service that dies in between leaves
 * a claim that runs out, and the message is sent once more then, for better twice than never. A gateway that tells repetitions by our id sends it once.
 */
export async function sendSms(deps: Deps, gateway: SmsGateway, messageId: string): Promise<void> {
  const message = await claimSms(deps.pool, messageId, deps.now());
  if (!message) return;
  try {
    const { gatewayMessageId } = await gateway.send(message);
    await saveSent(deps.pool, messageId, { gateway: gateway.name, gatewayMessageId, at: deps.now() });
    deps.log.info({ messageId, purpose: message.purpose, gateway: gateway.name }, 'A text message was sent');
  } catch (error) {
    const isOver = error instanceof SmsRefused || message.attempts >= mostAttempts;
    const again = isOver ? null : new Date(deps.now().getTime() + firstPauseMs * 2 ** (message.attempts - 1));
    const reason = (error as Error).message.replaceAll(message.recipient, '…');
    await saveUnsent(deps.pool, messageId, { error: reason, again });
    deps.log.warn({ messageId, purpose: message.purpose, gateway: gateway.name, attempt: message.attempts, again, reason }, again ? 'A text message could not be sent; it is tried again' : 'A text message is given up');
    if (again) await deps.jobs.wake('send-sms', { messageId }, again);
  }
}

/** Those that Redis forgot, whose sender died, or whose time is over. */
export async function sendDueSms(deps: Deps, gateway: SmsGateway): Promise<void> {
  await expireSms(deps.pool, deps.now());
  for (const messageId of await listDueSms(deps.pool, deps.now(), batch)) await sendSms(deps, gateway, messageId);
}

export async function takeReport(deps: Deps, gateway: GatewayName, report: DeliveryReport): Promise<boolean> {
  const isKnown = await saveReport(deps.pool, gateway, report, deps.now());
  if (isKnown && !report.isDelivered) deps.log.warn({ gateway, error: report.error }, 'A text message did not reach its phone');
  return isKnown;
}

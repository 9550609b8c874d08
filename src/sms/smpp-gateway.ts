import { randomInt } from 'node:crypto';
import type { Logger } from 'pino';
import type { Pdu } from 'smpp';
import { bodiesOf, isTemporary, mostParts, readReceipt, typeOfSender, validityOf, type LongTexts } from './smpp-rules.ts';
import { SmppLink } from './smpp-link.ts';
import type { SmppAccount, SmppPace } from './smpp-session.ts';
import { SmsRefused, type DeliveryReport, type SmsGateway } from './sms.ts';

/** Source: SMPP 3.4, 5.2.12 esm_class, 5.2.17 registered_delivery, 5.2.19 data_coding, 5.1.3 command_status. */
const [isReceipt, receiptMask, finalReceipt, ucs2Coding, tryLater] = [0x04, 0x3c, 1, 8, 0x64];
/** International, ISDN. Source: SMPP 3.4, 5.2.5 and 5.2.6. */
const [abroad, isdn] = [1, 1];
/** An answer comes well before a try ends (`leaseMs` of sms-machine.ts); enquiring twice a minute keeps firewalls from forgetting the connection. Source of the timers: SMPP 3.4, 7.2. */
export const usualPace: SmppPace = { answerMs: 10_000, enquireMs: 30_000, firstPauseMs: 1_000, longestPauseMs: 60_000, goodbyeMs: 3_000 };

type Settings = SmppAccount & { readonly sender: string; readonly longTexts: LongTexts };
type Surroundings = { readonly log: Logger; readonly onReport: (report: DeliveryReport) => Promise<void>; readonly pace?: SmppPace };

/**
 * Short messages by SMPP 3.4, as most carriers in the world take them. Of a long text's parts the last alone asks for a receipt. The protocol knows no
 * repetition: a message whose answer was lost is sent twice.
 */
export function smppGateway({ sender, longTexts, ...account }: Settings, { log, onReport, pace = usualPace }: Surroundings): SmsGateway {
  // A phone puts parts together by sender and reference: a restart must not begin with those of before.
  let reference = randomInt(256);
  const link = new SmppLink(account, pace, log, (pdu) => answerDelivery(pdu, onReport).catch((error: unknown) => {
    log.warn({ err: error }, 'A receipt could not be written down; the message centre is asked to send it again');
    return tryLater;
  }));
  return {
    name: 'smpp',
    async send({ recipient, text, expiresAt }, signal) {
      const bodies = bodiesOf(text, longTexts, (reference += 1));
      if (bodies === null) throw new SmsRefused(`the text needs more than the ${mostParts} parts that are sent at most`);
      const answer = await link.submit(bodies.map((body, index) => ({
        ...typeOfSender(sender), source_addr: sender, dest_addr_ton: abroad, dest_addr_npi: isdn, destination_addr: `86${recipient}`, data_coding: ucs2Coding,
        validity_period: validityOf(expiresAt), registered_delivery: index === bodies.length - 1 ? finalReceipt : 0, ...body,
      })), signal);
      if (answer.command_status !== 0) throw refusal(answer.command_status);
      return { gatewayMessageId: answer.message_id || null };
    },
    close: () => link.close(),
  };
}

function refusal(status: number): Error {
  const words = `the centre answered 0x${status.toString(16).padStart(2, '0')}`;
  return isTemporary(status) ? new Error(words) : new SmsRefused(words);
}

/** The status to answer with: 0, for what concerns us is kept by then; what citizens send us is nobody's yet. */
async function answerDelivery(pdu: Pdu, onReport: (report: DeliveryReport) => Promise<void>): Promise<number> {
  if (((pdu.esm_class ?? 0) & receiptMask) !== isReceipt) return 0;
  const report = readReceipt({ text: wordsOf(pdu.message_payload) || wordsOf(pdu.short_message), messageId: pdu.receipted_message_id?.replaceAll('\0', ''), state: pdu.message_state, from: pdu.source_addr });
  if (report) await onReport(report);
  return 0;
}

function wordsOf(said: Pdu['short_message']): string {
  return said && !Buffer.isBuffer(said) && typeof said.message === 'string' ? said.message : '';
}

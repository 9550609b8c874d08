import type { Logger } from 'pino';
import type { Pdu } from 'smpp';
import { isTemporary, mostParts, partsOf, readReceipt } from './smpp-rules.ts';
import { SmppLink, type SmppAccount } from './smpp-link.ts';
import { SmsRefused, type DeliveryReport, type SmsGateway } from './sms.ts';

/** Source: SMPP 3.4, 5.2.12 esm_class, 5.2.17 registered_delivery, 5.2.19 data_coding, 5.1.3 command_status. */
const [withHeader, isReceipt, receiptMask, finalReceipt, ucs2Coding, tryLater] = [0x40, 0x04, 0x3c, 1, 8, 0x64];
/** International, ISDN. Source: SMPP 3.4, 5.2.5 and 5.2.6. */
const [abroad, isdn] = [1, 1];

/**
 * Short messages by SMPP 3.4, as most carriers in the world take them. Long texts go in parts with a header (UDH), which every centre passes on, unlike
 * `message_payload`; the last part alone asks for a receipt. The protocol knows no repetition: one whose answer was lost is sent twice.
 */
export function smppGateway(account: SmppAccount & { readonly sender: string }, onReport: (report: DeliveryReport) => Promise<boolean>, log: Logger): SmsGateway {
  let reference = 0;
  const link = new SmppLink(account, log, (session, pdu) => {
    void answerDelivery(pdu, onReport).catch((error: unknown) => {
      log.warn({ err: error }, 'A receipt could not be written down; the message centre is asked to send it again');
      return tryLater;
    }).then((status) => session.send(pdu.response({ command_status: status })));
  });
  return {
    name: 'smpp',
    async send({ recipient, text }) {
      const parts = partsOf(text, (reference += 1));
      if (parts.length > mostParts) throw new SmsRefused(`the text needs ${parts.length} parts; ${mostParts} are sent at most`);
      let last: Pdu | undefined;
      for (const [index, part] of parts.entries()) {
        last = await link.submit({ source_addr: account.sender, dest_addr_ton: abroad, dest_addr_npi: isdn, destination_addr: `86${recipient}`, data_coding: ucs2Coding, short_message: part,
          esm_class: parts.length > 1 ? withHeader : 0, registered_delivery: index === parts.length - 1 ? finalReceipt : 0 });
        if (last.command_status !== 0) throw refusal(last.command_status);
      }
      return { gatewayMessageId: last?.message_id ?? null };
    },
    close: () => link.close(),
  };
}

function refusal(status: number): Error {
  const words = `the centre answered 0x${status.toString(16).padStart(2, '0')}`;
  return isTemporary(status) ? new Error(words) : new SmsRefused(words);
}

/** 0, or the status that makes the centre try again: a receipt may be faster than the row of what it is about. */
async function answerDelivery(pdu: Pdu, onReport: (report: DeliveryReport) => Promise<boolean>): Promise<number> {
  if (((pdu.esm_class ?? 0) & receiptMask) !== isReceipt) return 0; // what citizens send us is nobody's yet
  const said = pdu.short_message;
  const text = said && !Buffer.isBuffer(said) && typeof said.message === 'string' ? said.message : '';
  const report = readReceipt({ text, messageId: pdu.receipted_message_id?.replaceAll('\0', ''), state: pdu.message_state });
  return !report || (await onReport(report)) ? 0 : tryLater;
}

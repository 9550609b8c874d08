import type { DeliveryReport } from './sms.ts';

/** UTF-16 units in one message, and in each part of a longer one, of which six octets are its header. Source: 3GPP TS 23.040, 9.2.3.24.1. */
const [wholeUnits, partUnits] = [70, 67];
export const mostParts = 8;
/** esm_class: a header stands before the text. Source: SMPP 3.4, 5.2.12. */
const withHeader = 0x40;

/**
 * How a text that is longer than one message goes to the centre. `parts`, the default: cut by us, each part with a header (UDH) that the phone puts them
 * together by. The centre passes on octets, which the first centres of GSM could do already. `payload`: whole as `message_payload`, cut by the centre; an
 * optional parameter, which some centres refuse, and others cut off at 254 octets or send without headers, so it is for a centre whose papers ask for it.
 * Source: SMPP 3.4, 5.3.2.32 and 2.8 (a centre may do without optional parameters).
 */
export type LongTexts = 'parts' | 'payload';
export type SmppBody = { readonly short_message: Buffer | ''; readonly message_payload?: Buffer; readonly esm_class: number };

/** What is submitted of a text, in order; `reference` is the same for all its parts. Null when it is too long. A character is never cut in two. */
export function bodiesOf(text: string, longTexts: LongTexts, reference: number): SmppBody[] | null {
  if (text.length <= wholeUnits) return [{ short_message: ucs2(text), esm_class: 0 }];
  const parts: string[] = [];
  for (const character of text) {
    const last = parts.at(-1);
    if (last === undefined || last.length + character.length > partUnits) parts.push(character);
    else parts[parts.length - 1] = last + character;
  }
  if (parts.length > mostParts) return null;
  if (longTexts === 'payload') return [{ short_message: '', message_payload: ucs2(text), esm_class: 0 }];
  return parts.map((part, index) => ({ short_message: Buffer.concat([Buffer.from([5, 0, 3, reference & 0xff, parts.length, index + 1]), ucs2(part)]), esm_class: withHeader }));
}

function ucs2(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/** Until when the centre tries, YYMMDDhhmmss in UTC, tenths, quarters of an hour from UTC. Source: SMPP 3.4, 7.1.1. */
export function validityOf(expiresAt: Date): string {
  return `${expiresAt.toISOString().replaceAll(/\D/g, '').slice(2, 14)}000+`;
}

/** A name is alphanumeric (5, 0); a service number is of no numbering plan that a centre would need to know. Source: SMPP 3.4, 5.2.5 and 5.2.6. */
export function typeOfSender(sender: string): { readonly source_addr_ton: number; readonly source_addr_npi: number } {
  return { source_addr_ton: /[A-Za-z]/.test(sender) ? 5 : 0, source_addr_npi: 0 };
}

/** Final states. Source: SMPP 3.4, 5.2.28 (message_state) and appendix B (stat of a receipt). */
const states: Readonly<Record<string, boolean>> = { DELIVRD: true, EXPIRED: false, DELETED: false, UNDELIV: false, REJECTD: false, 2: true, 3: false, 4: false, 5: false, 8: false };

export type Receipt = { readonly text: string; readonly messageId?: string | undefined; readonly state?: number | undefined; readonly from?: string | undefined };

/** What a delivery receipt says; null for one that is not final, or none at all. Its TLVs count before its text; it comes from the number that the message went to. */
export function readReceipt({ text, messageId, state, from }: Receipt): DeliveryReport | null {
  const id = messageId ?? /(?:^|\s)id:(\S+)/.exec(text)?.[1];
  const stat = state === undefined ? /(?:^|\s)stat:([A-Z]+)/.exec(text)?.[1] : String(state);
  const isDelivered = stat === undefined ? undefined : states[stat];
  if (id === undefined || isDelivered === undefined) return null;
  return { gatewayMessageId: id, recipient: from?.replace(/^\+?86/, '') || null, isDelivered, error: isDelivered ? null : `${stat} ${/(?:^|\s)err:(\S+)/.exec(text)?.[1] ?? ''}`.trim() };
}

/** Answers to submit_sm that a later try may help: system error, submit failed, receiver's temporary error. Source: SMPP 3.4, 5.1.3. */
const temporary: ReadonlySet<number> = new Set([0x08, 0x45, 0x64]);
/** ESME_RMSGQFUL, ESME_RTHROTTLED: nothing was taken, there was too much. */
const throttled: ReadonlySet<number> = new Set([0x14, 0x58]);

export function isTemporary(status: number): boolean {
  return temporary.has(status);
}

export function isThrottled(status: number): boolean {
  return throttled.has(status);
}

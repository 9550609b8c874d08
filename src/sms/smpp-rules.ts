import type { DeliveryReport } from './sms.ts';

/** UTF-16 units in one message, and in each part of a longer one, of which six octets are its header. Source: 3GPP TS 23.040, 9.2.3.24.1. */
const [wholeUnits, partUnits] = [70, 67];
export const mostParts = 8;

/** The text as octets of UCS-2, in parts that a phone puts together again; `reference` is the same for all of them. A character is never cut in two. */
export function partsOf(text: string, reference: number): Buffer[] {
  if (text.length <= wholeUnits) return [ucs2(text)];
  const parts: string[] = [];
  for (const character of text) {
    const last = parts.at(-1);
    if (last === undefined || last.length + character.length > partUnits) parts.push(character);
    else parts[parts.length - 1] = last + character;
  }
  return parts.map((part, index) => Buffer.concat([Buffer.from([5, 0, 3, reference & 0xff, parts.length, index + 1]), ucs2(part)]));
}

function ucs2(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/** Final states. Source: SMPP 3.4, 5.2.28 (message_state) and appendix B (stat of a receipt). */
const states: Readonly<Record<string, boolean>> = { DELIVRD: true, EXPIRED: false, DELETED: false, UNDELIV: false, REJECTD: false, 2: true, 3: false, 4: false, 5: false, 8: false };

export type Receipt = { readonly text: string; readonly messageId?: string | undefined; readonly state?: number | undefined };

/** What a delivery receipt says; null for one that is not final, or none at all. Its TLVs count before its text. */
export function readReceipt({ text, messageId, state }: Receipt): DeliveryReport | null {
  const id = messageId ?? /(?:^|\s)id:(\S+)/.exec(text)?.[1];
  const stat = state === undefined ? /(?:^|\s)stat:([A-Z]+)/.exec(text)?.[1] : String(state);
  const isDelivered = stat === undefined ? undefined : states[stat];
  if (id === undefined || isDelivered === undefined) return null;
  return { gatewayMessageId: id, isDelivered, error: isDelivered ? null : `${stat} ${/(?:^|\s)err:(\S+)/.exec(text)?.[1] ?? ''}`.trim() };
}

/** Answers to submit_sm that a later try may help: system error, message queue full, throttled. Source: SMPP 3.4, 5.1.3. */
const temporary: ReadonlySet<number> = new Set([0x08, 0x14, 0x58]);

export function isTemporary(status: number): boolean {
  return temporary.has(status);
}

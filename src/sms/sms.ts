import type { Config } from '../config.ts';

export const smsStates = ['queued', 'sending', 'sent', 'delivered', 'failed', 'expired'] as const;
export type SmsState = (typeof smsStates)[number];
/** What somebody may have to look at. */
export const openSmsStates = ['queued', 'sending', 'failed'] as const satisfies readonly SmsState[];
export type GatewayName = Config['HOTLINE_SMS_GATEWAY'];

export type OutgoingSms = { readonly messageId: string; readonly purpose: string; readonly recipient: string; readonly text: string };
/** What a gateway says later of a message that it took. */
export type DeliveryReport = { readonly gatewayMessageId: string; readonly isDelivered: boolean; readonly error: string | null };

/**
 * Whoever carries text messages. `send` resolves when the gateway took the message; it may be asked twice for one, when a service died in between.
 * @throws SmsRefused for a message that no repetition helps; any other error is tried again.
 */
export type SmsGateway = {
  readonly name: GatewayName;
  readonly send: (message: OutgoingSms) => Promise<{ readonly gatewayMessageId: string | null }>;
  readonly close: () => Promise<void>;
};

export class SmsRefused extends Error {}

import type { Config } from '../config.ts';
import type { Fault } from './sms-machine.ts';

export type GatewayName = Config['HOTLINE_SMS_GATEWAY'];

export type OutgoingSms = { readonly messageId: string; readonly purpose: string; readonly recipient: string; readonly text: string; readonly expiresAt: Date };
/** What a gateway says later of a message that it took; `recipient` null when it does not say whose. */
export type DeliveryReport = { readonly gatewayMessageId: string; readonly recipient: string | null; readonly isDelivered: boolean; readonly error: string | null };

/**
 * Whoever carries text messages. `send` resolves when the gateway took the message; it may be asked twice for one, when a service died in between.
 * It begins nothing more once `signal` is aborted.
 * @throws SmsRefused for a message that no repetition helps, SmsUnavailable when nothing was handed over; any other error is tried again.
 */
export type SmsGateway = {
  readonly name: GatewayName;
  readonly send: (message: OutgoingSms, signal: AbortSignal) => Promise<{ readonly gatewayMessageId: string | null }>;
  readonly close: () => Promise<void>;
};

export class SmsRefused extends Error {}
/** The gateway takes nothing for now: not reached, or too busy. */
export class SmsUnavailable extends Error {}

export function faultOf(error: unknown): Fault {
  if (error instanceof SmsRefused) return 'refused';
  return error instanceof SmsUnavailable ? 'unavailable' : 'failed';
}

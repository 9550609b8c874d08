export const smsStates = ['queued', 'sending', 'sent', 'delivered', 'failed', 'expired'] as const;
export type SmsState = (typeof smsStates)[number];
/** What somebody may have to look at. */
export const openSmsStates = ['queued', 'sending', 'failed', 'expired'] as const satisfies readonly SmsState[];

/*
 * The life of a text message. Number and text are there, sealed, while it is queued or being sent; afterwards they are erased.
 *   queued     waits for its first try, or the next              a sender claims it; its time runs out
 *   sending    one sender has it until the lease ends            the gateway's answer; without one the next sender claims it
 *   sent       a gateway took it                                 its report, or nothing is heard of it any more
 *   delivered  the phone has it
 *   failed     refused, tried too often, or reported as undeliverable
 *   expired    its time was over before a gateway was known to have it
 */
export const smsTransitions = {
  claim: { from: ['queued', 'sending'], to: 'sending' },
  hand_over: { from: ['sending'], to: 'sent' },
  try_later: { from: ['sending'], to: 'queued' },
  give_up: { from: ['sending'], to: 'failed' },
  report_delivered: { from: ['sent'], to: 'delivered' },
  report_failed: { from: ['sent'], to: 'failed' },
  expire: { from: ['queued', 'sending'], to: 'expired' },
} as const satisfies Record<string, { readonly from: readonly SmsState[]; readonly to: SmsState }>;
export type SmsAction = keyof typeof smsTransitions;

/** Where it leads; null where it may not be done. */
export function nextSmsState(state: SmsState, action: SmsAction): SmsState | null {
  const { from, to } = smsTransitions[action];
  return (from as readonly SmsState[]).includes(state) ? to : null;
}

/** Whether it may still be sent, and so has its number and text. */
export function isWaiting(state: SmsState): boolean {
  return state === 'queued' || state === 'sending';
}

/** A sender that says nothing for so long is taken for dead; longer than a try may last (`tryMs`) and its last answer is waited for. */
export const leaseMs = 90_000;
export const tryMs = 45_000;

/** Tries that count before a message is given up. */
export const mostAttempts = 5;
/** The pause after the first try, twice as long after each; and while the gateway takes nothing at all. Milliseconds. */
const [firstPauseMs, unavailablePauseMs] = [15_000, 5_000];

export type Fault = 'refused' | 'unavailable' | 'failed';
export type AfterFault = { readonly action: 'give_up' } | { readonly action: 'try_later'; readonly again: Date; readonly isCounted: boolean };

/** What comes after a try that failed. While nothing can be handed over a message waits as long as it is worth something: an outage is not its fault. */
export function afterFault(fault: Fault, attempts: number, now: Date): AfterFault {
  if (fault === 'unavailable') return { action: 'try_later', again: new Date(now.getTime() + unavailablePauseMs), isCounted: false };
  if (fault === 'refused' || attempts >= mostAttempts) return { action: 'give_up' };
  return { action: 'try_later', again: new Date(now.getTime() + firstPauseMs * 2 ** (attempts - 1)), isCounted: true };
}

import type { EndedBy } from './call.ts';

/** What happens to a call, in the hotline's words; telephony/ translates Asterisk's events into these. */
export type CallEvent =
  | { readonly type: 'playback_finished'; readonly playbackId: string }
  | { readonly type: 'matched'; readonly legId: string; readonly seatId: string; readonly operatorId: string; readonly ringTimeoutSec: number }
  | { readonly type: 'announcement_due'; readonly playbackId: string; readonly position: number; readonly everySec: number }
  | { readonly type: 'leg_ringing'; readonly legId: string }
  | { readonly type: 'leg_answered'; readonly legId: string }
  /** The channel is gone, or never came to be (`cause` 20). */
  | { readonly type: 'leg_ended'; readonly legId: string; readonly cause: number | null }
  /** The call's deadline passed. */
  | { readonly type: 'overdue' }
  | { readonly type: 'hang_up'; readonly by: EndedBy };

/** What the decision needs to know beyond the call's own row. */
export type QueueFacts = {
  readonly waiting: number;
  readonly signedIn: number;
  readonly maxWaiting: number;
  readonly wrapUpSec: number;
  readonly announceEverySec: number;
  readonly musicClass: string;
};

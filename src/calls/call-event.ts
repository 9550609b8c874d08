import type { EndedBy } from './call.ts';
import type { Leg } from './leg.ts';

/** Whom an operator brings into a call: a unit by number, or another seat. */
export type Party = Pick<Leg, 'role' | 'seatId' | 'operatorId' | 'number' | 'directoryCode'>;

/** What happens to a call, in the hotline's words; telephony/ translates Asterisk's events into these. */
export type CallEvent =
  | { readonly type: 'playback_finished'; readonly playbackId: string }
  | { readonly type: 'matched'; readonly legId: string; readonly seatId: string; readonly operatorId: string; readonly ringTimeoutSec: number }
  | { readonly type: 'announcement_due'; readonly playbackId: string; readonly position: number; readonly everySec: number }
  | { readonly type: 'leg_ringing'; readonly legId: string }
  | { readonly type: 'leg_answered'; readonly legId: string }
  /** The channel is gone, or never came to be (`cause` 20). */
  | { readonly type: 'leg_ended'; readonly legId: string; readonly cause: number | null }
  /** A key of a phone: 0 to 9, *, #; RFC 4733 and SIP INFO alike. */
  | { readonly type: 'digit'; readonly legId: string; readonly digit: string }
  /** What the operator does with the parties of a call. `deskId` is the leg of whoever asked: it counts only while that one has the call. */
  | { readonly type: 'hold' | 'join'; readonly deskId?: string | undefined }
  | { readonly type: 'leave'; readonly deskId?: string | undefined; readonly askedBy?: string | undefined }
  | { readonly type: 'switch' | 'drop'; readonly legId: string; readonly deskId?: string | undefined }
  | { readonly type: 'consult'; readonly legId: string; readonly party: Party; readonly isHolding: boolean; readonly deskId?: string | undefined }
  /** `askedBy`: the channel whose phone asked by REFER, and is told what became of it. */
  | { readonly type: 'transfer'; readonly legId: string; readonly party: Party; readonly deskId?: string | undefined; readonly askedBy?: string | undefined }
  /** The operator's phone put its line on hold, or took it up again. */
  | { readonly type: 'phone_hold' | 'phone_resume'; readonly legId: string }
  /** The operator dialled on a second line of the phone. */
  | { readonly type: 'second_line'; readonly lineId: string; readonly seatId: string; readonly legId: string; readonly party: Party }
  /** The call's deadline passed. */
  | { readonly type: 'overdue' }
  | { readonly type: 'hang_up'; readonly by: EndedBy; /** The leg of whoever asked; nobody hangs up after leaving. */ readonly askerId?: string | undefined };

/** What the decision needs to know beyond the call's own row. */
export type QueueFacts = {
  readonly waiting: number;
  readonly signedIn: number;
  readonly maxWaiting: number;
  readonly wrapUpSec: number;
  readonly announceEverySec: number;
  readonly musicClass: string;
};

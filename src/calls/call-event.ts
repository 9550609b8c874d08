import type { PauseReason } from '../recordings/recording.ts';
import type { Script } from '../ivr/script.ts';
import type { EndedBy } from './call.ts';
import type { IvrFacts } from './menu/ivr-facts.ts';
import type { Leg, SupervisionMode } from './leg.ts';
import type { Hop, RefusalReason } from '../routing/entrance-rules.ts';
import type { ToldWait } from './waiting/wait-rules.ts';

/** Whom an operator brings into a call: a unit by number, or another seat. */
export type Party = Pick<Leg, 'role' | 'seatId' | 'operatorId' | 'number' | 'directoryCode'>;

/** What happens to a call, in the hotline's words; telephony/ translates Asterisk's events into these. */
export type CallEvent =
  | { readonly type: 'playback_finished'; readonly playbackId: string }
  | { readonly type: 'matched'; readonly legId: string; readonly seatId: string; readonly operatorId: string; readonly ringTimeoutSec: number }
  | { readonly type: 'announcement_due'; readonly playbackId: string; readonly everySec: number;
    /** The place and the estimate; null where nobody works, so that none can be made. */ readonly position: number; readonly wait: ToldWait | null }
  /** The caller has waited as long as the queue allows, or nobody signed in can serve: on to another queue, if one takes the call. */
  | { readonly type: 'overflow_due'; readonly reason: 'waited_long' | 'nobody_signed_in' }
  /** The caller has waited long enough to be told of the callback. */
  | { readonly type: 'callback_offered'; readonly playbackId: string }
  /** A callback on its way: its citizen called again (`byCallId`), or whoever manages seats takes it out of the queue. */
  | { readonly type: 'callback_settled'; readonly byCallId: string }
  | { readonly type: 'callback_cancelled' }
  | { readonly type: 'leg_ringing'; readonly legId: string }
  | { readonly type: 'leg_answered'; readonly legId: string }
  /** The channel is gone, or never came to be (`cause` 20). `at`: when that was seen, if it could not be written down then. */
  | { readonly type: 'leg_ended'; readonly legId: string; readonly cause: number | null; readonly at?: Date | undefined }
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
  /** The operator says that the citizen abuses, with a warning that the citizen hears; and ends the call for that. */
  | { readonly type: 'abuse'; readonly isWarning: boolean; readonly playbackId: string; readonly deskId?: string | undefined }
  | { readonly type: 'abuse_goodbye'; readonly deskId?: string | undefined }
  /** A supervisor's own phone rings, to be put to the call; a supervisor on it changes the mode, leaves, or becomes its operator. */
  | { readonly type: 'supervise'; readonly legId: string; readonly seatId: string; readonly operatorId: string; readonly mode: SupervisionMode }
  | { readonly type: 'supervision_mode'; readonly legId: string; readonly mode: SupervisionMode }
  | { readonly type: 'supervision_ended' | 'take_over'; readonly legId: string }
  /** What is said now is kept out of the recording; silence takes its place. */
  | { readonly type: 'pause_recording'; readonly userId: string; readonly reason: PauseReason | null; readonly deskId?: string | undefined }
  | { readonly type: 'resume_recording'; readonly why: 'operator' | 'time' | 'failed'; readonly deskId?: string | undefined }
  /** The call's deadline passed. */
  | { readonly type: 'overdue' }
  | { readonly type: 'hang_up'; readonly by: EndedBy; /** The leg of whoever asked; nobody hangs up after leaving. */ readonly askerId?: string | undefined };

/** What the decision needs to know beyond the call's own row. */
export type QueueFacts = {
  readonly wrapUpSec: number;
  readonly announceEverySec: number;
  readonly musicClass: string;
  /** While a call is in its greeting or a menu. */
  readonly ivr?: IvrFacts;
  /** What the citizen is asked after a talk; null where nothing is. */
  readonly rating?: Script | null;
  /** How long a caller waits before the queue passes the call on; null where there is nowhere to go. */
  readonly overflowAfterSec: number | null;
  /** Where the call goes, for events that may lead into a queue; the facts above are then those of the queue it ends up in. */
  readonly entrance: Entrance | null;
};

/** The way of a call that stood in the queue `start`. */
export type Entrance = {
  readonly start: string;
  readonly queueId: string;
  /** Queues that passed the call on, from its first. */
  readonly path: readonly string[];
  readonly hops: readonly Hop[];
  /** Why no queue takes the call. */
  readonly refusal: RefusalReason | null;
  readonly priority: number;
};

import type { PauseReason } from '../recordings/recording.ts';
import type { Hop } from '../routing/entrance-rules.ts';
import type { Outcome } from './call.ts';
import type { SeatEvent } from '../seats/seat-machine.ts';
import type { Language } from '../ivr/menu.ts';
import type { LegOutcome } from './leg.ts';
import type { HangupCause } from './telephony-port.ts';

/** What must be done in the world after the call's row is committed; each may be done twice. */
export type Effect =
  | { readonly type: 'answer'; readonly channelId: string }
  | { readonly type: 'play'; readonly channelId: string; readonly playbackId: string; readonly prompts: readonly string[]; readonly language?: Language }
  | { readonly type: 'stop_playback'; readonly playbackId: string }
  | { readonly type: 'start_music'; readonly channelId: string; readonly musicClass: string }
  | { readonly type: 'stop_music'; readonly channelId: string }
  | { readonly type: 'start_ringing' | 'stop_ringing'; readonly channelId: string }
  | { readonly type: 'ring_seat'; readonly channelId: string; readonly seatId: string; readonly callerNumber: string; readonly timeoutSec: number }
  | { readonly type: 'dial_number'; readonly channelId: string; readonly number: string; readonly timeoutSec: number }
  | { readonly type: 'bridge'; readonly channelIds: readonly string[] }
  | { readonly type: 'unbridge'; readonly channelId: string }
  | { readonly type: 'destroy_bridge' }
  /** The supervisor's channel hears what the target hears and says; with `isWhisper` the target, and nobody else, hears the supervisor. */
  | { readonly type: 'spy'; readonly channelId: string; readonly targetId: string; readonly isWhisper: boolean }
  | { readonly type: 'unspy'; readonly channelId: string }
  | { readonly type: 'record'; readonly channelId: string }
  /** Silence is recorded, while the citizen says secrets, or no longer. */
  | { readonly type: 'mute_recording'; readonly channelId: string; readonly isMuted: boolean }
  | { readonly type: 'store_recording' }
  | { readonly type: 'hang_up'; readonly channelId: string; readonly cause: HangupCause }
  | { readonly type: 'answer_transfer'; readonly channelId: string }
  | { readonly type: 'wake_wrap_up'; readonly seatId: string; readonly at: Date };

/** What changes in other aggregates within the same transaction. */
export type SideChange =
  | { readonly type: 'seat'; readonly seatId: string; readonly event: SeatEvent }
  /** The call was passed on from one queue to another. */
  | { readonly type: 'queue_passed_on'; readonly hop: Hop }
  | { readonly type: 'case_owned'; readonly operatorId: string }
  | { readonly type: 'case_abandoned' | 'case_informed' | 'case_to_survey' }
  /** The citizen proved to know the code of that case, and hears how it stands. */
  | { readonly type: 'progress_told'; readonly caseId: string }
  /** A unit's phone is put through to the citizen of the call's case; `ownCaseId`: the one that its call had opened. */
  | { readonly type: 'masked_by_code'; readonly ownCaseId: string; readonly unitId: string }
  | { readonly type: 'unit_not_reached'; readonly directoryCode: string | null; readonly outcome: LegOutcome }
  /** The citizen's mark for the operator. */
  | { readonly type: 'call_rated'; readonly value: string }
  | { readonly type: 'recording_paused'; readonly userId: string; readonly reason: PauseReason | null }
  | { readonly type: 'recording_resumed'; readonly why: 'operator' | 'time' | 'failed' }
  /** A callback is made that waits in this call's place. */
  | { readonly type: 'callback_requested' }
  | { readonly type: 'callback_tried'; readonly outcome: Outcome };

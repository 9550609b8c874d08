import type { SeatEvent } from '../seats/seat-machine.ts';
import type { HangupCause } from './telephony-port.ts';

/** What must be done in the world after the call's row is committed; each may be done twice. */
export type Effect =
  | { readonly type: 'answer'; readonly channelId: string }
  | { readonly type: 'play'; readonly channelId: string; readonly playbackId: string; readonly prompts: readonly string[] }
  | { readonly type: 'stop_playback'; readonly playbackId: string }
  | { readonly type: 'start_music'; readonly channelId: string; readonly musicClass: string }
  | { readonly type: 'stop_music'; readonly channelId: string }
  | { readonly type: 'start_ringing' | 'stop_ringing'; readonly channelId: string }
  | { readonly type: 'ring_seat'; readonly channelId: string; readonly seatId: string; readonly callerNumber: string; readonly timeoutSec: number }
  | { readonly type: 'dial_number'; readonly channelId: string; readonly number: string; readonly timeoutSec: number }
  | { readonly type: 'bridge'; readonly channelIds: readonly string[] }
  | { readonly type: 'unbridge'; readonly channelId: string }
  | { readonly type: 'destroy_bridge' }
  | { readonly type: 'record'; readonly channelId: string }
  | { readonly type: 'store_recording' }
  | { readonly type: 'hang_up'; readonly channelId: string; readonly cause: HangupCause }
  | { readonly type: 'answer_transfer'; readonly channelId: string }
  | { readonly type: 'wake_wrap_up'; readonly seatId: string; readonly at: Date };

/** What changes in other aggregates within the same transaction. */
export type SideChange =
  | { readonly type: 'seat'; readonly seatId: string; readonly event: SeatEvent }
  | { readonly type: 'case_owned'; readonly operatorId: string }
  | { readonly type: 'case_abandoned' };

import type { Language } from '../ivr/menu.ts';

/**
 * What the hotline asks of the telephone system. Every command may be given twice: channel, playback
 * and bridge ids are ours, and a channel that is gone counts as done.
 * Implemented by telephony/ (ARI and AMI) and by the tests' fake.
 */
export type TelephonyPort = {
  answer(channelId: string): Promise<void>;
  /** Plays prompts by key, one after the other, Chinese where there is none in `language`; its end comes back as an event with `playbackId`. */
  play(channelId: string, playbackId: string, prompts: readonly string[], language?: Language): Promise<void>;
  stopPlayback(playbackId: string): Promise<void>;
  startMusic(channelId: string, musicClass: string): Promise<void>;
  stopMusic(channelId: string): Promise<void>;
  startRinging(channelId: string): Promise<void>;
  stopRinging(channelId: string): Promise<void>;
  ringSeat(options: RingSeat): Promise<void>;
  dialNumber(options: DialNumber): Promise<void>;
  /** Makes the call's bridge if needed and puts the channels into it. */
  bridge(bridgeId: string, channelIds: readonly string[]): Promise<void>;
  /** Takes a channel out of the call's bridge; it stays with us. */
  unbridge(bridgeId: string, channelId: string): Promise<void>;
  destroyBridge(bridgeId: string): Promise<void>;
  /** Lets the channel hear what the target hears and says, from now on; with `isWhisper` the target alone hears it, too. */
  spy(options: Spy): Promise<void>;
  unspy(channelId: string): Promise<void>;
  /** Records what the channel says and what it hears, apart, into `path` (below the recordings folder). */
  startRecording(channelId: string, path: string): Promise<void>;
  /** Records silence for a while; the recording goes on. */
  muteRecording(channelId: string, isMuted: boolean): Promise<void>;
  hangup(channelId: string, cause: HangupCause): Promise<void>;
  /** Tells a phone that asked for a transfer what became of it. */
  answerTransfer(channelId: string, answer: 'accepted' | 'refused'): Promise<void>;
  /** Gives a citizen whom we cannot serve to the telephone system's own queue. */
  giveToFallback(channelId: string): Promise<void>;
  /** Whether this process follows the telephone system's events now. */
  isConnected(): boolean;
  /** Whether the telephone system takes commands, also from a process that does not follow its events. */
  isReachable(): Promise<boolean>;
};

export type RingSeat = {
  readonly channelId: string;
  readonly callId: string;
  readonly seatId: string;
  /** Shown on the seat's phone. */
  readonly callerNumber: string;
  readonly timeoutSec: number;
};

export type Spy = { /** The call's. */ readonly bridgeId: string; readonly channelId: string; readonly targetId: string; readonly isWhisper: boolean };

export type DialNumber = {
  readonly channelId: string;
  readonly callId: string;
  readonly number: string;
  readonly timeoutSec: number;
};

/** Q.850 causes we give: Asterisk turns them into SIP answers (1 → 404, 16 → BYE or 603, 17 → 486, 21 → 403). */
export type HangupCause = 'unknown_number' | 'normal' | 'busy' | 'refused';

import type { CallEvent } from '../../src/calls/call-event.ts';
import type { TelephonyPort } from '../../src/calls/telephony-port.ts';

export type FakeTelephony = TelephonyPort & {
  /** Channels that are there now, with the call each belongs to. */
  readonly channels: ReadonlyMap<string, string>;
  /** Whether the telephone system is there; nothing is matched without it. */
  isThere: boolean;
  /** A citizen's channel arrives. */
  arrive(channelId: string): void;
  /** The far end hangs up. */
  leave(channelId: string, callId: string, cause: number): void;
};

export type FakeOptions = {
  /** Takes an event of a call, as the service would from Asterisk. */
  readonly tell: (callId: string, event: CallEvent) => void;
  /** What the phone of a leg that is dialled does, and when. */
  readonly onDialed: (leg: { channelId: string; callId: string; answer: () => void; refuse: (cause: number) => void }) => void;
};

/** A telephone system without telephones: prompts end at once, and every event comes twice, as after a comparison with Asterisk. */
export function fakeTelephony({ tell, onDialed }: FakeOptions): FakeTelephony {
  const channels = new Map<string, string>();
  const dialed = new Set<string>();
  const nothing = (): Promise<void> => Promise.resolve();
  const tellTwice = (callId: string, event: CallEvent): void => { tell(callId, event); tell(callId, event); };
  const end = (channelId: string, callId: string, cause: number): void => {
    // A citizen whom we hang up is no news to anybody.
    if (channels.delete(channelId) && callId !== '') tellTwice(callId, { type: 'leg_ended', legId: channelId, cause });
  };
  const dial = async ({ channelId, callId }: { channelId: string; callId: string }): Promise<void> => {
    if (dialed.has(channelId)) return;
    dialed.add(channelId);
    channels.set(channelId, callId);
    tellTwice(callId, { type: 'leg_ringing', legId: channelId });
    onDialed({
      channelId, callId,
      answer: () => { if (channels.has(channelId)) tellTwice(callId, { type: 'leg_answered', legId: channelId }); },
      refuse: (cause) => end(channelId, callId, cause),
    });
  };
  const fake: FakeTelephony = {
    channels,
    isThere: true,
    arrive: (channelId) => { channels.set(channelId, ''); },
    leave: end,
    answer: nothing, stopPlayback: nothing, startMusic: nothing, stopMusic: nothing, startRinging: nothing, stopRinging: nothing,
    bridge: nothing, unbridge: nothing, destroyBridge: nothing, spy: nothing, unspy: nothing, startRecording: nothing, muteRecording: nothing, answerTransfer: nothing,
    giveToFallback: nothing,
    play: async (_channelId, playbackId) => tellTwice(playbackId.slice(0, 36), { type: 'playback_finished', playbackId }),
    ringSeat: dial,
    dialNumber: dial,
    hangup: async (channelId) => end(channelId, channels.get(channelId) ?? '', 16),
    isConnected: () => fake.isThere,
    isReachable: () => Promise.resolve(fake.isThere),
  };
  return fake;
}

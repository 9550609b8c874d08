import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DialNumber, HangupCause, RingSeat, TelephonyPort } from '../calls/telephony-port.ts';
import { seatEndpoint } from '../seats/seat.ts';
import type { AmiConnection } from './ami-connection.ts';
import { application } from './ari-channel.ts';
import { spyArgs, spyBridgeId, spyChannelId } from './spy-ids.ts';
import type { AriConnection } from './ari-connection.ts';
import { AriError } from './ari-http.ts';

/** The number the hotline shows when it calls out. */
const ownNumber = '12345';
/** Q.850 causes; Asterisk's pjsip channel turns them into SIP answers. */
const causes: Record<HangupCause, string> = { unknown_number: '1', normal: '16', busy: '17', refused: '21' };

/** Two parties are passed on to each other, three are mixed; proxy_media: what is recorded never takes a way round the channels. */
const callBridge = 'mixing,proxy_media';

/** The hold and transfer keys of a seat's phone come to us instead of being carried out behind our back; extensions.conf has the same. */
const seatVariables = { 'HOLD_INTERCEPT(set)': '', 'PJSIP_TRANSFER_HANDLING()': 'ari-only' };

/** The telephone system as the rest of the service sees it: ARI for calls, AMI for recordings. */
export function asteriskTelephony(ari: AriConnection, ami: AmiConnection, recordingsDir: string): TelephonyPort {
  const channel = (channelId: string): string => `/channels/${encodeURIComponent(channelId)}`;
  return {
    answer: (channelId) => ignoreGone(ari.command('POST', `${channel(channelId)}/answer`)),
    // Asterisk looks for sounds/en/hotline/<key> first, then for sounds/hotline/<key>; no `lang`: sounds/zh (defaultlanguage), then the same.
    play: (channelId, playbackId, prompts, language) =>
      ignoreGone(ari.command('POST', `${channel(channelId)}/play/${encodeURIComponent(playbackId)}`, { media: prompts.map((key) => `sound:hotline/${key}`).join(','), ...(language === 'en' ? { lang: 'en' } : {}) })),
    stopPlayback: (playbackId) => ignoreGone(ari.command('DELETE', `/playbacks/${encodeURIComponent(playbackId)}`)),
    startMusic: (channelId, musicClass) => ignoreGone(ari.command('POST', `${channel(channelId)}/moh`, { mohClass: musicClass })),
    stopMusic: (channelId) => ignoreGone(ari.command('DELETE', `${channel(channelId)}/moh`)),
    startRinging: (channelId) => ignoreGone(ari.command('POST', `${channel(channelId)}/ring`)),
    stopRinging: (channelId) => ignoreGone(ari.command('DELETE', `${channel(channelId)}/ring`)),
    ringSeat: (options: RingSeat) => originate(ari, options.channelId, {
      endpoint: `PJSIP/${seatEndpoint(options.seatId)}`,
      appArgs: `operator,${options.callId}`,
      callerId: options.callerNumber || 'anonymous',
      timeout: options.timeoutSec,
    }, seatVariables),
    dialNumber: (options: DialNumber) => originate(ari, options.channelId, {
      endpoint: `PJSIP/${options.number}@trunk`,
      appArgs: `party,${options.callId}`,
      callerId: ownNumber,
      timeout: options.timeoutSec,
    }),
    bridge: async (bridgeId, channelIds) => {
      await ignoreGone(ari.command('POST', `/bridges/${bridgeId}`, { type: callBridge, name: bridgeId })); // 409: it is there already
      // 400 means here that a channel is gone; the end of its leg is on the way and ends the call.
      await ignoreGone(ari.command('POST', `/bridges/${bridgeId}/addChannel`, { channel: channelIds.join(',') }), [400]);
    },
    // 400 means here that the channel is not in the bridge.
    unbridge: (bridgeId, channelId) => ignoreGone(ari.command('POST', `/bridges/${bridgeId}/removeChannel`, { channel: channelId }), [400]),
    destroyBridge: (bridgeId) => ignoreGone(ari.command('DELETE', `/bridges/${bridgeId}`)),
    spy: async ({ bridgeId: talkId, channelId, targetId, isWhisper }) => {
      const [snoopId, bridgeId] = [spyChannelId(channelId), spyBridgeId(channelId)];
      // A whisper is mixed into what the target hears, and a copy is taken away with it, which is nothing while a bridge of two has nothing to pass on
      // (tried on 22.10.1): silence is, from now on to the end of that bridge.
      await ignoreGone(ari.command('POST', `/bridges/${talkId}/moh`, { mohClass: 'silence' }));
      // Made anew: an existing one keeps its direction, and asked for twice Asterisk answers 500 (tried on 22.10.1), not 409.
      await ignoreGone(ari.command('DELETE', channel(snoopId)));
      // 404: the target is gone, and what follows from that is on the way.
      await ignoreGone(snoop(ari, `${channel(targetId)}/snoop/${encodeURIComponent(snoopId)}`,
        { app: application, appArgs: spyArgs(channelId), spy: 'both', whisper: isWhisper ? 'out' : 'none' }));
      await ignoreGone(ari.command('POST', `/bridges/${bridgeId}`, { type: 'mixing', name: bridgeId }));
      for (const id of [channelId, snoopId]) await ignoreGone(ari.command('POST', `/bridges/${bridgeId}/addChannel`, { channel: id }), [400]);
    },
    // Asterisk takes the copy away with the next audio of its target, or with the target (tried); meanwhile it passes nothing on.
    unspy: async (channelId) => {
      await ignoreGone(ari.command('DELETE', channel(spyChannelId(channelId))));
      await ignoreGone(ari.command('DELETE', `/bridges/${spyBridgeId(channelId)}`));
    },
    startRecording: async (channelId, path) => {
      // D: the channel's own voice and what it hears side by side, 16-bit samples without a header.
      await ami.action('MixMonitor', { Channel: channelId, File: resolve(recordingsDir, path), Options: 'D' });
    },
    muteRecording: async (channelId, isMuted) => {
      // Silence is written meanwhile, so that the time line stays. A channel that is gone is recorded no more.
      await ami.action('MixMonitorMute', { Channel: channelId, Direction: 'both', State: isMuted ? '1' : '0' }).catch((error: unknown) => {
        if (!/No such channel/.test(String(error))) throw error;
      });
    },
    hangup: (channelId, cause) => ignoreGone(ari.command('DELETE', channel(channelId), { reason_code: causes[cause] })),
    answerTransfer: (channelId, answer) =>
      ignoreGone(ari.command('POST', `${channel(channelId)}/transfer_progress`, { states: answer === 'accepted' ? 'channel_answered' : 'channel_unavailable' })),
    // The label stands in extensions.conf, after Stasis().
    giveToFallback: (channelId) => ignoreGone(ari.command('POST', `${channel(channelId)}/continue`, { label: 'fallback' })),
    // AMI carries recordings and registrations only: while it is away calls go on, and are recorded once it is back.
    isConnected: () => ari.isConnected,
    isReachable: () => ari.command('GET', '/asterisk/ping').then(() => true, () => false),
  };
}

/** Asterisk answers 500 until the copy of before has let go of its name, a moment after it was told to go. */
async function snoop(ari: AriConnection, path: string, parameters: Readonly<Record<string, string>>): Promise<void> {
  for (let triesLeft = 20; ; triesLeft -= 1) {
    try {
      await ari.command('POST', path, parameters);
      return;
    } catch (error) {
      if (!(error instanceof AriError && error.status === 500) || triesLeft === 0) throw error;
      await pause(50);
    }
  }
}

/** The channel id is ours: asked twice, the second answer is 409 and means "done already". */
async function originate(ari: AriConnection, channelId: string, parameters: Readonly<Record<string, string | number>>, variables = {}): Promise<void> {
  try {
    await ari.command('POST', `/channels/${encodeURIComponent(channelId)}`, { app: application, ...parameters }, { variables });
  } catch (error) {
    if (!(error instanceof AriError && error.status === 409)) throw error;
  }
}

/** A channel, bridge or playback that is gone (404), or has left our application (409, 412, 422), needs nothing more. */
async function ignoreGone(command: Promise<unknown>, more: readonly number[] = []): Promise<void> {
  try {
    await command;
  } catch (error) {
    if (!(error instanceof AriError && [404, 409, 412, 422, ...more].includes(error.status))) throw error;
  }
}

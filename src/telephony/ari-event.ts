import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { AriChannel } from './ari-channel.ts';

/** What we act on, with the fields we read. Source: Asterisk 22 rest-api/events.json. */
const AriEvent = Type.Union([
  Type.Object({ type: Type.Literal('StasisStart'), channel: AriChannel, args: Type.Array(Type.String()) }),
  Type.Object({ type: Type.Literal('ChannelStateChange'), channel: AriChannel }),
  /** The other side hung up; comes before the end of the playback that this cuts short. */
  Type.Object({ type: Type.Literal('ChannelHangupRequest'), channel: AriChannel, cause: Type.Optional(Type.Number()) }),
  Type.Object({ type: Type.Literal('StasisEnd'), channel: AriChannel }),
  /** For a leg that never was in our application; one that was ends with StasisEnd. */
  Type.Object({ type: Type.Literal('ChannelDestroyed'), channel: AriChannel, cause: Type.Number() }),
  Type.Object({ type: Type.Literal('PlaybackFinished'), playback: Type.Object({ id: Type.String(), target_uri: Type.String() }) }),
  /** A key a caller pressed, however the phone sent it. */
  Type.Object({ type: Type.Literal('ChannelDtmfReceived'), channel: AriChannel, digit: Type.String() }),
  /** A key of the phone itself; kept from the bridge, so that we place the others (HOLD_INTERCEPT). */
  Type.Object({ type: Type.Union([Type.Literal('ChannelHold'), Type.Literal('ChannelUnhold')]), channel: AriChannel }),
  /** A REFER of a phone, which Asterisk leaves to us (PJSIP_TRANSFER_HANDLING). */
  Type.Object({
    type: Type.Literal('ChannelTransfer'),
    refer_to: Type.Object({
      requested_destination: Type.Object({
        destination: Type.Optional(Type.String()), /** Attended: the SIP dialog it replaces, which may be one of ours or not. */ protocol_id: Type.Optional(Type.String()),
      }),
      /** Attended: the channel of that dialog. */
      destination_channel: Type.Optional(AriChannel),
    }),
    /** The same again with our answer; only the one without is the phone's request. */
    state: Type.Optional(Type.String()),
    referred_by: Type.Object({ source_channel: AriChannel }),
  }),
  /** Another connection took over our application; nothing comes through this one any more. */
  Type.Object({ type: Type.Literal('ApplicationReplaced') }),
]);
export type AriEvent = Static<typeof AriEvent>;

const readable = Compile(AriEvent);
/** The types of those: Asterisk is asked for no others. */
export const wantedEvents: ReadonlySet<string> = new Set(['StasisStart', 'ChannelStateChange', 'ChannelHangupRequest', 'StasisEnd', 'ChannelDestroyed', 'PlaybackFinished', 'ChannelDtmfReceived', 'ChannelHold', 'ChannelUnhold',
  'ChannelTransfer', 'ApplicationReplaced']);

/** The other events of Asterisk 22.10, which ask nothing of us; one that is in neither list is news and is counted. */
const ignored = new Set<string>([
  'ApplicationMoveFailed', 'ApplicationRegistered', 'ApplicationUnregistered', 'BridgeAttendedTransfer', 'BridgeBlindTransfer', 'BridgeCreated',
  'BridgeDestroyed', 'BridgeMerged', 'BridgeVideoSourceChanged', 'CallBroadcast', 'CallClaimed', 'ChannelCallerId', 'ChannelConnectedLine',
  'ChannelCreated', 'ChannelDialplan', 'ChannelEnteredBridge', 'ChannelLeftBridge', 'ChannelTalkingFinished',
  'ChannelTalkingStarted', 'ChannelToneDetected', 'ChannelUserevent', 'ChannelVarset', 'ContactStatusChange',
  'DeviceStateChanged', 'Dial', 'EndpointStateChange', 'PeerStatusChange', 'PlaybackContinuing', 'PlaybackStarted', 'RESTResponse',
  'RecordingFailed', 'RecordingFinished', 'RecordingStarted', 'TextMessageReceived',
]);

/** One WebSocket frame: an event for us, or why it is none. Never throws, whatever the frame holds. */
export function readAriEvent(frame: string): AriEvent | 'ignored' | 'unknown' | 'unreadable' {
  const event = parse(frame);
  if (typeof event !== 'object' || event === null || !('type' in event) || typeof event.type !== 'string') return 'unreadable';
  if (ignored.has(event.type)) return 'ignored';
  if (!wantedEvents.has(event.type)) return 'unknown';
  return readable.Check(event) ? event : 'unreadable';
}

function parse(frame: string): unknown {
  try {
    return JSON.parse(frame) as unknown;
  } catch {
    return undefined; // counted by the caller as unreadable
  }
}

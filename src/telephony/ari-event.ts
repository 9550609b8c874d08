import type { AriChannel } from './ari-channel.ts';

/** The ARI events we act on; all others are dropped. Source: Asterisk 22 rest-api/api-docs/events.json. */
export type AriEvent =
  | { readonly type: 'StasisStart'; readonly channel: AriChannel; readonly args: readonly string[] }
  | { readonly type: 'ChannelStateChange'; readonly channel: AriChannel }
  /** The other side hung up; comes before the end of the playback that this cuts short. */
  | { readonly type: 'ChannelHangupRequest'; readonly channel: AriChannel; readonly cause?: number }
  | { readonly type: 'StasisEnd'; readonly channel: AriChannel }
  /** For a leg that never was in our application; one that was ends with StasisEnd. */
  | { readonly type: 'ChannelDestroyed'; readonly channel: AriChannel; readonly cause: number }
  | { readonly type: 'PlaybackFinished'; readonly playback: { readonly id: string; readonly target_uri: string } }
  | { readonly type: 'ApplicationReplaced' };

const known = new Set<string>(['StasisStart', 'ChannelStateChange', 'ChannelHangupRequest', 'StasisEnd', 'ChannelDestroyed', 'PlaybackFinished', 'ApplicationReplaced']);

/** One WebSocket frame; null for an event we do not act on, an exception for one that is not JSON. */
export function parseAriEvent(frame: string): AriEvent | null {
  const event: unknown = JSON.parse(frame);
  if (typeof event !== 'object' || event === null || !('type' in event) || typeof event.type !== 'string') throw new Error('an ARI frame without a type');
  return known.has(event.type) ? (event as AriEvent) : null;
}

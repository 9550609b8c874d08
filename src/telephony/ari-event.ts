import type { AriChannel } from './ari-channel.ts';

/** The ARI events we act on; all others are dropped. Source: Asterisk 22 rest-api/api-docs/events.json. */
export type AriEvent =
  | { readonly type: 'StasisStart'; readonly channel: AriChannel; readonly args: readonly string[] }
  | { readonly type: 'ChannelStateChange'; readonly channel: AriChannel }
  | { readonly type: 'ChannelDestroyed'; readonly channel: AriChannel; readonly cause: number }
  | { readonly type: 'PlaybackFinished'; readonly playback: { readonly id: string; readonly target_uri: string } }
  | { readonly type: 'ApplicationReplaced' };

const known = new Set<string>(['StasisStart', 'ChannelStateChange', 'ChannelDestroyed', 'PlaybackFinished', 'ApplicationReplaced']);

/** One WebSocket frame; null for an event we do not act on, an exception for one that is not JSON. */
export function parseAriEvent(frame: string): AriEvent | null {
  const event: unknown = JSON.parse(frame);
  if (typeof event !== 'object' || event === null || !('type' in event) || typeof event.type !== 'string') throw new Error('an ARI frame without a type');
  return known.has(event.type) ? (event as AriEvent) : null;
}

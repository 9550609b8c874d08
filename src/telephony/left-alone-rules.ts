import type { KnownTalk } from './talks.ts';

/** What Asterisk shows of itself at one moment. */
export type Look = {
  readonly channels: readonly SeenChannel[];
  readonly bridges: readonly { readonly id: string; /** A supervisor's own, who listens and is nobody's party. */ readonly isSpy: boolean; readonly channelIds: readonly string[] }[];
};
export type SeenChannel = {
  readonly id: string;
  /** First argument of our application; null for a channel that is not in it (yet). */
  readonly role: string | null;
  /** The call that its arguments name: legs that we dialled. */
  readonly callId: string | null;
};

/**
 * Who is left of calls whose other party is gone, while nobody follows their events: the channels to hang up. A call of two or more
 * is never touched, nor one that is still dialling, nor a caller who has not been connected and waits.
 */
export function leftAlone(talks: readonly KnownTalk[], look: Look): { readonly callId: string; readonly channelIds: readonly string[] }[] {
  const present = new Map(look.channels.map((channel) => [channel.id, channel]));
  const listening = new Set(look.bridges.filter((bridge) => bridge.isSpy).flatMap((bridge) => bridge.channelIds));
  return talks.map((talk) => {
    const { callId, partyIds, dialedIds, isWhole } = talk;
    const named = look.channels.filter((channel) => channel.callId === callId).map((channel) => channel.id);
    const there = [...new Set([...partyIds.filter((id) => present.has(id)), ...named])];
    const parties = there.filter((id) => !listening.has(id));
    const isDialing = dialedIds.some((id) => present.get(id)?.role === null);
    const isLonely = partyIds.some((id) => !present.has(id)) && parties.length <= 1 && !isDialing;
    // An operator knows what to do in silence, and may have a citizen on hold of whom nothing is known here.
    const mayEnd = isWhole || parties.every((id) => present.get(id)?.role !== 'operator');
    return { callId, channelIds: isLonely && mayEnd ? there : [] };
  }).filter((one) => one.channelIds.length > 0);
}

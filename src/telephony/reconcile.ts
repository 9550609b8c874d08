import type { Deps } from '../deps.ts';
import { applyCallEvent } from '../calls/apply-call-event.ts';
import { inOrder } from '../calls/in-order.ts';
import { matchCalls } from '../calls/waiting/match-calls.ts';
import { findCallOfLeg, isLegLive, listLiveCalls, listLiveLegs, type LiveLeg } from '../calls/queries.ts';
import { spyBridgeId } from './spy-ids.ts';
import { stasisArgs, type AriChannel } from './ari-channel.ts';
import type { AriConnection } from './ari-connection.ts';
import { unlessMissing } from './ari-http.ts';
import { mendCall } from './mend-call.ts';
import { channelTurn, enterApplication } from './stasis.ts';

/** A leg that is dialled may not have its channel for this long, milliseconds; its ring deadline ends it if it never gets one. */
const dialingGraceMs = 2_000;

/**
 * After each (re)connect: ARI replays nothing, so the rows are held against Asterisk's channels, and whatever
 * happened unseen is applied now, while new events go on arriving. Doing it twice changes nothing.
 * @throws AggregateError when some of it failed; the rest is done all the same.
 */
export async function reconcile(deps: Deps, ari: AriConnection): Promise<void> {
  // Rows before channels: a leg that was up then and has no channel now is gone, however young it is.
  const legs = await listLiveLegs(deps.pool);
  const channels = (await ari.command('GET', '/channels')) as AriChannel[];
  const present = new Set(channels.map((channel) => channel.id));
  // A leg that is up is in our application; one that was given to Asterisk's own queue is no longer ours.
  const inside = new Set(channels.filter(stasisArgs).map((channel) => channel.id));
  const isStarting = (leg: LiveLeg): boolean => leg.state === 'dialing' && deps.now().getTime() - leg.startedAt.getTime() < dialingGraceMs;
  const gone = legs.filter((leg) => !(leg.state === 'up' ? inside : present).has(leg.legId) && !isStarting(leg));
  const errors: unknown[] = [];
  // One call that cannot be mended stops none of the others.
  const each = async <T>(items: readonly T[], mend: (item: T) => Promise<unknown>): Promise<void> => {
    for (const item of items) await mend(item).catch((error: unknown) => errors.push(error));
  };
  await each(gone, (leg) => applyCallEvent(deps, leg.callId, { type: 'leg_ended', legId: leg.legId, cause: null }));
  await each(channels.filter(stasisArgs), (channel) => inOrder(channelTurn(channel.id), () => mendChannel(deps, ari, channel.id)));
  const bridges = (await ari.command('GET', '/bridges')) as Bridge[];
  const calls = await listLiveCalls(deps.pool);
  await each(calls, (call) => mendCall(deps, ari, call));
  // Bridges before calls: the row of a bridge that was there then was committed before it.
  const wanted = new Set(calls.flatMap((call) => [call.id, ...call.legs.map((leg) => spyBridgeId(leg.id))]));
  const orphans = bridges.filter((bridge) => isOurs(bridge) && !wanted.has(bridge.id));
  await each(orphans, (bridge) => deps.telephony.destroyBridge(bridge.id));
  await each([deps], matchCalls);
  if (errors.length > 0) throw new AggregateError(errors, 'some calls could not be compared with Asterisk');
  deps.log.info({ channels: channels.length, calls: calls.length, legsEndedUnseen: gone.length, orphanBridges: orphans.length }, 'Compared the calls with Asterisk');
}

type Bridge = { readonly id: string; readonly name: string; readonly creator: string };

/** Ours are named as their call, or the supervisor's leg, which is their id as well. */
function isOurs(bridge: Bridge): boolean {
  return bridge.creator === 'Stasis' && bridge.name === bridge.id;
}

/**
 * A channel in our application that we know nothing of, whose answer we missed, or whose leg has ended. Read again in the
 * channel's turn: one that left since the list was made would open a call that nothing ends.
 */
async function mendChannel(deps: Deps, ari: AriConnection, channelId: string): Promise<void> {
  const channel = (await findChannel(ari, channelId)) ?? null;
  const args = channel && stasisArgs(channel);
  if (!args) return;
  const isKnown = (await findCallOfLeg(deps.pool, channelId)) !== undefined;
  const isDialedByUs = args[0] === 'operator' || args[0] === 'party';
  if (isKnown && !(await isLegLive(deps.pool, channelId))) await deps.telephony.hangup(channelId, 'normal');
  else if (!isKnown || (isDialedByUs && channel.state === 'Up')) await enterApplication(deps, channel, args);
}

async function findChannel(ari: AriConnection, channelId: string): Promise<AriChannel | undefined> {
  return (await unlessMissing(ari.command('GET', `/channels/${encodeURIComponent(channelId)}`))) as AriChannel | undefined;
}

import type { Deps } from '../deps.ts';
import { applyCallEvent } from '../calls/apply-call-event.ts';
import { legOf, type Call } from '../calls/call.ts';
import { matchAllQueues } from '../calls/match-queue.ts';
import { findCallOfLeg, listLiveCalls, listLiveLegs } from '../calls/queries.ts';
import { findQueue } from '../routing/queries.ts';
import { stasisArgs, type AriChannel } from './ari-channel.ts';
import type { AriConnection } from './ari-connection.ts';
import { AriError } from './ari-http.ts';
import { reenterApplication } from './stasis.ts';

/** A leg that is dialled may not have its channel for this long, milliseconds; its ring deadline ends it if it never gets one. */
const dialingGraceMs = 2_000;

/**
 * After each (re)connect: ARI replays nothing, so the rows are held against Asterisk's channels, and whatever
 * happened unseen is applied now. Doing it twice changes nothing.
 */
export async function reconcile(deps: Deps, ari: AriConnection): Promise<void> {
  // Rows before channels: a leg that was up then and has no channel now is gone, however young it is.
  const legs = await listLiveLegs(deps.pool);
  const channels = (await ari.command('GET', '/channels')) as AriChannel[];
  const present = new Set(channels.map((channel) => channel.id));
  // A leg that is up is in our application; one that was given to Asterisk's own queue is no longer ours.
  const inside = new Set(channels.filter((channel) => stasisArgs(channel)).map((channel) => channel.id));
  let ended = 0;
  for (const leg of legs) {
    const isStarting = leg.state === 'dialing' && deps.now().getTime() - leg.startedAt.getTime() < dialingGraceMs;
    if ((leg.state === 'up' ? inside : present).has(leg.legId) || isStarting) continue;
    ended += 1;
    await applyCallEvent(deps, leg.callId, { type: 'leg_ended', legId: leg.legId, cause: null });
  }
  for (const channel of channels) await mendChannel(deps, channel);
  const calls = await listLiveCalls(deps.pool);
  for (const call of calls) await mendCall(deps, ari, call);
  await matchAllQueues(deps);
  deps.log.info({ channels: channels.length, calls: calls.length, legsEndedUnseen: ended }, 'Compared the calls with Asterisk');
}

/** A channel in our application that we know nothing of, or whose answer we missed. */
async function mendChannel(deps: Deps, channel: AriChannel): Promise<void> {
  const args = stasisArgs(channel);
  if (!args) return;
  const isKnown = (await findCallOfLeg(deps.pool, channel.id)) !== undefined;
  const isDialedByUs = args[0] === 'operator' || args[0] === 'party';
  if (!isKnown || (isDialedByUs && channel.state === 'Up')) await reenterApplication(deps, channel);
}

async function mendCall(deps: Deps, ari: AriConnection, call: Call): Promise<void> {
  const citizen = legOf(call, 'citizen');
  if (call.legs.length === 0) {
    await applyCallEvent(deps, call.id, { type: 'hang_up', by: 'system' });
  } else if (call.playbackId && !(await exists(ari, `/playbacks/${encodeURIComponent(call.playbackId)}`))) {
    await applyCallEvent(deps, call.id, { type: 'playback_finished', playbackId: call.playbackId });
  } else if (call.state === 'talking') {
    await deps.telephony.bridge(call.id, call.legs.filter((leg) => leg.state === 'up').map((leg) => leg.id));
  } else if (citizen && (call.state === 'waiting' || call.state === 'ringing') && call.queueId) {
    await deps.telephony.startMusic(citizen.id, (await findQueue(deps.pool, call.queueId))?.musicClass ?? 'default');
  }
}

async function exists(ari: AriConnection, path: string): Promise<boolean> {
  try {
    await ari.command('GET', path);
    return true;
  } catch (error) {
    if (error instanceof AriError && error.status === 404) return false;
    throw error;
  }
}

import type { Deps } from '../deps.ts';
import { applyCallEvent, carryOut } from '../calls/apply-call-event.ts';
import type { Call } from '../calls/call.ts';
import { inOrder } from '../calls/in-order.ts';
import { matchCalls } from '../calls/waiting/match-calls.ts';
import { isKnownHere, wasDialledHere } from '../calls/known-legs.ts';
import { dialTimeoutSec } from '../calls/outbound/outbound-machine.ts';
import { findCallOfLeg, findLiveCall, isLegLive, listLiveCalls } from '../calls/queries.ts';
import { listUnsureRecordings } from '../recordings/queries.ts';
import { isOurs, type AriBridge } from './ari-bridge.ts';
import { stasisArgs, type AriChannel } from './ari-channel.ts';
import type { AriConnection } from './ari-connection.ts';
import { unlessMissing } from './ari-http.ts';
import { hasUnseen, isDoubtful, legDifferences, type LegDifferences, type SeenChannel } from './compare-rules.ts';
import { mendCall } from './mend-call.ts';
import { sideBySide } from './side-by-side.ts';
import { spyBridgeId } from './spy-ids.ts';
import { channelTurn, enterApplication } from './stasis.ts';
import type { Talks } from './talks.ts';

export type Comparing = { readonly deps: Deps; readonly ari: AriConnection; readonly talks: Talks };

/**
 * After each (re)connect: ARI replays nothing, so the rows are held against Asterisk's channels, and whatever
 * happened unseen is applied now, while new events go on arriving. Doing it twice changes nothing. A call that is as its rows say
 * costs neither a command nor a query of its own.
 * @throws AggregateError when some of it failed; the rest is done all the same.
 */
export async function reconcile({ deps, ari, talks }: Comparing): Promise<void> {
  const startedAt = performance.now();
  const before = await listLiveCalls(deps.pool);
  const channels = await readChannels(ari);
  const found = legDifferences(before, channels, deps.now(), (legId) => isKnownHere(deps, legId));
  const errors = await mendLegs({ deps, ari, talks }, found);
  const bridges = await readBridges(ari);
  const calls = await listLiveCalls(deps.pool);
  const bridgeOf = new Map(bridges.map((bridge) => [bridge.id, bridge]));
  const unsure = new Set(await listUnsureRecordings(deps.pool, calls.filter(isTalking).map((call) => call.id)));
  const doubtful = calls.filter((call) => hasUnseen(call) || isDoubtful(call, bridgeOf.get(call.id)) || unsure.has(call.id));
  errors.push(...await sideBySide(doubtful, (call) => mendCall(deps, ari, call)));
  const orphans = orphanBridges(calls, bridges);
  errors.push(...await sideBySide(orphans, (bridge) => deps.telephony.destroyBridge(bridge.id)));
  errors.push(...await sideBySide([deps], matchCalls));
  if (errors.length > 0) throw new AggregateError(errors, 'some calls could not be compared with Asterisk');
  talks.keepOnly(new Set(channels.map((channel) => channel.id)));
  for (const call of calls.filter(isTalking)) talks.note(call.id, call.legs.filter((leg) => leg.state === 'up' && leg.role !== 'supervisor').map((leg) => leg.id));
  deps.log.info({ channels: channels.length, calls: calls.length, legsEndedUnseen: found.gone.flat().length, callsLookedAt: doubtful.length, orphanBridges: orphans.length,
    ms: Math.round(performance.now() - startedAt) }, 'Compared the calls with Asterisk');
}

/** What happened to legs unseen: their ends, with the time at which somebody saw them; answers, rings, and channels that nobody knows. */
export async function mendLegs({ deps, ari, talks }: Comparing, { gone, strays, ringing }: LegDifferences): Promise<unknown[]> {
  const errors: unknown[] = [];
  for (const legs of gone) {
    errors.push(...await sideBySide(legs, ({ callId, legId, number }) => number !== null && !wasDialledHere(deps, legId) ? dialAgain(deps, { callId, legId, number })
      : applyCallEvent(deps, callId, { type: 'leg_ended', legId, cause: null, at: talks.endOf(legId) }).then(() => undefined)));
  }
  errors.push(...await sideBySide(ringing, ({ callId, legId }) => applyCallEvent(deps, callId, { type: 'leg_ringing', legId })));
  errors.push(...await sideBySide(strays, (id) => inOrder(channelTurn(id), () => mendChannel(deps, ari, id))));
  return errors;
}

/** The service that wrote the leg down was gone before it dialled, as far as anybody knows; a phone that was dialled and gave no sign is dialled twice at worst. */
async function dialAgain(deps: Deps, { callId, legId, number }: { readonly callId: string; readonly legId: string; readonly number: string }): Promise<void> {
  await inOrder(callId, async () => {
    const call = await findLiveCall(deps.pool, callId);
    if (!call?.legs.some((leg) => leg.id === legId && leg.state === 'dialing')) return;
    const leftSec = call.deadlineAt ? Math.round((call.deadlineAt.getTime() - deps.now().getTime()) / 1_000) : dialTimeoutSec;
    await carryOut(deps, { call, legs: [], changes: [], effects: [{ type: 'dial_number', channelId: legId, number, timeoutSec: Math.max(1, leftSec) }] });
  });
}

export async function readChannels(ari: AriConnection): Promise<SeenChannel[]> {
  const channels = (await ari.command('GET', '/channels')) as AriChannel[];
  return channels.map((channel) => ({ id: channel.id, isUp: channel.state === 'Up', isRinging: channel.state === 'Ringing', args: stasisArgs(channel) }));
}

export async function readBridges(ari: AriConnection): Promise<AriBridge[]> {
  return ((await ari.command('GET', '/bridges')) as AriBridge[]).filter(isOurs);
}

/** `bridges` must have been read before `calls`: the row of a bridge that was there then was committed before it. */
export function orphanBridges(calls: readonly Call[], bridges: readonly AriBridge[]): AriBridge[] {
  const wanted = new Set(calls.flatMap((call) => [call.id, ...call.legs.map((leg) => spyBridgeId(leg.id))]));
  return bridges.filter((bridge) => !wanted.has(bridge.id));
}

function isTalking(call: Call): boolean {
  return call.connectedAt !== null && (call.state === 'talking' || call.state === 'transferring');
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

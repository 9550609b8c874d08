import { setTimeout as pause } from 'node:timers/promises';
import { findCallOfLeg } from '../calls/queries.ts';
import type { Deps } from '../deps.ts';
import type { AmiConnection } from './ami-connection.ts';
import type { AriChannel } from './ari-channel.ts';
import type { AriConnection } from './ari-connection.ts';
import { unlessMissing } from './ari-http.ts';

/** A caller whom we could not take is left to Asterisk's own queue for so long before it is tried again, milliseconds. */
const againAfterMs = 30_000;
/** Callers who were sent to us have arrived by then, milliseconds; matching waits for them, so that nobody who called later is before them. */
const arrivalMs = 2_000;

export type Links = { readonly ari: AriConnection; readonly ami: AmiConnection };

/** Sends those who wait in Asterisk's own queues to us, and waits until they have their rows. Source: Asterisk AMI QueueStatus, Redirect. */
export async function takeOver(deps: Deps, { ari, ami }: Links, sentBefore: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
  if (!ami.isConnected) return sentBefore;
  const entries = (await ami.action('QueueStatus', {}, true)).filter((item) => item['event'] === 'QueueEntry');
  const now = deps.now().getTime();
  const sentAt = new Map<string, number>();
  const sent: string[] = [];
  for (const { uniqueid = '' } of entries) {
    const before = sentBefore.get(uniqueid);
    if (before !== undefined && Math.abs(now - before) < againAfterMs) sentAt.set(uniqueid, before);
    // One whose call we know, for the database failed at the wrong moment, stays there to its end.
    else if (!(await findCallOfLeg(deps.pool, uniqueid)) && await redirect(deps, { ari, ami }, uniqueid)) {
      sentAt.set(uniqueid, now);
      sent.push(uniqueid);
    }
  }
  await untilKnown(deps, sent);
  if (sent.length > 0) deps.log.info({ callers: sent.length }, 'Took over those who waited in Asterisk’s own queue');
  return sentAt;
}

/** Into the dialplan's step `return` of the number that was called (asterisk-conf/extensions.conf). */
async function redirect(deps: Deps, { ari, ami }: Links, channelId: string): Promise<boolean> {
  const channel = (await unlessMissing(ari.command('GET', `/channels/${encodeURIComponent(channelId)}`))) as AriChannel | undefined;
  if (channel?.dialplan.app_name !== 'Queue') return false;
  try {
    await ami.action('Redirect', { Channel: channel.name, Context: 'from-trunk', Exten: channel.dialplan.exten, Priority: 'return' });
    return true;
  } catch (error) {
    if (!ami.isConnected) throw error;
    deps.log.debug({ err: error }, 'A caller was gone before being taken over');
    return false;
  }
}

async function untilKnown(deps: Deps, channelIds: readonly string[]): Promise<void> {
  const waiting = new Set(channelIds);
  const until = Date.now() + arrivalMs;
  while (waiting.size > 0 && Date.now() < until) {
    for (const channelId of waiting) if (await findCallOfLeg(deps.pool, channelId)) waiting.delete(channelId);
    if (waiting.size > 0) await pause(20);
  }
}

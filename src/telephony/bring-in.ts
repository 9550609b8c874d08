import { inOrder } from '../calls/in-order.ts';
import type { CarriedCall } from '../calls/own-queue/carried-call.ts';
import { importCarried } from '../calls/own-queue/import-carried.ts';
import { findCallOfLeg } from '../calls/queries.ts';
import type { Deps } from '../deps.ts';
import type { AriConnection } from './ari-connection.ts';
import { readRecord, removeRecord, setAside } from './own-queue-records.ts';
import { channelTurn } from './stasis.ts';

/** The sweep has other things to do as well. */
const mostAtOnce = 50;

/** Makes calls and cases of records whose channels are gone. One that cannot be brought in stops none of the others. */
export async function bringIn(deps: Deps, ari: AriConnection, records: readonly string[]): Promise<void> {
  const errors: unknown[] = [];
  let calls = 0;
  for (const channelId of records) {
    if (calls === mostAtOnce) break;
    try {
      if (await inOrder(channelTurn(channelId), () => finish(deps, ari, channelId))) calls += 1;
    } catch (error) {
      errors.push(error);
    }
  }
  if (calls > 0) deps.log.info({ calls }, 'Brought in calls that Asterisk’s own queue carried while no service was there');
  if (errors.length > 0) throw new AggregateError(errors, 'some calls of Asterisk’s own queue could not be brought in');
}

/** True when the call is new to us. The record goes once the call is committed; a crash in between finds the call known. */
async function finish(deps: Deps, ari: AriConnection, channelId: string): Promise<boolean> {
  const carried = await readRecord(deps, channelId);
  if (!carried) {
    // Its call was brought in before Asterisk wrote down its end.
    if (await findCallOfLeg(deps.pool, channelId)) await removeRecord(deps, channelId);
    else {
      await setAside(deps, channelId);
      deps.log.error({ channelId }, 'A record of Asterisk’s own queue tells of no call; it was set aside as .unreadable');
    }
    return false;
  }
  const end = carried.endedAt ? { at: carried.endedAt, by: carried.endedBy } : { at: await findLostEnd(ari, carried), by: 'system' } as const;
  const result = await importCarried(deps, carried, end);
  if (result !== 'later') await removeRecord(deps, channelId);
  return result === 'imported';
}

/** Asterisk died with the call: it ended at the latest when Asterisk started again. */
async function findLostEnd(ari: AriConnection, { lastAt }: CarriedCall): Promise<Date> {
  const info = (await ari.command('GET', '/asterisk/info', { only: 'status' })) as { status?: { startup_time?: string } };
  const startedAt = new Date((info.status?.startup_time ?? '').replace(/(\d\d)(\d\d)$/, '$1:$2'));
  return startedAt > lastAt ? startedAt : lastAt;
}

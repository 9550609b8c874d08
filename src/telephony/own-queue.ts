import { inOrder } from '../calls/in-order.ts';
import { isWaiting, talkingSeats } from '../calls/own-queue/carried-call.ts';
import type { Deps } from '../deps.ts';
import { markOwnQueue } from '../seats/mark-own-queue.ts';
import type { AriChannel } from './ari-channel.ts';
import { bringIn } from './bring-in.ts';
import { listRecords, readRecord } from './own-queue-records.ts';
import { takeOver, type Links } from './take-over.ts';

export type OwnQueue = {
  /** Brings in what Asterisk's own queue carried, marks the seats that still talk there, and takes over those who wait. */
  readonly look: () => Promise<void>;
  /** After each connect: calls may have gone there meanwhile. */
  readonly forget: () => void;
  /** It was looked at since; until then no seat is known to be free. */
  readonly isLookedAt: () => boolean;
};

/**
 * The calls that went past us, into Asterisk's own queue. What live calls need comes first; those that are over follow, some at each
 * look. Doing it twice changes nothing; the sweep does it each second, which costs the look into an empty folder.
 */
export function createOwnQueue(deps: Deps, links: Links): OwnQueue {
  /** Counts the connects; and the one after which it was looked at. */
  let connect = 0;
  let lookedAt = -1;
  /** Seats are marked, as far as we know. */
  let areMarked = true;
  /** When each of the callers who still wait there was sent to us. */
  let sentAt: ReadonlyMap<string, number> = new Map();

  async function follow(records: readonly string[], isFirst: boolean): Promise<void> {
    const living = (await Promise.all(records.map((channelId) => readRecord(deps, channelId)))).filter((call) => call !== null);
    const talking = new Map(living.flatMap((call) => talkingSeats(call).map((seatId) => [seatId, call.channelId] as const)));
    await markOwnQueue(deps, talking);
    areMarked = talking.size > 0;
    if (isFirst || living.some(isWaiting)) sentAt = await takeOver(deps, links, sentAt);
  }

  async function lookOnce(): Promise<void> {
    const now = connect;
    try {
      // Names before channels before contents: a record whose channel is not there any more tells of its end.
      const records = await listRecords(deps);
      const isFirst = lookedAt !== now;
      if (records.length === 0 && !isFirst && !areMarked) return;
      const present = records.length === 0 ? new Set() : new Set(((await links.ari.command('GET', '/channels')) as AriChannel[]).map((channel) => channel.id));
      await follow(records.filter((channelId) => present.has(channelId)), isFirst);
      lookedAt = now;
      await bringIn(deps, links.ari, records.filter((channelId) => !present.has(channelId)));
    } finally {
      lookedAt = now; // a folder that cannot be read must not keep calls from seats
    }
  }

  return {
    forget: () => { connect += 1; },
    isLookedAt: () => lookedAt === connect,
    look: () => inOrder('own queue', async () => { if (links.ari.isConnected) await lookOnce(); }),
  };
}

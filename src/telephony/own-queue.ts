import { inOrder } from '../calls/in-order.ts';
import { talkingSeat } from '../calls/own-queue/carried-call.ts';
import type { Deps } from '../deps.ts';
import { markOwnQueue } from '../seats/mark-own-queue.ts';
import type { AmiConnection } from './ami-connection.ts';
import type { AriChannel } from './ari-channel.ts';
import type { AriConnection } from './ari-connection.ts';
import { bringIn } from './bring-in.ts';
import { listRecords, readRecord } from './own-queue-records.ts';
import { takeOver } from './take-over.ts';

export type OwnQueue = {
  /** Brings in what Asterisk's own queue carried, marks the seats that still talk there, and takes over those who wait. */
  readonly look: () => Promise<void>;
  /** After each connect: calls may have gone there meanwhile. */
  readonly forget: () => void;
  /** It was looked at since; until then no seat is known to be free. */
  readonly isLookedAt: () => boolean;
};

type Links = { readonly ari: AriConnection; readonly ami: AmiConnection };

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

  async function follow(channels: readonly AriChannel[], records: readonly string[]): Promise<void> {
    const talking = new Map<string, string>();
    for (const channelId of records) {
      const seatId = talkingSeat(await readRecord(deps, channelId));
      if (seatId) talking.set(seatId, channelId);
    }
    await markOwnQueue(deps, talking);
    areMarked = talking.size > 0;
    if (channels.some((channel) => channel.dialplan.app_name === 'Queue')) sentAt = await takeOver(deps, links.ami, channels, sentAt);
  }

  async function lookOnce(): Promise<void> {
    const now = connect;
    try {
      // Names before channels before contents: a record whose channel is not there any more tells of its end.
      const records = await listRecords(deps);
      if (records.length === 0 && lookedAt === now && !areMarked) return;
      const channels = (await links.ari.command('GET', '/channels')) as AriChannel[];
      const present = new Set(channels.map((channel) => channel.id));
      await follow(channels, records.filter((channelId) => present.has(channelId)));
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

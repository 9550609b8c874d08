import type { Db } from '../db/query.ts';
import { chainStart, followChain } from '../hash-chain.ts';
import { deletionFields } from './deletion-chain.ts';
import { countUnproven, listDeletionsAfter } from './queries.ts';

const batch = 5_000;

/** Whether every deletion follows from the one before, and every deleted recording has one. Reads all of them. */
export async function isChainWhole(db: Db): Promise<boolean> {
  let last = chainStart;
  let afterId = 0;
  for (;;) {
    const rows = await listDeletionsAfter(db, afterId, batch);
    const followed = followChain(last, rows, deletionFields);
    if ('broken' in followed) return false;
    last = followed.last;
    if (rows.length < batch) return (await countUnproven(db)) === 0;
    afterId = rows.at(-1)?.id ?? afterId;
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { endRetag, findRetag, hold, holdFree, listCasesToRetag, noteMoves, noteProgressOf, retag } from './retag-queries.ts';

/** Few enough that a case's own save, which waits for the batch's rows, hardly notices. */
const batch = 100;
/** Between two batches, milliseconds: the calls come first. */
const restMs = 20;

/**
 * Gives the cases of units that moved in the tree the tags of their new place; until then a search takes both for right and looks at the rows
 * (`ofUnit`). Two processes at once do the same twice, and nothing worse. Ends early when `signal` is aborted; the next one goes on from there.
 */
export async function retagCases(deps: Deps, signal: AbortSignal): Promise<void> {
  const { pool } = deps;
  await noteMoves(pool);
  let count = 0;
  for (let move = await findRetag(pool); move && !signal.aborted; move = await findRetag(pool)) {
    const caseIds = await listCasesToRetag(pool, move, batch);
    const last = caseIds.at(-1);
    if (last === undefined) {
      await endRetag(pool, move);
      continue;
    }
    await retagAll(deps, caseIds);
    await noteProgressOf(pool, move, last);
    count += caseIds.length;
    await delay(restMs);
  }
  if (count > 0) deps.log.info({ count }, 'Cases got the tags of their units’ new places');
}

/** Those that somebody holds one by one afterwards: who waits while holding others may be waited for by somebody. */
async function retagAll({ pool }: Deps, caseIds: readonly string[]): Promise<void> {
  const free = new Set(await transaction(pool, async (tx) => {
    const held = await holdFree(tx, caseIds);
    await retag(tx, held);
    return held;
  }));
  for (const id of caseIds.filter((one) => !free.has(one))) {
    await transaction(pool, async (tx) => {
      await hold(tx, id);
      await retag(tx, [id]);
    });
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { execute, queryOne, type Tx } from '../../db/query.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { hasTexts, listTexts, wordsOfCase } from './save-words.ts';

/** Few enough that a case's own save, which waits for the batch's rows, hardly notices. */
const batch = 200;
/** Between two batches, milliseconds: the calls come first. */
const restMs = 20;

/**
 * Gives the cases that were there before case_words their words, once, from wherever an earlier service got to. Words that a save has written meanwhile stay.
 * Resolves when it is done or another process is at it; ends early when `signal` is aborted.
 */
export async function backfillWords(deps: Deps, signal: AbortSignal): Promise<void> {
  let count = 0;
  while (!signal.aborted) {
    const done = await transaction(deps.pool, fillBatch(deps.now()));
    if (done === null) break;
    count += done;
    await delay(restMs);
  }
  if (count > 0) deps.log.info({ count }, 'Cases got their words for the search');
}

/** How many cases were looked at; null when none is left. */
function fillBatch(now: Date): (tx: Tx) => Promise<number | null> {
  return async (tx) => {
    const fill = await queryOne<{ afterId: string | null }>(tx, `select after_id from backfills where name = 'case-words' and done_at is null for update skip locked`);
    if (!fill) return null;
    const cases = await listTexts(tx, fill.afterId, batch);
    const last = cases.at(-1);
    if (!last) {
      await execute(tx, `update backfills set done_at = $1 where name = 'case-words'`, [now]);
      return null;
    }
    const rows = cases.filter(hasTexts).map((one) => ({ case_id: one.id, words: wordsOfCase({ one, citizenName: one.citizenName }) }));
    await execute(tx, `insert into case_words (case_id, words) select r.case_id, r.words || case_tags(r.case_id) from jsonb_to_recordset($1) as r (case_id uuid, words text[]) on conflict do nothing`, [JSON.stringify(rows)]);
    await execute(tx, `update backfills set after_id = $1 where name = 'case-words'`, [last.id]);
    return cases.length;
  };
}

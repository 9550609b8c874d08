import { behind, conditionsOf, dueKey, type Known, type Wanted } from './page-of-cases.ts';
import { fewUnits } from './reader.ts';
import { all, Values, type Statement } from './sql-parts.ts';
import { firstIdOf, type WordQuery } from './words-rules.ts';
import { unitTagSql, wordHits, type Window } from './words-sql.ts';

export type Hits = { readonly words: WordQuery } | { readonly number: string };

/**
 * A page out of the finds: the index gives them all at once and without order, so the planner must not guess how many there are. They are gathered
 * first, then looked at one by one in their order until the page is full.
 */
export function searchPage(wanted: Wanted, known: Known, hits: Hits, window: Window | null): Statement {
  const values = new Values();
  const { sort, after, limit } = wanted;
  const gathered = 'number' in hits ? `select k.id from cases k where ${numberHits(hits.number, values)}` : `select w.case_id as id from case_words w where ${all([wordHits(hits.words, values, window), ofUnits(known, values)])}`;
  const place = all([
    sort === 'newest' && after !== null && `h.id < ${values.add(after.id)}`,
    window !== null && `h.id < ${values.add(firstIdOf(window.last + 1))}`,
    typeof window?.first === 'number' && `h.id >= ${values.add(firstIdOf(window.first))}`,
  ]);
  const text = `with hits as materialized (${gathered})
    select k.id, ${dueKey(wanted.filter)}::text as due_key from (select h.id from hits h where ${place} order by h.id desc) h
      cross join lateral (select k.id, k.next_due_at from cases k where k.id = h.id and ${conditionsOf(wanted, known, values)} offset 0) k
    ${sort === 'due' ? `where ${behind(wanted, values) ?? 'true'} order by ${dueKey(wanted.filter)}, k.id` : 'order by h.id desc'} limit ${values.add(limit)}`;
  return { text, values: values.list };
}

/** A few units' cases have the units among their words, so that the index gives what is theirs alone. Of many units enough of any finds are. */
function ofUnits({ sizes }: Known, values: Values): string {
  return all([...sizes].map(([unit, { units }]) => units <= fewUnits && `w.words && array(select ${unitTagSql('a.unit_id')} from unit_ancestors a where a.ancestor_id = ${values.add(unit)})`));
}

function numberHits(prefix: string, values: Values): string {
  return `k.number between ${values.add(prefix.padEnd(15, '0'))} and ${values.add(prefix.padEnd(15, '9'))}`;
}

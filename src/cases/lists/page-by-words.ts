import { behind, conditionsOf, dueKey, type Known, type Wanted } from './page-of-cases.ts';
import { all, Values, type Statement } from './sql-parts.ts';
import { wordHits, type Window } from './words-sql.ts';
import { dayOf, firstIdOf, type WordQuery } from './words-rules.ts';

export type Hits = { readonly words: WordQuery } | { readonly number: string };

/**
 * A page out of the finds: the index gives them all at once and without order, so the planner must not guess how many there are. They are gathered
 * first, then looked at one by one in their order until the page is full.
 */
export function searchPage(wanted: Wanted, known: Known, hits: Hits, window: Window | null): Statement {
  const values = new Values();
  const { sort, after, limit } = wanted;
  const gathered = 'number' in hits ? `select k.id from cases k where ${numberHits(hits.number, values)}` : `select w.case_id as id from case_words w where ${wordHits(hits.words, values, window)}`;
  const place = all([
    sort === 'newest' && after !== null && `h.id < ${values.add(after.id)}`,
    window !== null && after === null && `h.id < ${values.add(firstIdOf(window.last + 1))}`,
    window !== null && after !== null && dayOf(after.id) > window.last && `h.id < ${values.add(firstIdOf(window.last + 1))}`,
    typeof window?.first === 'number' && `h.id >= ${values.add(firstIdOf(window.first))}`,
  ]);
  const text = `with hits as materialized (${gathered})
    select k.id, ${dueKey(wanted.filter)}::text as due_key from (select h.id from hits h where ${place} order by h.id desc) h
      cross join lateral (select k.id, k.next_due_at from cases k where k.id = h.id and ${conditionsOf(wanted, known, values)} offset 0) k
    ${sort === 'due' ? `where ${behind(wanted, values) ?? 'true'} order by ${dueKey(wanted.filter)}, k.id` : 'order by h.id desc'} limit ${values.add(limit)}`;
  return { text, values: values.list };
}

function numberHits(prefix: string, values: Values): string {
  return `k.number between ${values.add(prefix.padEnd(15, '0'))} and ${values.add(prefix.padEnd(15, '9'))}`;
}

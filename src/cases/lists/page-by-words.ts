import { behind, conditionsOf, dueKey, isOpenOnly, type Known, type PageKey, type Wanted } from './page-of-cases.ts';
import { all, run, Values, type Statement } from './sql-parts.ts';
import { wantedTags } from './tags-rules.ts';
import { firstIdOf, type WordQuery } from './words-rules.ts';
import { ofUnit, withTags, wordHits, type Window } from './words-sql.ts';
import type { Db } from '../../db/query.ts';

export type Hits = { readonly words: WordQuery } | { readonly number: string };
/** `most`: of the finds only so many are gathered. */
type Reach = { readonly window?: Window; readonly most?: number };
/** What is on the page, and how many finds it was chosen from. */
type Found = { readonly keys: PageKey[]; readonly hits: number };

/**
 * A page out of the finds: the index gives them all at once and without order, so the planner must not guess how many there are. They are gathered
 * first, then looked at one by one in their order until the page is full.
 */
export async function searchPage(db: Db, wanted: Wanted, known: Known, { hits, ...reach }: Reach & { readonly hits: Hits }): Promise<Found> {
  const rows = await run<{ hits: number; id: string | null; dueKey: string | null }>(db, searchStatement(wanted, known, hits, reach));
  return { hits: rows[0]?.hits ?? 0, keys: rows.flatMap(({ id, dueKey }) => (id === null ? [] : [{ id, dueKey }])) };
}

function searchStatement(wanted: Wanted, known: Known, hits: Hits, { window, most }: Reach): Statement {
  const values = new Values();
  const { sort, after, limit, filter } = wanted;
  const gathered = 'number' in hits ? `select k.id from cases k where ${numberHits(hits.number, values)}` : `select w.case_id as id from case_words w where ${wordsAndTags(wanted, known, hits.words, values, window)}`;
  const place = all([
    sort === 'newest' && after !== null && `h.id < ${values.add(after.id)}`,
    window && `h.id < ${values.add(firstIdOf(window.last + 1))}`,
    typeof window?.first === 'number' && `h.id >= ${values.add(firstIdOf(window.first))}`,
  ]);
  const page = `select k.id, ${dueKey(filter)} as due_key from (select h.id from hits h where ${place} order by h.id desc) h
      cross join lateral (select k.id, k.next_due_at from cases k where k.id = h.id and ${conditionsOf(wanted, known, values)} offset 0) k
    ${sort === 'due' ? `where ${behind(wanted, values) ?? 'true'} order by ${dueKey(filter)}, k.id` : 'order by h.id desc'} limit ${values.add(limit)}`;
  return { text: `with hits as materialized (${gathered}${most === undefined ? '' : ` limit ${values.add(most)}`})
    select n.hits, p.id, p.due_key::text as due_key from (select count(*) as hits from hits) n left join lateral (${page}) p on true
    order by ${sort === 'due' ? 'p.due_key, p.id' : 'p.id desc'}`, values: values.list };
}

/** One look at the index for the words and for whatever of the filter stands among them. */
function wordsAndTags({ filter, sort }: Wanted, { sizes, isTagged }: Known, words: WordQuery, values: Values, window?: Window): string {
  if (!isTagged) return wordHits(words, values, window ?? null);
  const tagged = withTags(words, wantedTags(filter, isOpenOnly(filter, sort)));
  return all([wordHits(tagged, values, window ?? null), ...[...sizes.keys()].map((unit) => ofUnit(values.add(unit)))]);
}

function numberHits(prefix: string, values: Values): string {
  return `k.number between ${values.add(prefix.padEnd(15, '0'))} and ${values.add(prefix.padEnd(15, '9'))}`;
}

import type { Db } from '../../db/query.ts';
import { listCategoryCodes } from './list-filter.ts';
import { searchPage, type Hits } from './page-by-words.ts';
import { casePage, type Known, type PageKey, type Wanted } from './page-of-cases.ts';
import { fewUnits, mostParts, sizeOfSubtree, type SubtreeSize } from './reader.ts';
import { run, Values } from './sql-parts.ts';
import { numberPrefix, wordQuery, type WordQuery } from './words-rules.ts';
import { newestDay, wordHits } from './words-sql.ts';

/**
 * The keys of a page of cases, in their order. Whichever way is short for what is asked: the open cases in the order of their deadlines, all cases from the
 * newest back, a few units' own, or the finds of the words, window of time by window of time.
 */
export async function findPage(db: Db, wanted: Wanted): Promise<PageKey[]> {
  const { filter, sort } = wanted;
  const hits = filter.q === undefined ? undefined : hitsOf(filter.q);
  if (hits === null) return [];
  const known = await lookUp(db, wanted);
  if (hits === undefined) return run(db, casePage(wanted, known));
  if ('number' in hits) return run(db, searchPage(wanted, known, hits, null));
  if (hasFewParts(known)) return run(db, searchPage(wanted, known, hits, null));
  return sort === 'due' ? searchByDeadline(db, wanted, known, hits) : searchBack(db, wanted, known, hits);
}

/** What a query looks for; null when it can find nothing. */
function hitsOf(q: string): Hits | null {
  const number = numberPrefix(q);
  if (number !== null) return { number };
  const words = wordQuery(q);
  return words && { words };
}

async function lookUp(db: Db, { filter, reader }: Wanted): Promise<Known> {
  const sizes = new Map<string, SubtreeSize>();
  for (const unit of [reader.unitId, filter.unitId]) if (typeof unit === 'string') sizes.set(unit, await sizeOfSubtree(db, unit));
  return { sizes, categoryCodes: filter.category === undefined ? null : await listCategoryCodes(db, filter.category) };
}

/** So few that all of their finds can be gathered. */
function hasFewParts({ sizes }: Known): boolean {
  return [...sizes.values()].some(({ units, parts }) => units <= fewUnits && parts < mostParts);
}

/** Of so many finds in the last days on, about one case in 150, the open cases are looked through in their order. */
const commonFrom = 700;
const sampleDays = 16;
/** Nearly all open cases are younger; those that are older are looked at one by one. */
const youngDays = 96;

async function searchByDeadline(db: Db, wanted: Wanted, known: Known, hits: { readonly words: WordQuery }): Promise<PageKey[]> {
  const last = newestDay(null, wanted.now);
  const values = new Values();
  const sample = `select count(*) as count from case_words w where ${wordHits(hits.words, values, { first: last - sampleDays, last })}`;
  const [sampled] = await run<{ count: number }>(db, { text: sample, values: values.list });
  if ((sampled?.count ?? 0) >= commonFrom || wanted.filter.box === 'decide') return run(db, casePage(wanted, known, hits.words));
  const first = last - youngDays;
  const [young, old] = await Promise.all([run<PageKey>(db, searchPage(wanted, known, hits, { first, last })), run<PageKey>(db, casePage(wanted, known, hits.words, first))]);
  return [...young, ...old].sort(byDeadline).slice(0, wanted.limit);
}

/** As PostgreSQL has them in order: its texts of moments sort like the moments, `infinity` last. */
function byDeadline(one: PageKey, other: PageKey): number {
  const [a, b] = [one, other].map(({ dueKey, id }) => `${dueKey ?? ''} ${id}`) as [string, string];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Days of the first window; how much larger the next one is at the most, and how much more than what is expected to fill the page. */
const [firstDays, growth, reserve] = [2, 7, 2];
/** Beyond so many days everything older is one window. */
const mostDays = 700;

/** From the newest back, a window of time after the other, each as large as those before say is needed for the rest of the page. */
async function searchBack(db: Db, wanted: Wanted, known: Known, hits: { readonly words: WordQuery }): Promise<PageKey[]> {
  const { limit, after, now } = wanted;
  const found: PageKey[] = [];
  let last = newestDay(after?.id ?? null, now);
  const begin = last;
  for (let days = firstDays; found.length < limit;) {
    const first = days > mostDays ? null : last - days + 1;
    found.push(...await run<PageKey>(db, searchPage({ ...wanted, limit: limit - found.length }, known, hits, { first, last })));
    if (first === null) break;
    last = first - 1;
    const needed = reserve * (limit - found.length) * (begin - last) / found.length; // Infinity when nothing was found yet
    days = Math.ceil(Math.min(days * growth, needed));
  }
  return found;
}

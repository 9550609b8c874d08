import type { Db } from '../../db/query.ts';
import { listCategoryCodes, type ListFilter } from './list-filter.ts';
import { searchPage, type Hits } from './page-by-words.ts';
import { casePage, type Known, type PageKey, type Wanted } from './page-of-cases.ts';
import { mostParts, sizeOfSubtree, type SubtreeSize } from './reader.ts';
import { run, Values } from './sql-parts.ts';
import { numberPrefix, wordQuery, type WordQuery } from './words-rules.ts';
import { newestDay, wordHits, type Window } from './words-sql.ts';

/**
 * The keys of a page of cases, in their order. Whichever way is short for what is asked: the open cases in the order of their deadlines, all cases from the
 * newest back, a few units' own, or the finds of the words, window of time by window of time.
 */
export async function findPage(db: Db, wanted: Wanted): Promise<PageKey[]> {
  const { filter, sort, limit } = wanted;
  const hits = filter.q === undefined ? undefined : hitsOf(filter.q);
  if (hits === null) return [];
  const known = await lookUp(db, wanted);
  if (hits === undefined) return run(db, casePage(wanted, known));
  if ('number' in hits) return run(db, searchPage(wanted, known, hits, null));
  if (hasFewParts(filter, known)) return run(db, casePage(wanted, known, hits.words));
  if (sort === 'due') return run(db, await isCommon(db, hits.words, wanted.now) ? casePage(wanted, known, hits.words) : searchPage(wanted, known, hits, null));
  const found: PageKey[] = [];
  for (const window of windowsOf(wanted)) {
    if (found.length >= limit) break;
    found.push(...await run<PageKey>(db, searchPage({ ...wanted, limit: limit - found.length }, known, hits, window)));
  }
  return found;
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

/** So few that each of their cases can be looked at. */
function hasFewParts({ box }: ListFilter, { sizes }: Known): boolean {
  return box === undefined && [...sizes.values()].some(({ parts }) => parts < mostParts);
}

/** Of so many finds in the last days on, the open cases are looked through in their order; else the finds are put in order. */
const commonFrom = 100;
const sampleDays = 16;

async function isCommon(db: Db, words: WordQuery, now: Date): Promise<boolean> {
  const values = new Values();
  const last = newestDay(null, now);
  const text = `select count(*) as count from case_words w where ${wordHits(words, values, { first: last - sampleDays, last })}`;
  return ((await run<{ count: number }>(db, { text, values: values.list }))[0]?.count ?? 0) >= commonFrom;
}

/** Days. Each window is some seven times the one before: the one that fills a page holds few finds more than that. Then everything older. */
const windowDays = [2, 14, 96];

function windowsOf({ after, now }: Wanted): (Window | null)[] {
  let last = newestDay(after?.id ?? null, now);
  const windows: (Window | null)[] = [];
  for (const days of windowDays) {
    windows.push({ first: last - days + 1, last });
    last -= days;
  }
  return [...windows, { first: null, last }];
}

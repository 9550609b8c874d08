import { queryOne, type Db } from '../../db/query.ts';
import { daysTo, listCategoryCodes, writtenWithinDays } from './list-filter.ts';
import { searchPage, type Hits } from './page-by-words.ts';
import { casePage, isOpenOnly, type Known, type PageKey, type Wanted } from './page-of-cases.ts';
import { mostParts, sizeOfSubtree } from './reader.ts';
import { run } from './sql-parts.ts';
import { areAllTagged } from './retag-queries.ts';
import { dayOf, firstIdOf, lastId, numberPrefix, wordQuery, type WordQuery } from './words-rules.ts';

/**
 * The keys of a page of cases, in their order. Whichever way is short for what is asked: the open cases in the order of their deadlines, all cases from the
 * newest back, a few units' own, or the finds of the words, window of time by window of time.
 */
export async function findPage(db: Db, wanted: Wanted): Promise<PageKey[]> {
  const { filter, sort } = wanted;
  const hits = filter.q === undefined ? undefined : hitsOf(filter.q);
  if (hits === null) return [];
  const known = await lookUp(db, wanted);
  if (hits === undefined) return filter.to === undefined || sort === 'due' ? run(db, casePage(wanted, known)) : pageBefore(db, wanted, known);
  if ('number' in hits || hasFewParts(known)) return (await searchPage(db, wanted, known, { hits })).keys;
  if (sort === 'newest') return searchBack(db, wanted, known, hits);
  return isOpenOnly(filter, sort) && known.isTagged ? searchOpen(db, wanted, known, hits) : run(db, casePage(wanted, known, hits.words));
}

/** The newest of those opened before a moment. Nearly all were written down when they were opened, and so are behind its id. */
async function pageBefore(db: Db, wanted: Wanted, known: Known): Promise<PageKey[]> {
  const found = await Promise.all((['soon', 'late'] as const).map((written) => run<PageKey>(db, casePage({ ...wanted, written }, known))));
  const keys = new Map(found.flat().map((key) => [key.id, key]));
  return [...keys.values()].sort((one, other) => (one.id < other.id ? 1 : -1)).slice(0, wanted.limit);
}

/** What a query looks for; null when it can find nothing. */
function hitsOf(q: string): Hits | null {
  const number = numberPrefix(q);
  if (number !== null) return { number };
  const words = wordQuery(q);
  return words && { words };
}

async function lookUp(db: Db, { filter, reader }: Wanted): Promise<Known> {
  const units = [...new Set([reader.unitId, filter.unitId])].filter((unit) => typeof unit === 'string');
  const [isTagged, categoryCodes, sizes] = await Promise.all([
    filter.q === undefined || areAllTagged(db), filter.category === undefined ? null : listCategoryCodes(db, filter.category),
    Promise.all(units.map(async (unit) => [unit, await sizeOfSubtree(db, unit)] as const)),
  ]);
  return { isTagged, categoryCodes, sizes: new Map(sizes) };
}

/** So few that all of their finds can be gathered. */
function hasFewParts({ sizes, isTagged }: Known): boolean {
  return isTagged && [...sizes.values()].some(({ parts }) => parts < mostParts);
}

/** Of so many finds, one open case in ten, the open cases are looked through in their order instead. */
const commonFrom = 2_000;

async function searchOpen(db: Db, wanted: Wanted, known: Known, hits: { readonly words: WordQuery }): Promise<PageKey[]> {
  const found = await searchPage(db, wanted, known, { hits, most: commonFrom });
  return found.hits < commonFrom ? found.keys : run(db, casePage(wanted, known, hits.words));
}

/** Days of the first window; how much larger than expected to fill the page the next ones are; how many finds may be gathered at once. */
const [firstDays, reserve, mostHits] = [2, 2, 4_000];
/** With nothing found yet the next window is so many times what was looked through: in the first minutes of a day that does not mean that the words are rare. */
const emptyGrowth = 16;
/** Beyond so many days everything older is one window. */
const mostDays = 700;

/** The day of the newest case that can be on the page; undefined without any. */
async function newestDay(db: Db, { after, filter: { to } }: Wanted): Promise<number | undefined> {
  const bounds = [after?.id, to && firstIdOf(daysTo(to) + writtenWithinDays)].filter((bound) => typeof bound === 'string');
  const newest = await queryOne<{ id: string }>(db, 'select id from cases where id < $1 order by id desc limit 1', [bounds.sort()[0] ?? lastId]);
  return newest && dayOf(newest.id);
}

/** From the newest back, a window of time after the other, each as large as those before say is needed for the rest of the page. */
async function searchBack(db: Db, wanted: Wanted, known: Known, hits: { readonly words: WordQuery }): Promise<PageKey[]> {
  const { limit, filter: { from } } = wanted;
  const keys: PageKey[] = [];
  const oldest = from === undefined ? -Infinity : Math.floor(daysTo(from)) - 1;
  const begin = await newestDay(db, wanted);
  if (begin === undefined) return [];
  let [last, gathered] = [begin, 0];
  for (let days = firstDays; keys.length < limit && last >= oldest;) {
    const first = days > mostDays ? null : last - days + 1;
    const found = await searchPage(db, { ...wanted, limit: limit - keys.length }, known, { hits, window: { first, last } });
    keys.push(...found.keys);
    if (first === null) break;
    last = first - 1;
    gathered += found.hits;
    const needed = keys.length === 0 ? emptyGrowth : reserve * (limit - keys.length) / keys.length;
    days = Math.ceil(Math.min(needed, Math.max(mostHits, limit) / gathered) * (begin - last));
  }
  return keys;
}

import { all, type Values } from './sql-parts.ts';
import { tagsOf, type WordQuery } from './words-rules.ts';

/** Days from 1970 (UTC), both in it; `first` null: everything before. */
export type Window = { readonly first: number | null; readonly last: number };

/** What the index of `case_words` (`w`) is asked for. */
export function wordHits({ all: wanted, anyOf }: WordQuery, values: Values, window: Window | null): string {
  const [first, last] = [window?.first ?? null, window?.last ?? 0];
  return all([
    `w.words @> ${values.add(wanted)}`,
    ...anyOf.map((words) => `w.words && ${values.add(words)}`),
    first !== null && `w.words && ${values.add(tagsOf(first, last))}`,
  ]);
}

/** The query, and of each group of tags one. */
export function withTags({ all: wanted, anyOf }: WordQuery, groups: readonly (readonly string[])[]): WordQuery {
  const [single, several] = [groups.filter((group) => group.length === 1), groups.filter((group) => group.length !== 1)];
  return { all: [...wanted, ...single.flat()], anyOf: [...anyOf, ...several] };
}

/**
 * Cases of the unit and of those below it have its tag. Those of a unit that came below it and whose cases are not tagged anew yet have the tag of
 * that unit at least: both count, and the row tells. In the statement itself, so that units and tags are of one moment.
 */
export function ofUnit(unit: string): string {
  return `w.words && array(select '#' || ${unit}::text union all select '#' || r.unit_id from unit_retags r join unit_ancestors a on a.unit_id = r.unit_id where a.ancestor_id = ${unit}::uuid)`;
}

/** The same of one case at a time. */
export function hasWords(words: WordQuery, values: Values): string {
  return `(select ${wordHits(words, values, null)} from case_words w where w.case_id = k.id)`;
}

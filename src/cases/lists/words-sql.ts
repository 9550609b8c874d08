import { all, type Values } from './sql-parts.ts';
import { dayOf, tagsOf, type WordQuery } from './words-rules.ts';

/** Days from 1970 (UTC), both in it; `first` null: everything before. */
export type Window = { readonly first: number | null; readonly last: number };

/** What the index of `case_words` (`w`) is asked for. */
export function wordHits({ all: wanted, anyOf }: WordQuery, values: Values, window: Window | null): string {
  const [first, last] = [window?.first ?? null, window?.last ?? 0];
  return all([
    `w.words @> ${values.add(wanted)}`,
    ...anyOf.map((pairs) => `w.words && ${values.add(pairs)}`),
    first !== null && `w.words && ${values.add(tagsOf(first, last))}`,
  ]);
}

/** The same of one case at a time. */
export function hasWords(words: WordQuery, values: Values): string {
  return `(select ${wordHits(words, values, null)} from case_words w where w.case_id = k.id)`;
}

/** A unit with a part in a case, now or before, is among its words by this. */
export function unitTagSql(unitId: string): string {
  return `'#' || ${unitId}`;
}

/** The day of the newest case that can follow, newest first: tomorrow, for clocks differ, or the one of `beforeId`. */
export function newestDay(beforeId: string | null, now: Date): number {
  return beforeId === null ? Math.floor(now.getTime() / 86_400_000) + 1 : dayOf(beforeId);
}

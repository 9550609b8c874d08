/*
 * Full-text search without an extension of PostgreSQL. A text is cut into its Chinese pairs of letters (夜间施工 → 夜间 间施 施工), its single
 * Chinese letters, and its Latin words and short numbers whole; full-width letters count as half-width ones, capitals as small ones.
 * Telephone, identity and other long numbers are left out, and so is the citizen's name: nobody is found by what they are called.
 */

/** Seven digits and more, however they are written: a telephone number, an identity card, a bank account. Also spoken ones (一三八…). */
const longNumber = /[\d〇零一二三四五六七八九幺两](?:[\s\-–—·.,()]?[\d〇零一二三四五六七八九幺两]){6,}x?/gu;
const runs = /\p{Script=Han}+|[\p{L}\p{N}]+?(?=\p{Script=Han}|[^\p{L}\p{N}]|$)/gu;
const isHan = /^\p{Script=Han}/u;
/** Days from 1970 (UTC) whose cases share a tag, beside the day's own. */
const blockDays = 32;

function normalize(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function runsOf(text: string): string[] {
  return normalize(text).replace(longNumber, ' ').match(runs) ?? [];
}

/** Everything by which a text can be found. */
export function termsOf(text: string): Set<string> {
  const terms = new Set<string>();
  for (const run of runsOf(text)) {
    if (!isHan.test(run)) {
      terms.add(run);
      continue;
    }
    const letters = [...run];
    for (const [index, letter] of letters.entries()) {
      terms.add(letter);
      const next = letters[index + 1];
      if (next !== undefined) terms.add(letter + next);
    }
  }
  return terms;
}

/** The words of a case: of its texts, which may name the citizen, and when it was opened. */
export function wordsOf(caseId: string, texts: readonly (string | null)[], citizenName: string | null): string[] {
  const terms = new Set<string>([dayTag(dayOf(caseId)), blockTag(dayOf(caseId))]);
  // A single letter is no name that could be told from any other letter.
  const name = citizenName === null ? '' : normalize(citizenName).trim();
  for (const text of texts) {
    if (text === null) continue;
    const cleaned = [...name].length > 1 ? normalize(text).replaceAll(name, ' ') : text;
    for (const term of termsOf(cleaned)) terms.add(term);
  }
  return [...terms];
}

/**
 * What a text must have to be found: all of `all`, and one of each of `anyOf`. Every letter of the query must stand in a pair of the query that
 * the text has, so 噪声扰民 (噪声 声扰 扰民) finds 噪声严重扰民, which has not all three pairs, and 扰民噪声, but neither 噪声 alone nor 扰民 alone.
 */
export type WordQuery = { readonly all: readonly string[]; readonly anyOf: readonly (readonly string[])[] };

/** Null when no text can be found by it: there are only signs in it, or a long number, which no text is kept with. */
export function wordQuery(text: string): WordQuery | null {
  if (normalize(text).search(longNumber) >= 0) return null;
  const all = new Set<string>();
  const anyOf = new Map<string, string[]>();
  for (const run of runsOf(text)) {
    const letters = isHan.test(run) ? [...run] : [];
    if (letters.length < 2) {
      all.add(run);
      continue;
    }
    const pairs = letters.slice(1).map((letter, index) => (letters[index] ?? '') + letter);
    all.add(pairs[0] ?? run).add(pairs.at(-1) ?? run);
    for (const [index, pair] of pairs.slice(1).entries()) {
      const before = pairs[index] ?? pair;
      anyOf.set(before + pair, [before, pair]);
    }
  }
  if (all.size === 0) return null;
  return { all: [...all], anyOf: [...anyOf.values()].filter((pairs) => !pairs.some((pair) => all.has(pair))) };
}

/** Whether a text is found; what the index does, for tests and for lists in memory. */
export function isFound(words: ReadonlySet<string>, { all, anyOf }: WordQuery): boolean {
  return all.every((word) => words.has(word)) && anyOf.every((pairs) => pairs.some((pair) => words.has(pair)));
}

/** What begins like a case's number (20261125-000123, also without the hyphen) asks for that, not for words; null for other queries. */
export function numberPrefix(text: string): string | null {
  const [, day, rest] = /^(20\d{6})(?:[-–—\s]?(\d{1,6}))?$/.exec(normalize(text).trim()) ?? [];
  return day === undefined ? null : rest === undefined ? `${day}-` : `${day}-${rest}`;
}

/** Days from 1970 (UTC) to when an id was made, which is in its first 48 bits (UUID version 7, RFC 9562). */
export function dayOf(id: string): number {
  return Math.floor(parseInt(id.slice(0, 8) + id.slice(9, 13), 16) / 86_400_000);
}

/** The lowest id of a day, or of a moment in it: days may have fractions. */
export function firstIdOf(day: number): string {
  const hex = Math.max(0, Math.floor(day * 86_400_000)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** Behind every id. */
export const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const dayTag = (day: number): string => `@${day}`;
const blockTag = (day: number): string => `@@${Math.floor(day / blockDays)}`;

/** Tags of which every case opened on the days from `first` to `last` has one; few of them, so a little more than these days. */
export function tagsOf(first: number, last: number): string[] {
  const days = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return [...new Set(days.length <= blockDays ? days.map(dayTag) : days.map(blockTag))];
}

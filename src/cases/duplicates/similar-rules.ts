/** What of a case is compared: the words of where, and of what. */
export type Told = { readonly place: ReadonlySet<string>; readonly matter: ReadonlySet<string> };
export type Beside = { readonly isSameNumber: boolean; /** Between when the two were opened. */ readonly daysApart: number };
export const reasons = ['number', 'place', 'words', 'days'] as const;
export type Likeness = { readonly score: number; readonly reasons: readonly (typeof reasons)[number][] };

/** How much each counts; a citizen who calls again about the same thing has the first, neighbours have the others. */
const [numberPart, placePart, wordsPart] = [0.4, 0.3, 0.3];
/** After so many days a matter that sounds the same is likelier another one; half of it is left then. */
const fadeDays = 60;
const [samePlace, sameWords, sameDays] = [0.6, 0.25, 2];

/** From 0, nothing in common, to 1, the same words of the same place on the same day from the same number. */
export function likeness(one: Told, other: Told, { isSameNumber, daysApart }: Beside): Likeness {
  const [place, words] = [overlap(one.place, other.place), overlap(one.matter, other.matter)];
  const fresh = 1 - Math.min(daysApart, fadeDays) / (2 * fadeDays);
  return {
    score: (numberPart * (isSameNumber ? 1 : 0) + placePart * place + wordsPart * words) * fresh,
    reasons: reasons.filter((reason) => ({ number: isSameNumber, place: place >= samePlace, words: words >= sameWords, days: daysApart <= sameDays })[reason]),
  };
}

/** What two have in common of all that either has. Source: P. Jaccard, 1901. */
function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const common = [...one].filter((word) => other.has(word)).length;
  const all = one.size + other.size - common;
  return all === 0 ? 0 : common / all;
}

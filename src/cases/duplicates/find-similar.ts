import type { Db } from '../../db/query.ts';
import { atOnce } from '../../db/transaction.ts';
import { Values } from '../lists/sql-parts.ts';
import { termsOf, wordQuery } from '../lists/words-rules.ts';
import { wordHits } from '../lists/words-sql.ts';
import { likeness, type Likeness, type Told } from './similar-rules.ts';
import { listOfSameKind, listOfSameNumber, listOfSameWords, type Candidate } from './queries.ts';

export type Typed = { readonly caseId: string; readonly place: string | null; readonly cause: string | null; readonly course: string | null; readonly categoryCode: string | null; readonly districtCode: string | null };
export type Similar = Candidate & Likeness;

const dayMs = 86_400_000;
/** A number that calls again is looked for longer than a matter that sounds alike. */
const [numberDays, matterDays] = [90, 30];
const [leastScore, most] = [0.15, 10];

/** The open and lately closed cases most like what was typed so far, the likest first. Confidential ones are never among them, nor counted. */
export async function findSimilar(db: Db, typed: Typed, now: Date): Promise<Similar[]> {
  const since = (days: number): Date => new Date(now.getTime() - days * dayMs);
  const place = typed.place === null ? null : wordQuery(typed.place);
  const values = new Values();
  const [ofNumber, ofKind, ofPlace] = await atOnce(
    listOfSameNumber(db, typed.caseId, since(numberDays)), listOfSameKind(db, typed, since(matterDays)),
    place ? listOfSameWords(db, typed.caseId, { hits: wordHits(place, values, null), values }, since(matterDays)) : Promise.resolve([]),
  );
  const candidates = new Map([...ofKind, ...ofPlace, ...ofNumber].map((one) => [one.id, one]));
  const told = toldOf(typed);
  return [...candidates.values()].map((one) => ({ ...one, ...likeness(told, toldOf(one), { isSameNumber: one.isSameNumber, daysApart: Math.abs(now.getTime() - one.openedAt.getTime()) / dayMs }) }))
    .filter((one) => one.score >= leastScore).sort((one, other) => other.score - one.score || (one.id < other.id ? 1 : -1)).slice(0, most);
}

/** Single letters say little: pairs, and words that are not Chinese. */
function toldOf({ place, cause, course }: Pick<Typed, 'place' | 'cause' | 'course'>): Told {
  const words = (...texts: (string | null)[]): Set<string> => new Set(texts.flatMap((text) => (text === null ? [] : [...termsOf(text)])).filter((term) => [...term].length > 1));
  return { place: words(place), matter: words(cause, course) };
}

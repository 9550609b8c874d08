import { execute, query, type Tx } from '../../db/query.ts';
import type { Case } from '../case.ts';
import { identityColumns, identityOf } from '../identity/queries.ts';
import { wordsOf } from './words-rules.ts';

/** What a citizen or an office said or wrote, by which a case is found. */
const searchedTexts = ['occurredText', 'place', 'cause', 'course', 'answer', 'declinedReason', 'referredTo'] as const satisfies readonly (keyof Case)[];
type Texts = Pick<Case, 'id' | (typeof searchedTexts)[number]>;

type Said = { readonly one: Texts; readonly citizenName: string | null };

/**
 * Writes a case's words when its texts or its citizen's name, which no text is to be found by, are others now. One statement, for `sendAlong`, behind
 * that which writes the case: its tags are those of its row.
 */
export function keepWords(tx: Tx, before: Said, after: Said): Promise<unknown> | undefined {
  const isSame = before.citizenName === after.citizenName && searchedTexts.every((name) => before.one[name] === after.one[name]);
  if (isSame) return undefined;
  return execute(tx, 'insert into case_words (case_id, words) values ($1, $2::text[] || case_tags($1)) on conflict (case_id) do update set words = excluded.words', [after.one.id, wordsOfCase(after)]);
}

export function wordsOfCase({ one, citizenName }: Said): string[] {
  return wordsOf(one.id, searchedTexts.map((name) => one[name]), citizenName);
}

const columns = searchedTexts.map((name) => `k.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`).join(', ');

/** Whether there is anything to find it by. */
export function hasTexts(one: Texts): boolean {
  return searchedTexts.some((name) => one[name] !== null);
}

/** Cases behind `afterId` in the order of their ids, with what is needed for their words. */
export async function listTexts(tx: Tx, afterId: string | null, limit: number): Promise<(Texts & { citizenName: string | null })[]> {
  const rows = await query<Texts & Parameters<typeof identityOf>[1]>(tx, `select k.id, ${columns}, ${identityColumns} from cases k join case_identities i on i.case_id = k.id
    where $1::uuid is null or k.id > $1 order by k.id limit $2`, [afterId, limit]);
  return rows.map((row) => ({ ...row, citizenName: identityOf(row.id, row).citizenName }));
}

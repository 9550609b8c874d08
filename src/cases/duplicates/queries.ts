import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';
import { findIdentity } from '../identity/queries.ts';
import { vault } from '../identity/vault.ts';
import { all as both, type Values } from '../lists/sql-parts.ts';

export type Candidate = { readonly id: string; readonly number: string; readonly state: string; readonly openedAt: Date; readonly place: string | null; readonly cause: string | null; readonly course: string | null; readonly isSameNumber: boolean };
const columns = 'k.id, k.number, k.state, k.opened_at, k.place, k.cause, k.course';
/** Of each kind; the newest. */
const most = 200;
const isOpenMatter = `not k.is_confidential and k.merged_into_id is null and k.state not in ('draft','declined','archived')`;

/** Cases of the same number since then. */
export async function listOfSameNumber(db: Db, caseId: string, since: Date): Promise<Candidate[]> {
  const phone = (await findIdentity(db, caseId))?.phone;
  if (!phone) return [];
  return query(db, `select ${columns}, true as is_same_number from case_identities other join cases k on k.id = other.case_id
    where other.phone_index = any($2) and other.case_id <> $1 and k.opened_at >= $3 and ${isOpenMatter} order by k.id desc limit ${most}`, [caseId, vault().indexesOf(phone), since]);
}

/** Cases of the same category in the same district since then. */
export async function listOfSameKind(db: Db, kind: { readonly caseId: string; readonly categoryCode: string | null; readonly districtCode: string | null }, since: Date): Promise<Candidate[]> {
  return query(db, `select ${columns}, false as is_same_number from cases k where k.id <> $1 and k.category_code = $2 and k.district_code = $3 and k.opened_at >= $4 and ${isOpenMatter} order by k.id desc limit ${most}`,
    [kind.caseId, kind.categoryCode, kind.districtCode, since]);
}

/** Cases that have what `hits` asks of their words (`w`), since then. */
export async function listOfSameWords(db: Db, caseId: string, { hits, values }: { readonly hits: string; readonly values: Values }, since: Date): Promise<Candidate[]> {
  const where = both([hits, `k.id <> ${values.add(caseId)}`, `k.opened_at >= ${values.add(since)}`, isOpenMatter]);
  return query(db, `select ${columns}, false as is_same_number from case_words w join cases k on k.id = w.case_id where ${where} order by k.id desc limit ${most}`, values.list);
}

export async function insertLink(tx: Tx, caseId: string, otherId: string, by: { readonly at: Date; readonly userId: string | null }): Promise<boolean> {
  const [first, second] = [caseId, otherId].sort();
  return (await execute(tx, 'insert into case_links (case_id, other_id, at, user_id) values ($1, $2, $3, $4) on conflict do nothing', [first, second, by.at, by.userId])) > 0;
}

export type Related = { readonly id: string; readonly number: string; readonly state: string; readonly isConfidential: boolean; readonly how: 'linked' | 'merged_here' | 'merged_into'; readonly openedAt: Date };

/** What stands beside a case: linked ones, those that were merged into it, and the one it was merged into. */
export async function listRelated(db: Db, caseId: string): Promise<Related[]> {
  return query(db, `select k.id, k.number, k.state, k.is_confidential, r.how, k.opened_at from (
      select case when case_id = $1 then other_id else case_id end as id, 'linked' as how from case_links where case_id = $1 or other_id = $1
      union all select id, 'merged_here' from cases where merged_into_id = $1
      union all select merged_into_id, 'merged_into' from cases where id = $1 and merged_into_id is not null) r join cases k on k.id = r.id order by r.how, k.id`, [caseId]);
}

/** The case that others are merged into, if nobody holds it: whoever holds it may be on the way to this one. */
export async function lockMain(tx: Tx, caseId: string): Promise<{ readonly state: string; readonly isConfidential: boolean; readonly aboutUnitId: string | null; readonly mergedIntoId: string | null; readonly number: string } | undefined> {
  return queryOne(tx, 'select state, is_confidential, about_unit_id, merged_into_id, number from cases where id = $1 for update skip locked', [caseId]);
}

/** Those merged into the one go with it into the other. */
export async function moveMerged(tx: Tx, fromId: string, toId: string): Promise<void> {
  await execute(tx, 'update cases set merged_into_id = $2 where merged_into_id = $1', [fromId, toId]);
}

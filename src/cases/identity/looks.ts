import type pg from 'pg';
import type { Actor } from '../../auth/actor.ts';
import type { RequestTrace } from '../../auth/audit.ts';
import { execute, query, queryOne, type Db } from '../../db/query.ts';
import { atOnce, sendAlong, transaction } from '../../db/transaction.ts';
import { chainStart, followChain, linkHash, type Linked } from '../../hash-chain.ts';

/** What of a citizen somebody saw. */
export type Shown = 'number' | 'name';
type Look = { readonly at: Date; readonly userId: string | null; readonly tokenId: string | null; readonly caseId: string; readonly reason: string; readonly shown: readonly Shown[]; readonly requestId: string | null };
export type LookRow = Look & Linked & { readonly id: number };

/** What the hash of a look is made of. */
export function lookFields({ at, userId, tokenId, caseId, reason, shown, requestId }: Look): readonly unknown[] {
  return [at.toISOString(), userId, tokenId, caseId, reason, [...shown], requestId];
}

type Seen = { readonly caseId: string; readonly reason: string; readonly number: string | null; readonly name: string | null };

/** Writes down, for good, that somebody is about to see who the citizen of a case is, and why. A look at nothing is no look. */
export async function noteLook(pool: pg.Pool, actor: Actor | null, trace: RequestTrace | null, { caseId, reason, number, name }: Seen, at: Date): Promise<void> {
  const shown: Shown[] = [...(number === null ? [] : ['number' as const]), ...(name === null ? [] : ['name' as const])];
  if (shown.length === 0) return;
  const look: Look = { at, userId: actor?.kind === 'user' ? actor.userId : null, tokenId: actor?.kind === 'token' ? actor.tokenId : null, caseId, reason, shown, requestId: trace?.id ?? null };
  await transaction(pool, async (tx) => {
    // One after the other: each follows from the one before.
    const [, last] = await atOnce(execute(tx, 'select pg_advisory_xact_lock(12350)'), queryOne<{ hash: Buffer }>(tx, 'select hash from identity_looks order by id desc limit 1'));
    const previousHash = last?.hash ?? chainStart;
    sendAlong(tx, execute(tx, 'insert into identity_looks (at, user_id, token_id, case_id, reason, shown, request_id, previous_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      [look.at, look.userId, look.tokenId, caseId, reason, shown, look.requestId, previousHash, linkHash(previousHash, lookFields(look))]));
  });
}

const columns = 'id, at, user_id, token_id, case_id, reason, shown, request_id, previous_hash, hash';

export type LookFilter = { readonly userId?: string | undefined; readonly caseId?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined };
export type ListedLook = LookRow & { readonly login: string | null; readonly caseNumber: string };

/** Newest first. */
export async function listLooks(db: Db, { userId, caseId, from, to }: LookFilter, beforeId: number, limit: number): Promise<ListedLook[]> {
  return query(db, `select ${columns.split(', ').map((name) => `l.${name}`).join(', ')}, u.login, k.number as case_number from identity_looks l join cases k on k.id = l.case_id left join users u on u.id = l.user_id
    where l.id < $1 and ($2::uuid is null or l.user_id = $2) and ($3::uuid is null or l.case_id = $3) and ($4::timestamptz is null or l.at >= $4) and ($5::timestamptz is null or l.at < $5) order by l.id desc limit $6`,
  [beforeId, userId, caseId, from, to, limit]);
}

const batch = 5_000;
export type ChainCheck = { readonly isWhole: boolean; readonly count: number; /** The row that does not follow from the one before. */ readonly brokenId: number | null; readonly lastHash: string };

/** Reads all looks. Rows cut off at the end show by `count` and `lastHash`, which an auditor writes down elsewhere. */
export async function checkLooks(db: Db): Promise<ChainCheck> {
  let [last, count, afterId] = [chainStart, 0, 0];
  for (;;) {
    const rows = await query<LookRow>(db, `select ${columns} from identity_looks where id > $1 order by id limit ${batch}`, [afterId]);
    const followed = followChain(last, rows, lookFields);
    if ('broken' in followed) return { isWhole: false, count, brokenId: followed.broken.id, lastHash: last.toString('hex') };
    [last, count, afterId] = [followed.last, count + rows.length, rows.at(-1)?.id ?? afterId];
    if (rows.length < batch) return { isWhole: true, count, brokenId: null, lastHash: last.toString('hex') };
  }
}

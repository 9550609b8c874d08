import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';

/** A move whose cases are to be tagged anew. `unitId` null: all cases; `movedBy` tells a later move of the unit from this one. */
export type Retag = { readonly unitId: string | null; readonly movedBy: string; readonly afterId: string | null };

/** Whether no case waits for its first tags: then whatever a search is limited to may be looked for among the words. */
export async function areAllTagged(db: Db): Promise<boolean> {
  return (await queryOne(db, 'select from unit_retags where unit_id is null')) === undefined;
}

/** From now on whoever writes sees the new tree; those who began before are waited for. */
export async function noteMoves(db: Db): Promise<void> {
  const moves = await query<Retag>(db, 'select unit_id, moved_by from unit_retags where wait_until is null');
  for (const { unitId, movedBy } of moves) {
    await execute(db, 'update unit_retags set wait_until = pg_snapshot_xmax(pg_current_snapshot()) where unit_id is not distinct from $1 and moved_by = $2 and wait_until is null', [unitId, movedBy]);
  }
}

/** One that can be worked on. */
export async function findRetag(db: Db): Promise<Retag | undefined> {
  return queryOne(db, 'select unit_id, moved_by, after_id from unit_retags where wait_until <= pg_snapshot_xmin(pg_current_snapshot()) order by unit_id nulls first limit 1');
}

/** The next cases in the order of their ids in which the unit or one below it has or had a part. */
export async function listCasesToRetag(db: Db, { unitId, afterId }: Retag, limit: number): Promise<string[]> {
  const rows = unitId === null ? await query<{ caseId: string }>(db, 'select case_id from case_words where $1::uuid is null or case_id > $1 order by case_id limit $2', [afterId, limit])
    : await query<{ caseId: string }>(db, `select distinct p.case_id from unit_ancestors a cross join lateral (
        select case_id from case_units where unit_id = a.unit_id and ($2::uuid is null or case_id > $2) order by case_id limit $3) p where a.ancestor_id = $1 order by p.case_id limit $3`, [unitId, afterId, limit]);
  return rows.map((row) => row.caseId);
}

/** Of these cases those that nobody holds; held from now on. */
export async function holdFree(tx: Tx, caseIds: readonly string[]): Promise<string[]> {
  return (await query<{ id: string }>(tx, 'select id from cases where id = any($1) for no key update skip locked', [caseIds])).map((row) => row.id);
}

/** Waits for whoever holds it. */
export async function hold(tx: Tx, caseId: string): Promise<void> {
  await execute(tx, 'select id from cases where id = $1 for no key update', [caseId]);
}

/** The tags of these cases, which are held, become what their rows say now. */
export async function retag(tx: Tx, caseIds: readonly string[]): Promise<void> {
  await execute(tx, 'select keep_case_tags(id) from unnest($1::uuid[]) as c (id)', [caseIds]);
}

export async function noteProgressOf(db: Db, { unitId, movedBy }: Retag, afterId: string): Promise<void> {
  await execute(db, 'update unit_retags set after_id = $3 where unit_id is not distinct from $1 and moved_by = $2', [unitId, movedBy, afterId]);
}

export async function endRetag(db: Db, { unitId, movedBy }: Retag): Promise<void> {
  await execute(db, 'delete from unit_retags where unit_id is not distinct from $1 and moved_by = $2', [unitId, movedBy]);
}

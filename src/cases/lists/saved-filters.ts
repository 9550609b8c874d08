import { execute, query, queryOne, type Db } from '../../db/query.ts';

export type SavedFilter = {
  readonly id: string;
  readonly userId: string;
  readonly ownerName: string;
  readonly name: string;
  readonly filter: Record<string, unknown>;
  readonly isShared: boolean;
  readonly updatedAt: Date;
  readonly version: number;
};
type Kept = Pick<SavedFilter, 'id' | 'name' | 'filter' | 'isShared'> & { readonly userId: string; readonly at: Date };

/** Those of this person, and what colleagues of the same unit share; people of no unit are the hotline's own and colleagues of each other. */
export async function listFilters(db: Db, userId: string): Promise<SavedFilter[]> {
  return query(db, `select f.id, f.user_id, o.display_name as owner_name, f.name, f.filter, f.is_shared, f.updated_at, f.version
    from case_filters f join users o on o.id = f.user_id join users me on me.id = $1
    where f.user_id = $1 or (f.is_shared and o.unit_id is not distinct from me.unit_id) order by f.name, f.id limit 500`, [userId]);
}

export async function findOwnFilter(db: Db, id: string, userId: string): Promise<{ version: number } | undefined> {
  return queryOne(db, 'select version from case_filters where id = $1 and user_id = $2', [id, userId]);
}

/** How many a person has. */
export async function countFilters(db: Db, userId: string): Promise<number> {
  return (await queryOne<{ count: number }>(db, 'select count(*) as count from case_filters where user_id = $1', [userId]))?.count ?? 0;
}

/** False when this person has one of that name. */
export async function insertFilter(db: Db, { id, userId, name, filter, isShared, at }: Kept): Promise<boolean> {
  return (await execute(db, `insert into case_filters (id, user_id, name, filter, is_shared, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6)
    on conflict (user_id, name) do nothing`, [id, userId, name, JSON.stringify(filter), isShared, at])) === 1;
}

/** False when somebody changed it since that version, or another one of this person has the name. */
export async function saveFilter(db: Db, { id, userId, name, filter, isShared, at }: Kept, version: number): Promise<boolean> {
  return (await execute(db, `update case_filters f set name = $3, filter = $4, is_shared = $5, updated_at = $6, version = version + 1
    where id = $1 and user_id = $2 and version = $7 and not exists (select from case_filters o where o.user_id = $2 and o.name = $3 and o.id <> $1)`,
    [id, userId, name, JSON.stringify(filter), isShared, at, version])) === 1;
}

export async function deleteFilter(db: Db, id: string, userId: string): Promise<boolean> {
  return (await execute(db, 'delete from case_filters where id = $1 and user_id = $2', [id, userId])) === 1;
}

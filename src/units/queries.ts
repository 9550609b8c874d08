import { execute, query, queryOne, type Db, type Tx } from '../db/query.ts';
import type { Unit, UnitFields } from './unit.ts';

/** Whether one unit stands below the other, or is it. */
export async function isWithin(db: Db, unitId: string, ancestorId: string): Promise<boolean> {
  return (await queryOne(db, 'select 1 from unit_ancestors where unit_id = $1 and ancestor_id = $2', [unitId, ancestorId])) !== undefined;
}

/** The unit above, if it is open and is neither `aboutUnitId` nor below that one. */
export async function findParent(db: Db, unitId: string, aboutUnitId: string | null): Promise<string | undefined> {
  return (await queryOne<{ id: string }>(db, `select p.id from units u join units p on p.id = u.parent_id and p.closed_at is null
    where u.id = $1 and not exists (select from unit_ancestors a where a.unit_id = p.id and a.ancestor_id = $2)`, [unitId, aboutUnitId]))?.id;
}

/** Of these units those that are open, with how many steps each is below the other unit, if it is. */
export async function findOpenUnits(db: Db, unitIds: readonly string[], below: string | null): Promise<{ readonly id: string; readonly depth: number | null }[]> {
  return query(db, `select u.id, a.depth from units u left join unit_ancestors a on a.unit_id = u.id and a.ancestor_id = $2 where u.id = any($1) and u.closed_at is null`, [unitIds, below]);
}

const columns = 'id, code, name_zh, name_en, kind, parent_id, district_code, position, phones, liaisons, opened_at, closed_at, version';

export async function findUnit(db: Db, unitId: string): Promise<Unit | undefined> {
  return queryOne(db, `select ${columns} from units where id = $1`, [unitId]);
}

/** Not against what refers to the unit: a case that names it may be waited for by who closes it. */
export async function lockUnit(tx: Tx, unitId: string): Promise<Unit | undefined> {
  return queryOne(tx, `select ${columns} from units where id = $1 for no key update`, [unitId]);
}

export type UnitRow = Unit & { readonly childCount: number; readonly openCases: number };
type Wanted = { readonly parentId: string | null; readonly isTop: boolean; readonly text: string | null; readonly withClosed: boolean; readonly after: readonly [position: number, code: string] | null; readonly limit: number };

/** In the order of the tree's level: position, then code. `text`: in the name, or how the code begins. */
export async function listUnits(db: Db, { parentId, isTop, text, withClosed, after, limit }: Wanted): Promise<UnitRow[]> {
  const like = text === null ? null : text.replaceAll(/[\\%_]/g, String.raw`\$&`);
  return query(db, `select ${columns}, (select count(*) from units c where c.parent_id = u.id and c.closed_at is null) as child_count,
      (select count(*) from case_units p where p.unit_id = u.id and p.ended_at is null) as open_cases
    from units u where ($1::uuid is null or parent_id = $1) and (not $2 or parent_id is null) and ($3::text is null or name_zh like '%' || $3 || '%' or code ilike $3 || '%')
      and ($4 or closed_at is null) and ($5::int is null or (position, code) > ($5, $6)) order by position, code limit $7`,
  [parentId, isTop, like, withClosed, after?.[0] ?? null, after?.[1] ?? '', limit]);
}

/** From the top down to the unit itself. */
export async function listPath(db: Db, unitId: string): Promise<{ readonly id: string; readonly code: string; readonly nameZh: string }[]> {
  return query(db, 'select u.id, u.code, u.name_zh from unit_ancestors a join units u on u.id = a.ancestor_id where a.unit_id = $1 order by a.depth desc', [unitId]);
}

export async function insertUnit(tx: Tx, one: Unit): Promise<boolean> {
  const inserted = await execute(tx, `insert into units (id, code, name_zh, name_en, kind, parent_id, district_code, position, phones, liaisons, opened_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    on conflict (code) do nothing`, [one.id, one.code, one.nameZh, one.nameEn, one.kind, one.parentId, one.districtCode, one.position, JSON.stringify(one.phones), JSON.stringify(one.liaisons), one.openedAt]);
  if (inserted > 0) await addAncestors(tx, [one.id]);
  return inserted > 0;
}

/** Rows of units that are in no place of the tree yet, whose parents are. */
async function addAncestors(tx: Tx, unitIds: readonly string[]): Promise<void> {
  await execute(tx, `insert into unit_ancestors (unit_id, ancestor_id, depth) select u.id, u.id, 0 from units u where u.id = any($1)
    union all select u.id, a.ancestor_id, a.depth + 1 from units u join unit_ancestors a on a.unit_id = u.parent_id where u.id = any($1)`, [unitIds]);
}

export async function saveUnit(tx: Tx, unitId: string, one: UnitFields): Promise<void> {
  await execute(tx, `update units set code = $2, name_zh = $3, name_en = $4, kind = $5, district_code = $6, position = $7, phones = $8, liaisons = $9, version = version + 1 where id = $1`,
    [unitId, one.code, one.nameZh, one.nameEn, one.kind, one.districtCode, one.position, JSON.stringify(one.phones), JSON.stringify(one.liaisons)]);
}

/** The unit with all below it goes under another one; the rows of who stands above whom follow. */
export async function saveParent(tx: Tx, unitId: string, parentId: string | null): Promise<void> {
  await execute(tx, 'update units set parent_id = $2, version = version + 1 where id = $1', [unitId, parentId]);
  await execute(tx, `delete from unit_ancestors d using unit_ancestors s where s.ancestor_id = $1 and d.unit_id = s.unit_id
    and d.ancestor_id in (select ancestor_id from unit_ancestors where unit_id = $1 and depth > 0)`, [unitId]);
  await execute(tx, `insert into unit_ancestors (unit_id, ancestor_id, depth) select s.unit_id, a.ancestor_id, s.depth + a.depth + 1 from unit_ancestors s, unit_ancestors a
    where s.ancestor_id = $1 and a.unit_id = $2`, [unitId, parentId]);
}

export async function closeUnit(tx: Tx, unitId: string, at: Date): Promise<void> {
  await execute(tx, 'update units set closed_at = $2, version = version + 1 where id = $1', [unitId, at]);
}

/** Changes of the tree take turns: two moves at once could put each below the other. The tree comes before any unit and any case. */
export async function lockTree(tx: Tx): Promise<void> {
  await execute(tx, 'select pg_advisory_xact_lock(12353)');
}

/** Nothing moves or closes before the transaction ends, for whoever gives a unit a case by where it stands: before the case is locked, as `lockTree`. */
export async function holdTree(tx: Tx): Promise<void> {
  await execute(tx, 'select pg_advisory_xact_lock_shared(12353)');
}

export async function countOpenChildren(db: Db, unitId: string): Promise<number> {
  return (await queryOne<{ count: number }>(db, 'select count(*) from units where parent_id = $1 and closed_at is null', [unitId]))?.count ?? 0;
}

/** Every number by which any unit is known: its phones, its liaison staff, and whoever was ever on duty. */
export async function listNumbersOfUnits(db: Db): Promise<string[]> {
  return (await query<{ number: string }>(db, `select p->>'number' as number from units u, jsonb_array_elements(u.phones) p
    union select l->>'phone' from units u, jsonb_array_elements(u.liaisons) l union select phone from unit_duties where phone is not null`)).map((row) => row.number);
}

/** Cases that are under way at the unit itself, in the order in which they are locked. */
export async function listOpenCases(db: Db, unitId: string): Promise<string[]> {
  return (await query<{ caseId: string }>(db, 'select case_id from case_units where unit_id = $1 and ended_at is null order by case_id', [unitId])).map((row) => row.caseId);
}

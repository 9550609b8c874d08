import { v7 as uuid } from 'uuid';
import { execute, query, type Db, type Tx } from '../db/query.ts';
import type { Present, UnitLine } from './import-rules.ts';
import { keepFromOwnComplaints } from './own-complaints.ts';
import { lockTree } from './queries.ts';

export async function readPresent(db: Db): Promise<Present> {
  const districts = await query<{ code: string }>(db, 'select code from districts');
  const units = await query<{ code: string; parentCode: string | null; isClosed: boolean }>(db, 'select u.code, p.code as parent_code, u.closed_at is not null as is_closed from units u left join units p on p.id = u.parent_id');
  return {
    districts: new Set(districts.map((one) => one.code)), parents: new Map(units.filter((one) => !one.isClosed).map((one) => [one.code, one.parentCode])),
    closed: new Set(units.filter((one) => one.isClosed).map((one) => one.code)),
  };
}

export type Imported = { readonly created: number; readonly changed: number; readonly unchanged: number };

/** Puts lines without faults into the tree, new ones and changed ones, in a few statements however many there are. @throws AppError for units that would come to stand below one that their cases complain about. */
export async function importUnits(tx: Tx, lines: readonly UnitLine[], at: Date): Promise<Imported> {
  await lockTree(tx);
  return keepFromOwnComplaints(tx, () => writeLines(tx, lines, at));
}

async function writeLines(tx: Tx, lines: readonly UnitLine[], at: Date): Promise<Imported> {
  const rows = JSON.stringify(lines.map((line) => ({ id: uuid(), code: line.code, name_zh: line.nameZh, name_en: line.nameEn, kind: line.kind, district_code: line.districtCode, position: line.position,
    phones: line.phones, liaisons: line.liaisons, parent_code: line.parentCode })));
  const columns = '(id uuid, code text, name_zh text, name_en text, kind text, district_code text, position int, phones jsonb, liaisons jsonb, parent_code text)';
  const created = await query<{ code: string }>(tx, `insert into units (id, code, name_zh, name_en, kind, district_code, position, phones, liaisons, opened_at)
    select id, code, name_zh, name_en, kind, district_code, position, phones, liaisons, $2 from jsonb_to_recordset($1) as l ${columns} on conflict (code) do nothing returning code`, [rows, at]);
  const isNew = 'u.code = any($2)';
  // The place of new ones, and everything of those that were there.
  const changed = await query<{ isNew: boolean }>(tx, `update units u set name_zh = l.name_zh, name_en = l.name_en, kind = l.kind, district_code = l.district_code, position = l.position, phones = l.phones, liaisons = l.liaisons,
      parent_id = p.id, version = u.version + case when ${isNew} then 0 else 1 end
    from jsonb_to_recordset($1) as l ${columns} left join units p on p.code = l.parent_code
    where u.code = l.code and (u.name_zh, u.name_en, u.kind, u.district_code, u.position, u.phones, u.liaisons, u.parent_id)
      is distinct from (l.name_zh, l.name_en, l.kind, l.district_code, l.position, l.phones, l.liaisons, p.id) returning ${isNew} as is_new`, [rows, created.map((one) => one.code)]);
  await rebuildAncestors(tx);
  const changedCount = changed.filter((one) => !one.isNew).length;
  return { created: created.length, changed: changedCount, unchanged: lines.length - created.length - changedCount };
}

/** Who stands above whom, from the units' parents alone. */
export async function rebuildAncestors(tx: Tx): Promise<void> {
  await execute(tx, 'delete from unit_ancestors');
  await execute(tx, `with recursive above as (select id as unit_id, id as ancestor_id, 0 as depth from units
    union all select a.unit_id, u.parent_id, a.depth + 1 from above a join units u on u.id = a.ancestor_id where u.parent_id is not null) insert into unit_ancestors (unit_id, ancestor_id, depth) select unit_id, ancestor_id, depth from above`);
}

/** The tree as lines of a file, each after the one above it. */
export async function listLines(db: Db): Promise<UnitLine[]> {
  return query(db, `select u.code, u.name_zh, u.name_en, u.kind, p.code as parent_code, u.district_code, u.position, u.phones, u.liaisons
    from units u left join units p on p.id = u.parent_id join (select unit_id, max(depth) as depth from unit_ancestors group by unit_id) d on d.unit_id = u.id
    where u.closed_at is null order by d.depth, p.position, p.code, u.position, u.code`);
}

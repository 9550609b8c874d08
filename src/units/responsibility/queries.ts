import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';
import type { Matter, ResponsibilityRule } from './responsibility-rules.ts';

export type RuleVersion = { readonly id: number; readonly createdAt: Date; readonly createdBy: string | null; readonly note: string; readonly publishedAt: Date | null; readonly publishedBy: string | null; readonly ruleCount: number };
const columns = `id, created_at, created_by, note, published_at, published_by, (select count(*) from responsibility_rules r where r.version_id = v.id) as rule_count`;

export async function listVersions(db: Db, before: number, limit: number): Promise<RuleVersion[]> {
  return query(db, `select ${columns} from responsibility_versions v where id < $1 order by id desc limit $2`, [before, limit]);
}

export async function findVersion(db: Db, versionId: number): Promise<RuleVersion | undefined> {
  return queryOne(db, `select ${columns} from responsibility_versions v where id = $1`, [versionId]);
}

/** The version that counts: the one published last. */
export async function findCurrent(db: Db): Promise<Pick<RuleVersion, 'id'> | undefined> {
  return queryOne(db, `select id from responsibility_versions where published_at is not null order by published_at desc, id desc limit 1`);
}

export async function findDraftVersion(db: Db): Promise<RuleVersion | undefined> {
  return queryOne(db, `select ${columns} from responsibility_versions v where published_at is null`);
}

export async function listRulesOf(db: Db, versionId: number): Promise<ResponsibilityRule[]> {
  return query(db, 'select category_code, district_code, unit_id, basis from responsibility_rules where version_id = $1 order by position', [versionId]);
}

/** Of a version the rules that may hold for a matter: a city has thousands. */
export async function listRulesFor(db: Db, versionId: number, { categoryCodes, districtCode }: Matter): Promise<ResponsibilityRule[]> {
  return query(db, `select category_code, district_code, unit_id, basis from responsibility_rules where version_id = $1 and (category_code is null or category_code = any($2))
    and (district_code is null or district_code = $3) order by position`, [versionId, categoryCodes, districtCode]);
}

export async function insertVersion(tx: Tx, { at, userId, note }: { readonly at: Date; readonly userId: string | null; readonly note: string }): Promise<number> {
  const row = await queryOne<{ id: number }>(tx, 'insert into responsibility_versions (created_at, created_by, note) values ($1, $2, $3) returning id', [at, userId, note]);
  if (!row) throw new Error('a version got no number');
  return row.id;
}

export async function replaceRules(tx: Tx, versionId: number, rules: readonly ResponsibilityRule[], note: string): Promise<void> {
  await execute(tx, 'update responsibility_versions set note = $2 where id = $1', [versionId, note]);
  await execute(tx, 'delete from responsibility_rules where version_id = $1', [versionId]);
  await execute(tx, `insert into responsibility_rules (version_id, position, category_code, district_code, unit_id, basis)
    select $1, r.position, r.category_code, r.district_code, r.unit_id, r.basis from jsonb_to_recordset($2) as r (position int, category_code text, district_code text, unit_id uuid, basis text)`,
  [versionId, JSON.stringify(rules.map((rule, position) => ({ position, category_code: rule.categoryCode, district_code: rule.districtCode, unit_id: rule.unitId, basis: rule.basis })))]);
}

export async function publishVersion(tx: Tx, versionId: number, { at, userId }: { readonly at: Date; readonly userId: string | null }): Promise<void> {
  await execute(tx, 'update responsibility_versions set published_at = $2, published_by = $3 where id = $1', [versionId, at, userId]);
}

/** Of the codes those that are in no list of today. */
export async function findUnknown(db: Db, rules: readonly ResponsibilityRule[]): Promise<{ readonly categories: string[]; readonly districts: string[]; readonly units: string[] }> {
  const unknown = async (values: readonly (string | null)[], there: string): Promise<string[]> => {
    const wanted = [...new Set(values.filter((one) => one !== null))];
    return (await query<{ code: string }>(db, `select w.code from unnest($1::text[]) as w (code) where not exists (${there})`, [wanted])).map((row) => row.code);
  };
  return {
    categories: await unknown(rules.map((rule) => rule.categoryCode), 'select from case_categories c where c.code = w.code'),
    districts: await unknown(rules.map((rule) => rule.districtCode), 'select from districts d where d.code = w.code'),
    units: await unknown(rules.map((rule) => rule.unitId), 'select from units u where u.id::text = w.code and u.closed_at is null'),
  };
}

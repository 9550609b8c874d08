import { execute, query, type Tx } from '../../db/query.ts';
import { importUnits } from '../import-units.ts';
import { insertVersion, publishVersion, replaceRules } from '../responsibility/queries.ts';
import type { ResponsibilityRule } from '../responsibility/responsibility-rules.ts';
import { demoCategories, demoDistricts, demoResponsibilities, demoUnits } from './demo-city.ts';

/** The invented city in an empty database. Gives the units' ids by their codes. */
export async function seedDemoCity(tx: Tx, at: Date): Promise<ReadonlyMap<string, string>> {
  for (const [position, [code, parentCode, nameZh, nameEn]] of demoCategories.entries()) {
    await execute(tx, 'insert into case_categories (code, parent_code, name_zh, name_en, position) values ($1, $2, $3, $4, $5) on conflict (code) do nothing', [code, parentCode, nameZh, nameEn, 10 + position]);
  }
  await importUnits(tx, demoUnits(), at);
  const ids = new Map((await query<{ code: string; id: string }>(tx, 'select code, id from units')).map((unit) => [unit.code, unit.id]));
  const versionId = await insertVersion(tx, { at, userId: null, note: '演示城市' });
  const rules = demoResponsibilities.flatMap(({ category, unit, district }): ResponsibilityRule[] => [
    ...rule(ids, category, null, unit), ...(district === undefined ? [] : demoDistricts.flatMap((one) => rule(ids, category, one.code, `${one.unit}-${district}`))),
  ]);
  await replaceRules(tx, versionId, rules, '演示城市');
  await publishVersion(tx, versionId, { at, userId: null });
  return ids;
}

function rule(ids: ReadonlyMap<string, string>, categoryCode: string, districtCode: string | null, unitCode: string): ResponsibilityRule[] {
  const unitId = ids.get(unitCode);
  return unitId === undefined ? [] : [{ categoryCode, districtCode, unitId, basis: '云州市派单目录（演示）' }];
}

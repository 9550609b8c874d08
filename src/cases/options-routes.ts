import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { query } from '../db/query.ts';
import type { App } from '../http/app-type.ts';
import { NullableString } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';

const names = { nameZh: Type.String(), nameEn: Type.String() };
const Option = Type.Object({ code: Type.String(), ...names });
const CaseOptions = Type.Object({
  types: Type.Array(Option), urgencies: Type.Array(Option), emergencies: Type.Array(Option),
  districts: Type.Array(Option), categories: Type.Array(Type.Object({ code: Type.String(), parentCode: NullableString, ...names })),
});
type CategoryRow = { code: string; parentCode: string | null; nameZh: string; nameEn: string };

const option = (code: string, nameZh: string, nameEn: string) => ({ code, nameZh, nameEn });
const types = [
  option('inquiry', '咨询', 'Inquiry'), option('help', '求助', 'Help'), option('suggestion', '建议', 'Suggestion'),
  option('complaint', '投诉', 'Complaint'), option('report', '举报', 'Report of wrongdoing'), option('praise', '表扬', 'Praise'), option('other', '其他', 'Other'),
];
const urgencies = [
  option('normal', '一般', 'Normal'), option('urgent', '紧急', 'Urgent'), option('life_danger', '危及生命财产', 'Danger to life or property'),
];
const emergencies = [
  option('110', '公安', 'Police'), option('119', '消防', 'Fire'), option('120', '急救', 'Ambulance'), option('122', '交警', 'Traffic police'),
];

/** What may be chosen in a case's form. */
export function registerCaseOptionRoutes(app: App, deps: Deps): void {
  app.get('/api/case-options', {
    config: { permission: 'case.read' }, schema: {
      summary: 'Types, urgencies, districts and categories to choose from',
      tags: ['cases'], response: { 200: CaseOptions, ...problemResponses() },
    },
  }, async () => ({
    types, urgencies, emergencies,
    districts: await query<CategoryRow>(deps.pool, 'select code, name_zh, name_en from districts order by position, code'),
    categories: await query<CategoryRow>(deps.pool, 'select code, parent_code, name_zh, name_en from case_categories order by position, code'),
  }));
}

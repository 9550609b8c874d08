import { Type } from 'typebox';
import { defineKind, itemsOf } from '../kind.ts';
import { names, position } from './fields.ts';

type Category = { readonly parentCode: string | null };
/** So deep a tree is still chosen from in a form. */
const mostLevels = 6;

/** What cases are about: a tree (城市管理 > 噪声). One that cases name stays. */
export const caseCategoryKind = defineKind({
  name: 'case-category', path: 'case-categories', source: 'case_categories', keyField: 'code', keyPattern: '^[a-z0-9][a-z0-9-]{0,63}$',
  body: Type.Object({ parentCode: Type.Union([Type.String({ maxLength: 64 }), Type.Null()], { default: null }), ...names, position }),
  references: ({ parentCode }) => (parentCode === null ? [] : [{ field: 'parentCode', kind: 'case-category', key: parentCode }]),
  check: (category, all, code) => {
    const categories = itemsOf<Category>(all, 'case-category');
    let above: string | null = category.parentCode;
    for (let level = 1; above !== null && above !== code; level += 1) {
      if (level >= mostLevels) return [{ field: 'parentCode', message: `is too deep: ${mostLevels} levels at the most` }];
      above = categories.get(above)?.parentCode ?? null;
    }
    return above === code ? [{ field: 'parentCode', message: 'stands below this one; choose another' }] : [];
  },
});

export const districtKind = defineKind({
  name: 'district', path: 'districts', source: 'districts', keyField: 'code', keyPattern: '^[0-9]{6,12}$',
  body: Type.Object({ ...names, position }),
});

import { Type } from 'typebox';
import { Id } from '../../http/paging.ts';
import { defineKind } from '../kind.ts';
import { Name } from './fields.ts';

/** Hotlines that came together in this one (归并): the number that was dialled stays with the case as its origin. */
export const hotlineNumberKind = defineKind({
  name: 'hotline-number', path: 'hotline-numbers', source: 'hotline_numbers', keyField: 'number', keyPattern: '^[0-9]{3,12}$',
  body: Type.Object({
    nameZh: Name, kind: Type.Enum(['merged', 'parallel', 'sub_centre'], { description: 'Merged into this hotline, kept beside it, or served by a centre of its own' }),
    unitId: Type.Union([Id, Type.Null()], { default: null, description: 'Whose hotline it was, or is' }),
  }),
  references: ({ unitId }) => [{ field: 'unitId', kind: 'unit', key: unitId }],
});

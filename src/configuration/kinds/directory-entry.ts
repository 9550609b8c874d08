import { Type } from 'typebox';
import { countLiveLegsTo } from '../../calls/queries.ts';
import { defineKind, itemsOf } from '../kind.ts';
import { codePattern, names, position } from './fields.ts';

/** Whom an operator may bring into a call by one key. */
export const directoryEntryKind = defineKind({
  name: 'directory-entry', path: 'directory-entries', source: 'directory_entries', keyField: 'code', keyPattern: codePattern,
  body: Type.Object({
    kind: Type.Enum(['emergency', 'unit', 'office', 'community']), ...names, number: Type.String({ pattern: '^[0-9]{3,20}$' }), position,
    keyedCode: Type.Union([Type.String({ pattern: '^[1-9][0-9]{1,5}$' }), Type.Null()], { default: null, description: 'community: what a caller keys to reach it' }),
  }),
  check: (entry, all, code) => {
    if (entry.keyedCode === null) return [];
    if (entry.kind !== 'community') return [{ field: 'keyedCode', message: 'is for communities; leave it out' }];
    const other = [...itemsOf<typeof entry>(all, 'directory-entry')].find(([key, one]) => key !== code && one.keyedCode === entry.keyedCode);
    return other ? [{ field: 'keyedCode', message: `is that of ${other[0]} already; choose another` }] : [];
  },
  isRequired: (_, code) => ['110', '119', '120', '122'].includes(code),
  findUses: async (tx, code) => {
    const legs = await countLiveLegsTo(tx, code);
    return legs > 0 ? [`${legs} live calls`] : [];
  },
});

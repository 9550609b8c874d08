import { Type } from 'typebox';
import { countLiveLegsTo } from '../../calls/queries.ts';
import { defineKind } from '../kind.ts';
import { codePattern, names, position } from './fields.ts';

/** Whom an operator may bring into a call by one key. */
export const directoryEntryKind = defineKind({
  name: 'directory-entry', path: 'directory-entries', source: 'directory_entries', keyField: 'code', keyPattern: codePattern,
  body: Type.Object({ kind: Type.Enum(['emergency', 'unit', 'office']), ...names, number: Type.String({ pattern: '^[0-9]{3,20}$' }), position }),
  isRequired: (_, code) => ['110', '119', '120', '122'].includes(code),
  findUses: async (tx, code) => {
    const legs = await countLiveLegsTo(tx, code);
    return legs > 0 ? [`${legs} live calls`] : [];
  },
});

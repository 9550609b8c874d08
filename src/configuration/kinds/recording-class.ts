import { Type } from 'typebox';
import { caseTypes } from '../../cases/case.ts';
import { countRecordingsOfClass } from '../../recordings/queries.ts';
import { defineKind } from '../kind.ts';
import { codePattern, names } from './fields.ts';

/** How long recordings are kept: of the classes a call's case falls under, the longest. A change counts for recordings that are there already. */
export const recordingClassKind = defineKind({
  name: 'recording-class', path: 'recording-classes', source: 'recording_classes', keyField: 'code', keyPattern: codePattern,
  body: Type.Object({
    ...names,
    keepDays: Type.Integer({ minimum: 30, maximum: 36_500, description: 'Days from the start of the recording' }),
    caseTypes: Type.Array(Type.Enum([...caseTypes]), { default: [], uniqueItems: true, description: 'Types of cases it is for' }),
    isForConfidential: Type.Boolean({ default: false }),
  }),
  isRequired: (_, code) => code === 'ordinary',
  findUses: async (tx, code) => {
    const count = await countRecordingsOfClass(tx, code);
    return count > 0 ? [`${count} recordings that were given this class`] : [];
  },
});

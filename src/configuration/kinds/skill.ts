import { Type } from 'typebox';
import { uuidPattern } from '../../http/paging.ts';
import { defineKind } from '../kind.ts';
import { Code, codePattern, names, position } from './fields.ts';

/** What operators can do beyond the ordinary. */
export const skillKind = defineKind({
  name: 'skill', path: 'skills', source: 'skills', keyField: 'code', keyPattern: codePattern, body: Type.Object({ ...names, position }),
});

const Level = Type.Object({ skillCode: Code, level: Type.Integer({ minimum: 1, maximum: 5 }) }, { additionalProperties: false });

/** Which operator has which skills, and how well. */
export const operatorSkillsKind = defineKind({
  name: 'operator-skills', path: 'operator-skills', source: 'operator_skills', keyField: 'operatorId', keyPattern: uuidPattern.source,
  body: Type.Object({ skills: Type.Array(Level, { maxItems: 50 }) }),
  references: ({ skills }) => skills.map((skill, index) => ({ field: `skills/${index}/skillCode`, kind: 'skill', key: skill.skillCode })),
  check: ({ skills }, all, operatorId) => [
    ...(all.get('operator')?.has(operatorId) ? [] : [{ field: 'operatorId', message: 'is no account; take the id from /api/users' }]),
    ...(new Set(skills.map((skill) => skill.skillCode)).size < skills.length ? [{ field: 'skills', message: 'names a skill twice; give one level for each' }] : []),
  ],
});

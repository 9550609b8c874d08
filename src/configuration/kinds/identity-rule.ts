import { Type } from 'typebox';
import { defineKind } from '../kind.ts';

/** What units see of the citizen, by the type of case: nothing unless told here. A report of wrongdoing has no rule, and a confidential case follows none. */
export const identityRuleKind = defineKind({
  name: 'identity-rule', path: 'identity-rules', source: 'identity_rules', keyField: 'type', keyPattern: '^(inquiry|help|suggestion|complaint|praise|other)$',
  body: Type.Object({ isNumberShown: Type.Boolean({ description: 'true: who works on the case sees the number, and each look is written down' }) }),
});

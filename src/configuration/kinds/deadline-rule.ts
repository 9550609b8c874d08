import { Type } from 'typebox';
import { defineKind, itemsOf } from '../kind.ts';
import { codePattern, Name, position } from './fields.ts';

const amount = (description: string) => Type.Number({ exclusiveMinimum: 0, maximum: 9_999, description });
const condition = (values: readonly string[], description: string) => Type.Union([Type.Enum([...values]), Type.Null()], { default: null, description });

/** How long cases may take: by position the first rule whose conditions all hold. A rule that changes counts for clocks that begin after it. */
export const deadlineRuleKind = defineKind({
  name: 'deadline-rule', path: 'deadline-rules', source: 'deadline_rules', keyField: 'code', keyPattern: codePattern,
  body: Type.Object({
    nameZh: Name, position,
    type: condition(['inquiry', 'help', 'suggestion', 'complaint', 'report', 'praise', 'other'], 'null: whatever the type'),
    urgency: condition(['normal', 'urgent', 'life_danger'], 'null: however urgent'),
    flag: condition(['supervised', 'complex', 'rework'], 'null: whether or not'),
    categoryCode: Type.Union([Type.String({ maxLength: 64 }), Type.Null()], { default: null, description: 'This category or one below it' }),
    unit: Type.Enum(['workdays', 'hours']),
    amount: amount('From dispatch'), signAmount: amount('From arrival at the unit to its signature'), contactAmount: amount('From there until it speaks with the citizen'),
  }),
  // Something must hold for every case.
  isRequired: ({ type, urgency, flag, categoryCode }) => type === null && urgency === null && flag === null && categoryCode === null,
  check: (rule, all, code) => {
    const rules = [...itemsOf<typeof rule>(all, 'deadline-rule')];
    const last = rules.toSorted(([oneCode, one], [otherCode, other]) => one.position - other.position || (oneCode < otherCode ? -1 : 1)).at(-1);
    const amounts = ['amount', 'signAmount', 'contactAmount'] as const;
    return [
      ...(rule.unit === 'workdays' ? amounts.filter((field) => !Number.isInteger(rule[field])).map((field) => ({ field, message: 'must be whole working days' })) : []),
      ...(last?.[0] === code && [rule.type, rule.urgency, rule.flag, rule.categoryCode].some((one) => one !== null) ? [{ field: 'position', message: 'the last rule must have no conditions: put it before the one for all cases' }] : []),
    ];
  },
  references: ({ categoryCode }) => (categoryCode === null ? [] : [{ field: 'categoryCode', kind: 'case-category', key: categoryCode }]),
});

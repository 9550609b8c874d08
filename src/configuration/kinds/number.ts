import { Type } from 'typebox';
import { defineKind } from '../kind.ts';
import { Code, NullableCode } from './fields.ts';
import { findSilent, promptPattern } from './prompt.ts';

/** What citizens dial, and where it leads. */
export const numberKind = defineKind({
  name: 'number', path: 'numbers', source: 'numbers', keyField: 'number', keyPattern: '^\\+?[0-9]{2,20}$',
  body: Type.Object({
    queueId: Code,
    greetingPrompts: Type.Array(Type.String({ pattern: promptPattern }), { maxItems: 10, default: ['recording-notice', 'greeting'] }),
    menuId: NullableCode,
    priority: Type.Integer({ minimum: 0, maximum: 9, default: 0, description: 'Higher first; among equals who came first' }),
  }),
  references: (number) => [
    { field: 'queueId', kind: 'queue', key: number.queueId }, { field: 'menuId', kind: 'menu', key: number.menuId },
    ...number.greetingPrompts.map((key, index) => ({ field: `greetingPrompts/${index}`, kind: 'prompt', key })),
  ],
  check: (number, all) => findSilent('greetingPrompts', number.greetingPrompts, all),
});

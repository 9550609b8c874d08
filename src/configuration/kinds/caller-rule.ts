import { Type } from 'typebox';
import { NullableInstant } from '../../http/paging.ts';
import { defineKind, itemsOf } from '../kind.ts';

/** Callers who are treated apart: blocked until a date, or put before the others. One number has one treatment. */
export const callerRuleKind = defineKind({
  name: 'caller-rule', path: 'caller-rules', source: 'caller_rules', keyField: 'number', keyPattern: '^[0-9]{3,20}$',
  body: Type.Object({
    treatment: Type.Enum(['blocked', 'urgent']), reason: Type.String({ minLength: 1, maxLength: 500 }),
    endsAt: Type.Union(NullableInstant.anyOf, { default: null, description: 'Until when; a block must end' }),
  }),
  check: ({ treatment, endsAt }, all, number) => [
    ...(treatment === 'blocked' && endsAt === null ? [{ field: 'endsAt', message: 'is missing; a block must end' }] : []),
    ...(treatment === 'blocked' && [...itemsOf<{ number: string }>(all, 'directory-entry').values()].some((entry) => entry.number === number)
      ? [{ field: 'number', message: 'stands in the directory; who is there is not blocked' }] : []),
  ],
});

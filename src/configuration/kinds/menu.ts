import { Type, type Static } from 'typebox';
import { checkMenu, menuReferences, promptsOf, type MenuItem } from '../../ivr/menu-rules.ts';
import { defineKind, itemsOf } from '../kind.ts';
import { Code, codePattern, names } from './fields.ts';
import { findSilent, promptPattern } from './prompt.ts';

const strict = { additionalProperties: false } as const;
const Prompt = Type.String({ pattern: promptPattern });
const Language = Type.Enum(['zh', 'en']);
const Queue = Type.Object({
  type: Type.Literal('queue'),
  queueId: Type.Optional(Type.String({ pattern: codePattern, description: 'The queue of the called number when left out' })),
  skillCodes: Type.Optional(Type.Array(Code, { maxItems: 10, description: 'Only operators with all of these are offered the call' })),
  language: Type.Optional(Language),
  priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 9 })),
}, strict);
const Directory = Type.Object({ type: Type.Literal('directory'), code: Code }, { ...strict, description: 'Straight to that phone, without an operator' });
const Action = Type.Union([
  Queue, Directory,
  Type.Object({ type: Type.Literal('menu'), menuId: Code, language: Type.Optional(Language) }, strict),
  Type.Object({ type: Type.Literal('message'), prompts: Type.Array(Prompt, { minItems: 1, maxItems: 10 }) }, strict),
  Type.Object({ type: Type.Literal('callback') }, { ...strict, description: 'A callback that keeps the place; an operator where the number cannot be called' }),
  Type.Object({ type: Type.Literal('repeat') }, strict),
  Type.Object({ type: Type.Literal('end') }, strict),
]);

const Body = Type.Object({
  kind: Type.Enum(['choice', 'community', 'progress', 'masked'], { description: 'masked: a unit’s phone keys number and code of a case, and is put through to its citizen' }),
  ...names,
  prompts: Type.Array(Prompt, { minItems: 1, maxItems: 10 }),
  toldPrompts: Type.Array(Prompt, { maxItems: 10, default: [], description: 'progress: heard once the state was told; names the options' }),
  options: Type.Array(Type.Object({ key: Type.String({ pattern: '^[0-9*#]$' }), action: Action }, strict), { maxItems: 12, default: [] }),
  timeoutSec: Type.Integer({ minimum: 2, maximum: 30, default: 5, description: 'How long the caller may think after the prompt, and between two keys' }),
  tries: Type.Integer({ minimum: 1, maximum: 5, default: 3, description: 'After so many times without a key, or with a wrong one, `otherwise` holds' }),
  otherwise: Type.Union([Queue, Directory], { default: { type: 'queue' } }),
});

/** What callers may choose by keys; shallow by rule. */
export const menuKind = defineKind({
  name: 'menu', path: 'menus', source: 'menus', keyField: 'id', keyPattern: codePattern, body: Body,
  references: (menu: Static<typeof Body>) => menuReferences(menu as MenuItem),
  check: (menu, all, id) => [
    ...checkMenu(id, menu as MenuItem, itemsOf<MenuItem>(all, 'menu')),
    ...promptsOf(menu as MenuItem).flatMap(({ field, key }) => findSilent(field, [key], all)),
  ],
});

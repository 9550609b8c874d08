import { Type, type Static } from 'typebox';
import { defineKind, itemsOf, type Configuration } from '../kind.ts';

export const promptPattern = '^[a-z0-9][a-z0-9-]{0,63}$';
const Body = Type.Object({ text: Type.String({ maxLength: 1_000, default: '', description: 'What is said; spoken by the set-up for the service’s own prompts, else for whoever records it' }) });
type PromptItem = Static<typeof Body> & { readonly isSpoken: boolean; readonly recordingSha256: string | null };

/** What callers hear, by key: a text that the set-up speaks, or a recording that was uploaded and wins over it. */
export const promptKind = defineKind({
  name: 'prompt', path: 'prompts', source: 'prompts', keyField: 'key', keyPattern: promptPattern, body: Body,
  fixed: { isSpoken: Type.Boolean({ default: false }), recordingSha256: Type.Union([Type.String(), Type.Null()], { default: null }) },
  checkEdit: (before, after) => (before['isSpoken'] === true && before['text'] !== after['text']
    ? [{ field: 'text', message: 'is spoken by the set-up, from asterisk-conf/prompts.csv; upload a recording instead' }] : []),
  isRequired: (item) => (item as PromptItem).isSpoken,
});

/** Why a caller would hear nothing. */
export function findSilent(field: string, keys: readonly string[], all: Configuration): { field: string; message: string }[] {
  const prompts = itemsOf<PromptItem>(all, 'prompt');
  return keys.filter((key) => prompts.get(key)?.isSpoken === false && prompts.get(key)?.recordingSha256 === null)
    .map((key) => ({ field, message: `the prompt ${key} has no recording; upload one first, or take another prompt` }));
}

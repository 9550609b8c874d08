import type { ListFilter } from './list-filter.ts';

/*
 * Tags among a case's words, for what searches are limited to most; no word of a text begins with their signs. What a case has is said once, by
 * `case_tags` of migrations/0037_case_tags.sql: # the units with a part and all above them, = its stage, ! its type, ^ its district.
 */

/** Ended at the desk, ended after a unit's work, or neither. */
function stageOf(state: string): 'open' | 'direct' | 'done' {
  if (['answered', 'declined', 'handed_over'].includes(state)) return 'direct';
  return ['closed', 'archived'].includes(state) ? 'done' : 'open';
}

/** Of each group a case that fits the filter has one; more is asked of it in its row. */
export function wantedTags({ state, type, district }: ListFilter, isOpen: boolean): string[][] {
  const stages = isOpen ? ['=open'] : state === undefined ? [] : [...new Set(state.map((one) => `=${stageOf(one)}`))];
  return [stages, type?.map((one) => `!${one}`) ?? [], district === undefined ? [] : [`^${district}`]].filter((group) => group.length > 0);
}

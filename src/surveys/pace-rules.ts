import type { SurveyRules } from './survey.ts';

/** `live`: legs on the trunk now, whoever they belong to; `surveys`: those of them that are surveys of ours. */
export type Lines = { readonly live: number; readonly surveys: number };

/** Lines that may be taken now: `maxLines` at the most, and never one of those that are left to whoever calls. */
export function freeLines({ maxLines, trunkLines, reservedLines }: Pick<SurveyRules, 'maxLines' | 'trunkLines' | 'reservedLines'>, { live, surveys }: Lines): number {
  return Math.max(0, Math.min(maxLines - surveys, trunkLines - reservedLines - live));
}

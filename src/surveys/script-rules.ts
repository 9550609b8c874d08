import { chinaTime } from '../calendar/opening-rules.ts';
import { numberPrompts } from '../calls/waiting/position-rules.ts';
import type { Script } from '../ivr/script.ts';
import { openQuestions } from './answer-rules.ts';
import type { Question } from './survey.ts';

/** What of a case may be told to who pressed 1. */
export type Matter = { readonly isConfidential: boolean; readonly type: string | null; readonly openedAt: Date };
type Asked = { readonly questions: readonly Question[]; readonly isCampaign: boolean; readonly queueId: string | null; readonly personPriority: number };

/** Questions that were answered before, in a call that broke off, are not asked again. */
export function scriptOf({ questions, isCampaign, queueId, personPriority }: Asked, matter: Matter, answered: readonly string[]): Script {
  return {
    purpose: isCampaign ? 'campaign' : 'survey',
    opening: isCampaign ? { prompts: ['campaign-opening'], matter: [] } : { prompts: ['survey-opening'], matter: matterPrompts(matter) },
    questions: openQuestions(questions, answered).map(({ code, kind, prompts, options, maxSec }) => ({ code, kind, prompts, maxSec, keys: Object.fromEntries(options.map(({ key, value }) => [key, value])) })),
    closing: ['survey-thanks'], refused: ['survey-goodbye'], personQueueId: isCampaign ? null : queueId, personPriority,
  };
}

/** When it was reported and what kind it is; of a confidential case nothing at all. */
function matterPrompts({ isConfidential, type, openedAt }: Matter): string[] {
  if (isConfidential || type === 'report') return [];
  const [, month = 1, day = 1] = chinaTime(openedAt).day.split('-').map(Number);
  return ['survey-matter-before', ...numberPrompts(month), 'date-month', ...numberPrompts(day), 'date-day', `survey-matter-${type ?? 'other'}`];
}

import type { Deps } from '../deps.ts';
import { openSurveys } from './open-surveys.ts';
import { placeSurveys } from './place-surveys.ts';
import { settleSurveys } from './settle-surveys.ts';

/** One round: what came about is settled before lines are given out anew. Alarms and notices only make it come sooner; the rows are enough. */
export async function keepSurveys(deps: Deps): Promise<void> {
  await settleSurveys(deps);
  await openSurveys(deps);
  await placeSurveys(deps);
}

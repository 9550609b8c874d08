import type { Rate } from './rate.ts';
import type { SurveyCounts } from './survey-rates.ts';

/**
 * 回访率 = reached ÷ to be surveyed; 满意率 = (satisfied + basically satisfied) ÷ valid answers; 解决率 = solved ÷ valid answers (GB/T 33358).
 * Adjusted: answers that a granted review (甄别) took back are no valid answers any more; all of them were unhappy ones, so the count above stays.
 */
export function ratesOf(counts: SurveyCounts): Readonly<Record<'reached' | 'satisfied' | 'satisfiedAdjusted' | 'solved' | 'solvedAdjusted', Rate>> {
  return {
    reached: { count: counts.reached, of: counts.toSurvey },
    satisfied: { count: counts.happy, of: counts.rated },
    satisfiedAdjusted: { count: counts.happy, of: counts.rated - counts.excusedRated },
    solved: { count: counts.solved, of: counts.answeredSolved },
    solvedAdjusted: { count: counts.solved, of: counts.answeredSolved - counts.excusedAnsweredSolved },
  };
}

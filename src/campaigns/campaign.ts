import type { CaseType } from '../cases/case.ts';
import type { Question } from '../surveys/survey.ts';
import type { CampaignState } from './campaign-machine.ts';

/** Which cases' citizens may be asked: every part that is given must hold, each by any of its values. */
export type CaseFilter = {
  readonly types?: Exclude<CaseType, 'report'>[];
  /** With the categories below them. */
  readonly categories?: string[];
  readonly districts?: string[];
  /** Units that had a part in it: these and those below them. */
  readonly unitIds?: string[];
  readonly channels?: string[];
  /** Closed at or after, and before; ISO 8601. */
  readonly closedFrom: string;
  readonly closedTo: string;
};

export const quotaAttributes = ['district', 'type', 'category'] as const;
/** At most `most` answers of each cell, or as many as `cells` says for it. */
export type Quota = { readonly by: (typeof quotaAttributes)[number]; readonly most: number; readonly cells: Record<string, number> };

/** What a supervisor decides before the start. */
export type CampaignPlan = {
  readonly name: string;
  readonly questionnaireCode: string;
  readonly questionnaireVersion: number;
  /** As the questionnaire was when the draft was written. */
  readonly questions: readonly Question[];
  readonly filter: CaseFilter;
  readonly sampleSize: number;
  readonly seed: number;
  /** Nobody who was asked anything within so many days. */
  readonly quietDays: number;
  /** Calls of this campaign at once; all surveys share what `survey_rules` gives. */
  readonly maxLines: number;
  readonly quota: Quota | null;
};

/** A poll (民调) among citizens whose matter is closed. */
export type Campaign = CampaignPlan & {
  readonly id: string;
  readonly state: CampaignState;
  readonly endedWhy: 'done' | 'stopped' | null;
  /** Citizens who could have been drawn; null before the start. */
  readonly population: number | null;
  readonly cells: readonly string[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly version: number;
};

/** How many answers of the cell are wanted; null for as many as come. */
export function mostOf(quota: Quota | null, cell: string): number | null {
  return quota && (quota.cells[cell] ?? quota.most);
}

import type { TimeRange } from '../calendar/opening-rules.ts';
import type { SurveyState } from './survey-machine.ts';

/** One citizen who is to be asked: about the result of a case once a round, or for a campaign. */
export type Survey = {
  readonly id: string;
  readonly caseId: string;
  readonly round: number;
  readonly campaignId: string | null;
  /** Whose quota the answers count for; null of a callback survey, '' of a campaign without quotas. */
  readonly cell: string | null;
  readonly state: SurveyState;
  /** Calls that were tried, and of which somebody could have known. */
  readonly tries: number;
  readonly nextTryAt: Date | null;
  readonly callId: string | null;
  /** Who asks by hand. */
  readonly assignedTo: string | null;
  /** What the citizen said beside the questions. */
  readonly words: string | null;
  readonly linkExpiresAt: Date | null;
  readonly endedBy: 'phone' | 'web' | 'person' | 'system' | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  /** When what it means to the case was done. */
  readonly settledAt: Date | null;
  readonly version: number;
};

/** A question as data; its text is what a person reads out and the page shows, `prompts` what the machine plays. */
export type Question = {
  readonly code: string;
  readonly kind: 'choice' | 'scale' | 'voice';
  readonly textZh: string;
  readonly textEn?: string | undefined;
  readonly prompts: readonly string[];
  /** Of a voice: how long it may be, seconds. */
  readonly maxSec?: number | undefined;
  readonly options: readonly { readonly key: string; readonly value: string; readonly textZh: string; readonly textEn?: string | undefined }[];
};

export type Answer = {
  readonly code: string;
  readonly value: string | null;
  readonly by: 'phone' | 'web' | 'person';
  readonly at: Date;
  readonly callId: string | null;
  readonly spokenFrom: Date | null;
  readonly spokenTo: Date | null;
};

/** How citizens are asked; an admin's, see configuration. */
export type SurveyRules = {
  readonly windows: readonly TimeRange[];
  readonly maxLines: number;
  readonly trunkLines: number;
  readonly reservedLines: number;
  readonly maxTries: number;
  readonly linkDays: number;
  readonly queueId: string | null;
  readonly personPriority: number;
};

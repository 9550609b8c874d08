import type { CaseState } from './case-machine.ts';

export const caseTypes = ['inquiry', 'help', 'suggestion', 'complaint', 'report', 'praise', 'other'] as const;
export type CaseType = (typeof caseTypes)[number];

/** The record of the matter; who the citizen is stands apart, in `CaseIdentity`. */
export type Case = {
  readonly id: string;
  readonly number: string;
  readonly state: CaseState;
  readonly callbackReason: 'abandoned' | 'survey' | 'feedback' | null;
  readonly channel: string;
  readonly type: CaseType | null;
  readonly categoryCode: string | null;
  readonly districtCode: string | null;
  readonly urgency: 'normal' | 'urgent' | 'life_danger';
  readonly isConfidential: boolean;
  /** The citizen's words for when, and the moment if it is known. */
  readonly occurredText: string | null;
  readonly occurredAt: Date | null;
  readonly place: string | null;
  readonly cause: string | null;
  readonly course: string | null;
  readonly answer: string | null;
  readonly declinedReason: string | null;
  readonly referredTo: string | null;
  readonly handedTo: string | null;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly updatedAt: Date;
  readonly ownerId: string | null;
  readonly callId: string | null;
  /** The call was answered by a leader on their day (领导接听). */
  readonly isLeaderAnswered: boolean;
  /** Of the hotlines that came together in this one, the number that the citizen dialled. */
  readonly originNumber: string | null;
  readonly version: number;
};

export type CaseIdentity = { readonly citizenName: string | null; readonly phone: string | null; readonly phoneKind: string };

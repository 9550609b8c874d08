import type { Case } from '../case.ts';

export const outcomes = ['solved', 'partly_solved', 'explained', 'adopted', 'not_adopted', 'answered'] as const;
export type Outcome = (typeof outcomes)[number];

/** What a case is after the desk. */
export type CaseLife = {
  /** 拟办意见: what the dispatcher suggests to do. */
  readonly proposal: string | null;
  /** Whom the citizen complains about: the case never reaches that unit or one below it. */
  readonly aboutUnitId: string | null;
  readonly leadUnitId: string | null;
  readonly isSupervised: boolean;
  readonly isComplex: boolean;
  /** The total clock: which rule, since when, yellow from, red from; `stoppedAt` while it stands. */
  readonly deadlineCode: string | null;
  readonly dispatchedAt: Date | null;
  readonly warnAt: Date | null;
  readonly dueAt: Date | null;
  /** How `dueAt` was counted; null for hours and for what people fixed. */
  readonly countedFrom: Date | null;
  readonly countedWorkdays: number | null;
  readonly stoppedAt: Date | null;
  readonly reviewAt: Date | null;
  readonly returnCount: number;
  readonly reworkCount: number;
  readonly outcome: Outcome | null;
  readonly publicReply: string | null;
  readonly explanation: string | null;
  readonly repliedAt: Date | null;
  readonly mergedIntoId: string | null;
  readonly archivedAt: Date | null;
  /** Accepted results so far; the citizen is asked about each once. */
  readonly surveyRound: number;
};
export type CaseRecord = Case & CaseLife;

/** A unit's part in a case, from its arrival there to its end. */
export type Part = {
  readonly id: string;
  readonly caseId: string;
  readonly unitId: string;
  readonly role: 'lead' | 'helper';
  /** Who passed it on; null: the hotline. */
  readonly parentId: string | null;
  readonly arrivedAt: Date;
  readonly signDueAt: Date;
  readonly signedAt: Date | null;
  readonly signedBy: string | null;
  readonly contactDueAt: Date | null;
  readonly contactedAt: Date | null;
  readonly dueAt: Date;
  /** How its deadlines were counted, that of the contact from the signature; null for hours. */
  readonly countedFrom: Date | null;
  readonly signWorkdays: number | null;
  readonly dueWorkdays: number | null;
  readonly contactWorkdays: number | null;
  readonly endedAt: Date | null;
  readonly endedWhy: 'handed_in' | 'returned' | 'recalled' | 'replaced' | 'closed' | null;
};

/** What waits for somebody's decision. */
export type CaseRequest = {
  readonly id: string;
  readonly kind: 'return' | 'extension' | 'suspension' | 'submission' | 'review';
  readonly partId: string | null;
  readonly askedBy: string | null;
  readonly askedAt: Date;
  readonly reason: string;
  readonly legalBasis: string | null;
  readonly wantedUntil: Date | null;
  readonly decideBy: Date | null;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly isGranted: boolean | null;
  readonly note: string | null;
};

export type Feedback = {
  readonly id: string;
  readonly partId: string;
  readonly at: Date;
  readonly userId: string;
  readonly outcome: Outcome;
  readonly publicReply: string;
  readonly internalNote: string | null;
  /** The total clock's deadline when it was handed in. */
  readonly dueAt: Date;
  readonly reviewedAt: Date | null;
  readonly reviewedBy: string | null;
  readonly isAccepted: boolean | null;
  readonly reviewNote: string | null;
};

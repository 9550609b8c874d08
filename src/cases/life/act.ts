import { Type, type Static, type TSchema } from 'typebox';
import type { Deps } from '../../deps.ts';
import type { Tx } from '../../db/query.ts';
import type { CaseState } from '../case-machine.ts';
import type { Reckoning } from '../deadlines/keep-deadlines.ts';
import type { CaseRecord, CaseRequest, Part } from './case-record.ts';

/** Who acts; `unitId` for whom of a unit; without a user the system. */
export type Who = { readonly userId: string | null; readonly unitId: string | null };

/** What an act finds: the locked case, its live parts, what waits for a decision. */
export type Scene = {
  readonly tx: Tx;
  readonly deps: Deps;
  readonly who: Who;
  readonly at: Date;
  readonly current: CaseRecord;
  /** That are not over. */
  readonly parts: readonly Part[];
  /** Every unit that ever had a part. */
  readonly handledBy: readonly string[];
  /** Of those the one of the unit that acts. */
  readonly own: Part | undefined;
  readonly requests: readonly CaseRequest[];
  /** What deadlines are reckoned by, read when first asked for. */
  readonly reckoning: () => Promise<Reckoning>;
};

/** What an act makes of the case. */
export type Outcome = {
  /** Left out where the table gives one target only. */
  readonly to?: CaseState;
  readonly set?: Partial<CaseRecord>;
  /** For the timeline: ids, choices, and what was noted; never who the citizen is. */
  readonly data?: object;
  /** The total clock of an extension, or of an owner and deadline that a conference fixed. */
  readonly extendBy?: number;
  readonly dueAt?: Date;
};

/** An act: what it is given, and what it does with that. */
export type Act<Body extends TSchema = TSchema> = { readonly summary: string; readonly body: Body; readonly run: (scene: Scene, given: Static<Body>) => Promise<Outcome> | Outcome };

export function defineAct<Body extends TSchema>(summary: string, body: Body, run: Act<Body>['run']): Act<Body> {
  return { summary, body, run };
}

export const strict = { additionalProperties: false } as const;
/** What somebody writes; spaces are nothing. */
export const Words = Type.String({ minLength: 1, maxLength: 20_000, pattern: '\\S' });
export const Reason = Type.String({ minLength: 2, maxLength: 2_000, pattern: '\\S' });
export const OptionalReason = Type.Optional(Reason);

import { Type } from 'typebox';
import { reachesUnpublished } from '../../calendar/published-rules.ts';
import { Id, NullableString, NullableTime, Time, iso } from '../../http/paging.ts';
import type { CaseLife, CaseRequest, Feedback, Part } from './case-record.ts';

const NullableBoolean = Type.Union([Type.Boolean(), Type.Null()]);
const PartView = Type.Object({
  id: Id, unitId: Id, role: Type.String(), parentId: NullableString, arrivedAt: Time, signDueAt: Time, signedAt: NullableTime, signedBy: NullableString, contactDueAt: NullableTime,
  contactedAt: NullableTime, dueAt: Time, isProvisional: Type.Boolean(), endedAt: NullableTime, endedWhy: NullableString,
});
const RequestView = Type.Object({
  id: Id, kind: Type.String(), partId: NullableString, askedBy: NullableString, askedAt: Time, reason: Type.String(), legalBasis: NullableString, wantedUntil: NullableTime, decideBy: NullableTime,
  decidedAt: NullableTime, decidedBy: NullableString, isGranted: NullableBoolean, note: NullableString,
});
const FeedbackView = Type.Object({
  id: Id, partId: Id, at: Time, userId: Id, outcome: Type.String(), publicReply: Type.String(), internalNote: NullableString, dueAt: Time, reviewedAt: NullableTime, reviewedBy: NullableString,
  isAccepted: NullableBoolean, reviewNote: NullableString,
});

/** `isProvisional`: the deadline counts working days of a year whose official days are not known yet, and moves when they are. `light`: green, yellow from `warnAt`, red from `dueAt`; `stopped` while the clock stands, null before it began and after the end. */
export const LifeView = Type.Object({
  proposal: NullableString, aboutUnitId: NullableString, leadUnitId: NullableString, isSupervised: Type.Boolean(), isComplex: Type.Boolean(), deadlineCode: NullableString,
  dispatchedAt: NullableTime, warnAt: NullableTime, dueAt: NullableTime, stoppedAt: NullableTime, reviewAt: NullableTime, isProvisional: Type.Boolean(), light: NullableString, returnCount: Type.Integer(), reworkCount: Type.Integer(),
  outcome: NullableString, publicReply: NullableString, explanation: NullableString, repliedAt: NullableTime, mergedIntoId: NullableString, archivedAt: NullableTime,
  parts: Type.Array(PartView), requests: Type.Array(RequestView), feedbacks: Type.Array(FeedbackView),
});

type Clock = Pick<CaseLife, 'warnAt' | 'dueAt' | 'stoppedAt'> & { readonly closedAt: Date | null };

export function lightOf({ warnAt, dueAt, stoppedAt, closedAt }: Clock, now: Date): 'green' | 'yellow' | 'red' | 'stopped' | null {
  if (!warnAt || !dueAt || closedAt) return null;
  if (stoppedAt) return 'stopped';
  return now >= dueAt ? 'red' : now >= warnAt ? 'yellow' : 'green';
}

type Rows = { readonly life: CaseLife & { readonly closedAt: Date | null }; readonly parts: readonly Part[]; readonly requests: readonly CaseRequest[]; readonly feedbacks: readonly Feedback[] };

/** `published`: years whose official days are known. */
export function viewLife({ life, parts, requests, feedbacks }: Rows, published: ReadonlySet<number>, now: Date) {
  const guesses = (from: Date | null, dueAt: Date | null): boolean => from !== null && dueAt !== null && reachesUnpublished(published, from, dueAt);
  return {
    ...life, isProvisional: life.closedAt === null && guesses(life.countedFrom, life.dueAt), light: lightOf(life, now), dispatchedAt: iso(life.dispatchedAt), warnAt: iso(life.warnAt), dueAt: iso(life.dueAt), stoppedAt: iso(life.stoppedAt), reviewAt: iso(life.reviewAt),
    repliedAt: iso(life.repliedAt), archivedAt: iso(life.archivedAt),
    parts: parts.map((part) => ({ ...part, arrivedAt: part.arrivedAt.toISOString(), signDueAt: part.signDueAt.toISOString(), signedAt: iso(part.signedAt), contactDueAt: iso(part.contactDueAt),
      contactedAt: iso(part.contactedAt), dueAt: part.dueAt.toISOString(), isProvisional: part.endedAt === null && guesses(part.countedFrom, part.dueAt), endedAt: iso(part.endedAt) })),
    requests: requests.map((one) => ({ ...one, askedAt: one.askedAt.toISOString(), wantedUntil: iso(one.wantedUntil), decideBy: iso(one.decideBy), decidedAt: iso(one.decidedAt) })),
    feedbacks: feedbacks.map((one) => ({ ...one, at: one.at.toISOString(), dueAt: one.dueAt.toISOString(), reviewedAt: iso(one.reviewedAt) })),
  };
}

type Texts = { readonly [name: string]: unknown };
const written = ['proposal', 'publicReply', 'explanation', 'reason', 'legalBasis', 'note', 'internalNote', 'reviewNote'];

/** As a unit reads it: whatever somebody wrote goes through `hide`. */
export function hideWritten<View extends ReturnType<typeof viewLife>>(view: View, hide: (text: string) => string): View {
  const hidden = <One extends Texts>(one: One): One =>
    Object.fromEntries(Object.entries(one).map(([name, value]) => [name, written.includes(name) && typeof value === 'string' ? hide(value) : value])) as One;
  return { ...hidden(view), requests: view.requests.map(hidden), feedbacks: view.feedbacks.map(hidden) };
}

import { Type } from 'typebox';
import { Id, NullableString, NullableTime, Time, iso } from '../../http/paging.ts';
import type { Instruction, Order, Urge, Visit, Warning } from './queries.ts';

const UrgeView = Type.Object({ id: Id, at: Time, askedBy: Type.String(), userId: NullableString, note: Type.String() });
const OrderView = Type.Object({
  id: Id, openedAt: Time, openedBy: NullableString, reason: Type.String(), dueAt: Time, answeredAt: NullableTime, answeredBy: NullableString, answer: NullableString,
  closedAt: NullableTime, closedBy: NullableString, closingNote: NullableString, escalatedAt: NullableTime, isOverdue: Type.Boolean(),
});
const VisitView = Type.Object({ id: Id, userId: Id, visitedAt: Time, place: Type.String(), found: Type.String(), writtenAt: Time });
const InstructionView = Type.Object({
  id: Id, leaderId: Id, at: Time, words: Type.String(), followerId: Id, dueAt: Time, reportedAt: NullableTime, report: NullableString, isOverdue: Type.Boolean(),
});
const WarningView = Type.Object({ id: Id, unitId: Id, at: Time, userId: NullableString, reason: Type.String() });

export const SupervisionView = Type.Object({
  urgeCount: Type.Integer(), urges: Type.Array(UrgeView), orders: Type.Array(OrderView), visits: Type.Array(VisitView), instructions: Type.Array(InstructionView), warnings: Type.Array(WarningView),
});

type Rows = { readonly urges: readonly Urge[]; readonly orders: readonly Order[]; readonly visits: readonly Visit[]; readonly instructions: readonly Instruction[]; readonly warnings: readonly Warning[] };

/** `hide`: what this reader may not see in what somebody wrote. */
export function viewSupervision({ urges, orders, visits, instructions, warnings }: Rows, now: Date, hide: (text: string) => string) {
  const hidden = (text: string | null): string | null => (text === null ? null : hide(text));
  return {
    urgeCount: urges.length,
    urges: urges.map((one) => ({ ...one, at: one.at.toISOString(), note: hide(one.note) })),
    orders: orders.map((one) => ({
      ...one, reason: hide(one.reason), answer: hidden(one.answer), closingNote: hidden(one.closingNote), openedAt: one.openedAt.toISOString(), dueAt: one.dueAt.toISOString(),
      answeredAt: iso(one.answeredAt), closedAt: iso(one.closedAt), escalatedAt: iso(one.escalatedAt), isOverdue: one.closedAt === null && one.answeredAt === null && now >= one.dueAt,
    })),
    visits: visits.map((one) => ({ ...one, place: hide(one.place), found: hide(one.found), visitedAt: one.visitedAt.toISOString(), writtenAt: one.writtenAt.toISOString() })),
    instructions: instructions.map((one) => ({
      ...one, words: hide(one.words), report: hidden(one.report), at: one.at.toISOString(), dueAt: one.dueAt.toISOString(), reportedAt: iso(one.reportedAt),
      isOverdue: one.reportedAt === null && now >= one.dueAt,
    })),
    warnings: warnings.map((one) => ({ ...one, at: one.at.toISOString(), reason: hide(one.reason) })),
  };
}

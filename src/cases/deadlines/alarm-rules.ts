import type { CaseRecord, CaseRequest, Part } from '../life/case-record.ts';
import type { CaseState } from '../case-machine.ts';
import type { Instruction, Order } from '../supervision/queries.ts';
import type { AlarmKind } from './queries.ts';

export type Wanted = { readonly kind: AlarmKind; readonly partId: string | null; readonly at: Date };

/** While a unit or the hotline still has to do something by the total clock. */
const running: readonly CaseState[] = ['pending_dispatch', 'dispatched', 'return_requested', 'disputed', 'in_progress', 'extension_requested', 'rework'];
const atUnit: readonly CaseState[] = ['in_progress', 'extension_requested', 'rework'];

type Beside = { readonly parts: readonly Part[]; readonly requests: readonly CaseRequest[]; readonly orders: readonly Pick<Order, 'dueAt' | 'answeredAt' | 'closedAt'>[]; readonly instructions: readonly Pick<Instruction, 'dueAt' | 'reportedAt'>[] };

/** What should ring for a case as it stands; `callbackAt`: by when somebody should have called back. */
export function wantedAlarms(one: CaseRecord, { parts, requests, orders, instructions }: Beside, callbackAt: Date | null): Wanted[] {
  const wanted: Wanted[] = [];
  const add = (kind: AlarmKind, at: Date | null, partId: string | null = null): void => { if (at) wanted.push({ kind, partId, at }); };
  if (running.includes(one.state)) {
    add('yellow', one.warnAt);
    add('red', one.dueAt);
  }
  if (one.state === 'suspended') add('review', one.reviewAt);
  if (one.state === 'callback') add('callback', callbackAt);
  for (const part of parts.filter((each) => each.endedAt === null)) {
    if (part.signedAt === null && (one.state === 'dispatched' || atUnit.includes(one.state))) add('sign', part.signDueAt, part.id);
    if (part.signedAt !== null && part.contactedAt === null && part.role === 'lead' && atUnit.includes(one.state)) add('contact', part.contactDueAt, part.id);
  }
  for (const request of requests.filter((each) => each.decidedAt === null)) add('decision', request.decideBy);
  if (one.closedAt === null) for (const order of orders.filter((each) => each.closedAt === null && each.answeredAt === null)) add('supervision', order.dueAt);
  if (one.archivedAt === null) for (const instruction of instructions.filter((each) => each.reportedAt === null)) add('instruction', instruction.dueAt);
  return wanted;
}

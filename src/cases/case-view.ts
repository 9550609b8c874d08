import { iso } from '../http/paging.ts';
import { maskNumber } from '../log.ts';
import type { Actor } from '../auth/actor.ts';
import type { Case, CaseIdentity } from './case.ts';
import type { CaseListRow } from './queries.ts';

export type CallerView = { number: string | null; kind: string; name: string | null; isMasked: boolean } | null;

/**
 * Who the citizen is, as far as this reader may see. A confidential case shows nothing here, except to the
 * operator who handles it in the call; everyone else must ask, with a reason.
 */
export function callerView(one: Case, identity: CaseIdentity | undefined, actor: Actor): CallerView {
  if (!identity) return null;
  const isHandling = actor.kind === 'user' && one.ownerId === actor.userId && one.state === 'draft';
  if (one.isConfidential && !isHandling) return null;
  const isClear = actor.permissions.has('identity.read');
  return {
    number: identity.phone === null || isClear ? identity.phone : maskNumber(identity.phone),
    kind: identity.phoneKind,
    name: isClear ? identity.citizenName : null,
    isMasked: !isClear,
  };
}

/** Dates as ISO text, as JSON has none. */
export function caseFields(one: Case) {
  return {
    ...one, occurredAt: iso(one.occurredAt), openedAt: one.openedAt.toISOString(),
    closedAt: iso(one.closedAt), updatedAt: one.updatedAt.toISOString(),
  };
}

/** The call a case came with; null for one that came by another way. */
export function callFields(row: CaseListRow) {
  if (row.callId === null) return null;
  const { direction, seatId, operatorId, outcome } = row;
  return {
    id: row.callId, direction, seatId, operatorId, outcome,
    offeredAt: iso(row.offeredAt), answeredAt: iso(row.answeredAt), connectedAt: iso(row.connectedAt), endedAt: iso(row.endedAt),
  };
}

import type { Deps } from '../deps.ts';
import type { Tx } from '../db/query.ts';
import { applySeatEvent } from './apply-seat-event.ts';
import { findSeatOfOperator } from './queries.ts';

/** Somebody who may not sit at a seat any more leaves it: at once, or when the call there ends. */
export async function signOutPerson(deps: Deps, tx: Tx, { userId, forcedBy }: { userId: string; forcedBy: string }): Promise<void> {
  const seat = await findSeatOfOperator(tx, userId);
  if (!seat) return;
  const event = seat.callId === null ? { type: 'sign_out', forcedBy } as const : { type: 'force_later', pendingState: 'signed_out', pendingReason: null, forcedBy } as const;
  await applySeatEvent(deps, tx, seat.id, event, deps.now());
}

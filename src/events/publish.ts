import type { Db } from '../db/query.ts';
import { notify } from '../db/transaction.ts';

/**
 * What happened, by ids only: the listener's process reads the rows and shows what that listener may see.
 * - `call.ringing` the screen pop: a seat rings for a call; goes to the operator at that seat.
 * - `seat.forced` a supervisor made a seat ready, not ready or signed out; tells its operator who did it, and that it waits for the call's end.
 * - `case.pushed` an urgent case came to a unit; goes to its people and to those above, again with each connection until they acknowledge it.
 * - `alert.changed` an alert to the supervisors was raised, taken or resolved.
 */
export type LiveEvent =
  | { readonly type: 'call.changed' | 'call.ringing'; readonly callId: string; readonly seatId?: string | undefined }
  | { readonly type: 'seat.changed'; readonly seatId: string }
  | { readonly type: 'seat.forced'; readonly seatId: string; readonly operatorId: string | null; readonly userId: string; readonly action: string; readonly isAfterCall: boolean }
  | { readonly type: 'alert.changed'; readonly alertId: string }
  | { readonly type: 'case.changed' | 'case.pushed'; readonly caseId: string };

/** The PostgreSQL NOTIFY channel of live events. */
export const liveChannel = 'hotline_live';

/** Announces an event to every process; inside a transaction it is delivered at commit, or never. */
export async function publish(db: Db, event: LiveEvent): Promise<void> {
  await notify(db, liveChannel, JSON.stringify(event));
}

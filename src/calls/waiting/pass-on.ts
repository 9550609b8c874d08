import type { Deps } from '../../deps.ts';
import { applyCallEvent } from '../apply-call-event.ts';
import { findOverflowDue, findUnserved, markUnserved } from './wait-queries.ts';

/** How long nobody may be signed in for a caller before that counts: longer than a change of shift at one seat takes, milliseconds. */
const shiftChangeMs = 60_000;

/** Callers who have waited long enough go on to the next queue; those whom nobody can serve do too, or hear that nobody is there. */
export async function passOnWaiting(deps: Deps): Promise<void> {
  const now = deps.now();
  for (const callId of await findOverflowDue(deps.pool, now)) await applyCallEvent(deps, callId, { type: 'overflow_due', reason: 'waited_long' });
  await markUnserved(deps.pool, now);
  for (const callId of await findUnserved(deps.pool, new Date(now.getTime() - shiftChangeMs))) {
    await applyCallEvent(deps, callId, { type: 'overflow_due', reason: 'nobody_signed_in' });
  }
}

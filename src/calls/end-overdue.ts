import type { Deps } from '../deps.ts';
import { applyCallEvent } from './apply-call-event.ts';
import { findOverdueCalls } from './queries.ts';

/** Calls whose prompt or ring should have ended long ago go on without that event. */
export async function endOverdue(deps: Deps): Promise<void> {
  for (const callId of await findOverdueCalls(deps.pool, deps.now())) await applyCallEvent(deps, callId, { type: 'overdue' });
}

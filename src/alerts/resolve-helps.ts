import type { Tx } from '../db/query.ts';
import { publish } from '../events/publish.ts';
import { listOpenHelps, saveResolved } from './queries.ts';

/** A call for help ends by itself with the call it was about, or when the operator leaves the seat; nobody has to clear it away. */
export async function resolveHelps(tx: Tx, of: { callId: string } | { seatId: string }, at: Date): Promise<void> {
  for (const alertId of await listOpenHelps(tx, of)) {
    await saveResolved(tx, alertId, null, at);
    await publish(tx, { type: 'alert.changed', alertId });
  }
}

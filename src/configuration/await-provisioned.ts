import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '../db/query.ts';
import { isProvisioned } from './queries.ts';

/** The telephone system is looked at this often and for so long, milliseconds; it may be served by another process, or be away. */
const everyMs = 20;
const longestMs = 5_000;

/** Whether the telephone system has followed the change; waits for it a while. */
export async function awaitProvisioned(db: Db, changeId: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < longestMs; waitedMs += everyMs) {
    if (await isProvisioned(db, changeId)) return true;
    await pause(everyMs);
  }
  return false;
}

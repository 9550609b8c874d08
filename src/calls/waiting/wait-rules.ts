/** What a caller was told, and what it stood on. */
export type ToldWait = { readonly position: number; readonly seats: number; readonly waitSec: number };
export type Handling = { readonly count: number; readonly meanSec: number | null };

/** Means of fewer calls say nothing yet. */
const fewestCalls = 10;
/** How many of the queue's last calls are looked at: at 150 s each on ten seats, the last quarter of an hour. */
export const callsLookedAt = 60;
/** A call of a 12345 hotline takes about 150 s. Source: figures of Changzhou's hotline. */
const usualTalkSec = 150;

/** What a seat spends on a call of the queue, seconds: talk and wrap-up of its last calls, or the usual while there are too few. */
export function handlingSec({ count, meanSec }: Handling, wrapUpSec: number): number {
  return count < fewestCalls || meanSec === null ? usualTalkSec + wrapUpSec : meanSec;
}

/**
 * How long a caller will wait, seconds: all seats are busy and end a call every handling/seats seconds, and the caller at `position`
 * (from 1) needs that many to end. Time already waited does not count, so it never grows because it is overdue.
 * `null` when nobody works.
 * Source: R. Ibrahim, W. Whitt, "Real-Time Delay Estimation Based on Queue Length", (n + 1) / (s · μ), Operations Research 57 (2009).
 */
export function estimateWaitSec({ position, seats, handlingSec: perCallSec }: { position: number; seats: number; handlingSec: number }): number | null {
  return seats > 0 ? Math.round((position * perCallSec) / seats) : null;
}

/** What the caller is told now: never more than before at the same or a better place, unless seats left. */
export function nextTold(told: ToldWait | null, now: ToldWait): ToldWait {
  const isNoWorse = told !== null && now.position <= told.position && now.seats >= told.seats;
  return isNoWorse ? { ...now, waitSec: Math.min(now.waitSec, told.waitSec) } : now;
}

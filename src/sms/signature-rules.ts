/** A signature is worth something for so long, seconds; a clock may be off by as much. */
const validSec = 300;

/** `timestamp`: seconds since 1970, as it stands in the header. */
export function isTimely(timestamp: string, now: Date): boolean {
  return /^\d{9,11}$/.test(timestamp) && Math.abs(now.getTime() / 1000 - Number(timestamp)) <= validSec;
}

/** What was taken before this moment cannot come again in time: one of then was signed `validSec` later at most, and is worth something for as long; twice that, for clocks differ. */
export function forgettable(now: Date): Date {
  return new Date(now.getTime() - 4 * validSec * 1000);
}

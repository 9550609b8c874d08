/** Failures that cost nothing. */
const freeFailures = 5;

/** How long a login is locked after its n-th failure in a row, seconds: 30 from the fifth on, doubling, at most an hour. */
export function lockSec(failures: number): number {
  return failures < freeFailures ? 0 : Math.min(30 * 2 ** Math.min(failures - freeFailures, 10), 3_600);
}

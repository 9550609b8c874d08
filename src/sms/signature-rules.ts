/** What is signed: the moment in seconds since 1970, a dot, and the body as it is sent. */
export function signedText(timestamp: string, body: string): string {
  return `${timestamp}.${body}`;
}

/** A signature is worth something for so long, seconds; a clock may be off by as much. */
const validSec = 300;

export function isTimely(timestamp: string, now: Date): boolean {
  return /^\d{9,11}$/.test(timestamp) && Math.abs(now.getTime() / 1000 - Number(timestamp)) <= validSec;
}

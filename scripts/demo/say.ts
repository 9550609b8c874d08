/** A line of a demonstration, with the time of day (UTC). */
export function say(text: string, at = new Date().toISOString()): void {
  process.stdout.write(`${at.slice(11, 23)}  ${text}\n`);
}

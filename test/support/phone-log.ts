/** A line of a crowd phone's log: when by the machine's clock, milliseconds; a citizen names no seat. */
export type Logged = { readonly what: string; readonly atMs: number; readonly seat: string; readonly caller: string };

/** `invite 1764037000.000000 123456.000000 seat-8001 13900000000`: seconds and microseconds as SIPp's gettimeofday gives them. */
export function readLogged(line: string): Logged {
  const [what = '', sec, usec, ...who] = line.split(' ');
  return { what, atMs: Number(sec) * 1_000 + Number(usec) / 1_000, caller: who.at(-1) ?? '', seat: who.length > 1 ? who[0] ?? '' : '' };
}

/*
 * Asterisk writes a recording as audio comes; while no phone of a talk sends any (silence suppression), the file stands still. Where it did is
 * found by looking at its length now and then, and silence is put there afterwards, so that the recording is as long as the talk and what
 * was said stands at its time.
 */

/** `atMs` into what Asterisk wrote; `forMs` long. */
export type Silence = { readonly atMs: number; readonly forMs: number };

/** What is known of a recording under way: what stands in the file, of which length, and the silences that are over. */
export type Progress = { readonly writtenMs: number; readonly silentMs: number };

/**
 * Asterisk buffers 32 KiB of a file (main/file.c, setvbuf), a second of two channels; a file that lags more than this, milliseconds, stood still.
 * Half of the buffer is taken for what the file did not show yet.
 */
const lagMs = 1_600;
const bufferedMs = 512;

/** A look at the file. The silence is one that is over: the file grew again, and lags behind the time since it was begun. */
export function follow(before: Progress, { elapsedMs, writtenMs }: { readonly elapsedMs: number; readonly writtenMs: number }): { readonly progress: Progress; readonly silence: Silence | null } {
  const missingMs = elapsedMs - writtenMs - before.silentMs;
  if (writtenMs <= before.writtenMs || missingMs <= lagMs) return { progress: { ...before, writtenMs: Math.max(writtenMs, before.writtenMs) }, silence: null };
  const silence = { atMs: before.writtenMs + (before.writtenMs > 0 ? bufferedMs : 0), forMs: missingMs - bufferedMs };
  return { progress: { writtenMs, silentMs: before.silentMs + silence.forMs }, silence };
}

/** Less is the time Asterisk takes to begin and to end, milliseconds. */
const leastMs = 300;

/** Where silence goes in a file of `writtenMs` that should last `lengthMs`: what was seen, cut to what is missing, and the rest at the end. */
export function layOut(seen: readonly Silence[], writtenMs: number, lengthMs: number): Silence[] {
  let missingMs = lengthMs - writtenMs;
  if (missingMs < leastMs) return [];
  const placed: Silence[] = [];
  for (const { atMs, forMs } of [...seen, { atMs: writtenMs, forMs: missingMs }]) {
    const cut = Math.min(forMs, missingMs);
    if (cut > 0) placed.push({ atMs: Math.min(atMs, writtenMs), forMs: cut });
    missingMs -= cut;
  }
  return placed;
}

import { readFileSync } from 'node:fs';

/** A process that can be told from a later one with the same number. */
export type ProcessMark = { readonly pid: number; readonly startedAt: string };

export function markOf(pid: number): ProcessMark {
  return { pid, startedAt: startTime(pid) };
}

export function isAlive(mark: ProcessMark): boolean {
  return mark.startedAt !== '' && startTime(mark.pid) === mark.startedAt;
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot. Source: proc_pid_stat(5). */
function startTime(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '';
  } catch {
    return ''; // no such process
  }
}

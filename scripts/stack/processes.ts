import { readFileSync } from 'node:fs';

/** A process that can be told from a later one with the same number. */
export type ProcessMark = { readonly pid: number; readonly startedAt: string };

export function markOf(pid: number): ProcessMark {
  return { pid, startedAt: startTime(pid) };
}

export function isAlive(mark: ProcessMark): boolean {
  return mark.startedAt !== '' && startTime(mark.pid) === mark.startedAt;
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; a zombie has ended and has none. Source: proc_pid_stat(5). */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
    return state === 'Z' ? '' : (fields[18] ?? '');
  } catch {
    return ''; // no such process
  }
}

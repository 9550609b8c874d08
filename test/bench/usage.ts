import { readFileSync, readdirSync } from 'node:fs';
import type { OwnStack } from '../support/own-stack.ts';

/** The programs of a hotline, by their part. */
export type Part = 'service' | 'postgres' | 'asterisk' | 'redis';
export const parts: readonly Part[] = ['service', 'postgres', 'asterisk', 'redis'];

/** Source: proc_pid_stat(5); times in ticks of 10 ms (USER_HZ is 100 on Linux's x86-64 and arm64). */
function readStat(pid: number): { parent: number; ownMs: number; endedChildrenMs: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').map(Number) ?? [];
    const [, parent = 0] = fields;
    const sum = (from: number): number => ((fields[from] ?? 0) + (fields[from + 1] ?? 0)) * 10;
    return { parent, ownMs: sum(11), endedChildrenMs: sum(13) };
  } catch {
    return undefined; // ended since it was listed
  }
}

/** CPU time a part has used since it started, milliseconds; of PostgreSQL with its processes for each connection. */
export function cpuMs({ servers }: OwnStack, part: Part): number {
  const pid = servers[part]?.part.pid;
  if (!pid || !servers[part]?.part.isRunning) return 0;
  let total = 0;
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    if (!stat) continue;
    if (Number(name) === pid) total += stat.ownMs + stat.endedChildrenMs;
    else if (stat.parent === pid) total += stat.ownMs;
  }
  return total;
}

/** Resident memory of a part's process, MiB. Source: proc_pid_status(5), VmRSS. */
export function memoryMb({ servers }: OwnStack, part: Part): number {
  const pid = servers[part]?.part.pid;
  const kib = pid ? /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] : undefined;
  return Number(kib ?? 0) / 1024;
}

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { markOf } from './processes.ts';

/**
 * Makes `folder` once: built beside it under this process's number and renamed when whole, so that an interrupted or
 * failed set-up leaves nothing that looks finished. Two at once both build, the first to finish wins.
 */
export function makeOnce(folder: string, build: (work: string) => void): string {
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
  removeAbandoned(folder);
  const work = `${folder}.${process.pid}`;
  try {
    build(work);
    if (!existsSync(folder)) renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** What a killed set-up left, known by the number of a process that is gone. */
function removeAbandoned(folder: string): void {
  const parent = dirname(folder);
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(`${basename(folder)}.`) ? Number(name.slice(basename(folder).length + 1)) : NaN;
    if (Number.isInteger(pid) && markOf(pid).startedAt === '') rmSync(join(parent, name), { recursive: true, force: true });
  }
}

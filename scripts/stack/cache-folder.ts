import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { delay } from './part.ts';
import { isAlive, markOf } from './processes.ts';

/**
 * Makes `folder` once: built beside it under this process's mark and renamed when whole, so that an interrupted or
 * failed set-up leaves nothing that looks finished. Two at once both build, the first to finish wins.
 */
export async function makeOnce(folder: string, build: (work: string) => Promise<void> | void): Promise<string> {
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
  await removeAbandoned(folder);
  const { pid, startedAt } = markOf(process.pid);
  const work = `${folder}.${pid}-${startedAt}`;
  try {
    await build(work);
    rename(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

function rename(work: string, folder: string): void {
  try {
    renameSync(work, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error; // else another process was first, and its folder is as good
  }
}

/** What a killed set-up left, known by the mark of a process that is gone. */
async function removeAbandoned(folder: string): Promise<void> {
  const parent = dirname(folder);
  for (const name of readdirSync(parent)) {
    const [, pid, startedAt] = name.startsWith(`${basename(folder)}.`) ? (/^(\d+)-(\d+)$/.exec(name.slice(basename(folder).length + 1)) ?? []) : [];
    if (pid && startedAt && !isAlive({ pid: Number(pid), startedAt })) await remove(join(parent, name));
  }
}

/** Again and again for some seconds: the last archive of the killed set-up may still be unpacking. */
async function remove(folder: string): Promise<void> {
  for (let tries = 1; existsSync(folder); tries += 1) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (tries === 20) throw error;
      await delay(250);
    }
  }
}

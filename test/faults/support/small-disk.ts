import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type SmallDisk = { readonly fill: () => void; readonly free: () => void; readonly remove: () => void };

/** A disk of its own under a folder, small enough to be filled; null where nothing may be mounted (it takes root). */
export function mountSmallDisk(folder: string): SmallDisk | null {
  const inside = readdirSync(folder);
  if (process.getuid?.() !== 0 || spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=700', 'tmpfs', folder]).status !== 0) return null;
  for (const name of inside) mkdirSync(join(folder, name), { mode: 0o700 }); // what the mount hides
  const ballast = join(folder, 'ballast');
  return {
    fill: () => {
      const { bavail, bsize } = statfsSync(folder);
      const block = Buffer.alloc(1 << 20);
      for (let left = bavail * bsize - (8 << 10); left > 0; left -= block.length) writeFileSync(ballast, block.subarray(0, Math.min(left, block.length)), { flag: 'a' });
    },
    free: () => rmSync(ballast, { force: true }),
    remove: () => { spawnSync('umount', [folder]); },
  };
}

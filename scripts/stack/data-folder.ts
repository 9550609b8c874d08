import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, markOf, type ProcessMark } from './processes.ts';
import { SetupError } from './settings.ts';

/**
 * Makes the data folder and holds it for this process: a second start would end the first one's programs as leftovers.
 * A lock whose process is gone (kill -9) counts as none. Returns what gives the folder back.
 */
export function holdDataFolder(dataDir: string): () => void {
  const lock = join(dataDir, 'lock.json');
  try {
    // Others may pass through, for PostgreSQL under root runs as nobody, but not look; what is private has a mode of its own.
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
    const holder = existsSync(lock) ? (JSON.parse(readFileSync(lock, 'utf8') || '{"pid":0,"startedAt":""}') as ProcessMark) : undefined;
    if (holder && isAlive(holder)) {
      throw new SetupError(`A hotline already runs on ${dataDir} (process ${holder.pid}). Stop it, or choose another folder by HOTLINE_DATA_DIR and other ports.`);
    }
    rmSync(lock, { force: true });
    writeFileSync(lock, JSON.stringify(markOf(process.pid)), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError(`The data folder ${dataDir} cannot be used: ${(error as Error).message}. Free some space, or choose another by HOTLINE_DATA_DIR.`);
  }
  return () => rmSync(lock, { force: true });
}

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { delay } from './part.ts';
import { isAlive, markOf, type ProcessMark } from './processes.ts';
import { SetupError, type Settings } from './settings.ts';

type Holder = ProcessMark & { readonly isStopping?: boolean };

/**
 * Makes the data folder and holds it for this process: a second start would end the first one's programs as leftovers.
 * A lock whose process is gone (kill -9) counts as none; one that is stopping is waited for. Returns what gives the folder back.
 */
export async function holdDataFolder({ dataDir, signal, onProgress }: Pick<Settings, 'dataDir' | 'signal' | 'onProgress'>): Promise<() => void> {
  const lock = join(dataDir, 'lock.json');
  const write = (holder: Holder, flag: 'w' | 'wx'): void => writeFileSync(lock, JSON.stringify(holder), { flag, mode: 0o600 });
  try {
    // Others may pass through, for PostgreSQL under root runs as nobody, but not look; what is private has a mode of its own.
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
    if (livingHolder(lock)?.isStopping) onProgress(`Waiting for the hotline on ${dataDir} to stop`);
    for (let waited = 0; waited < 300 && livingHolder(lock)?.isStopping; waited += 1) {
      signal.throwIfAborted();
      await delay(100);
    }
    const holder = livingHolder(lock);
    if (holder) throw new SetupError(`A hotline already runs on ${dataDir} (process ${holder.pid}). Stop it, or choose another folder by HOTLINE_DATA_DIR and other ports.`);
    rmSync(lock, { force: true });
    write(markOf(process.pid), 'wx');
  } catch (error) {
    if (error instanceof SetupError || signal.aborted) throw error;
    throw new SetupError(`The data folder ${dataDir} cannot be used: ${(error as Error).message}. Free some space, or choose another by HOTLINE_DATA_DIR.`);
  }
  const tellStopping = (): void => write({ ...markOf(process.pid), isStopping: true }, 'w');
  signal.addEventListener('abort', tellStopping);
  return () => {
    signal.removeEventListener('abort', tellStopping);
    rmSync(lock, { force: true });
  };
}

function livingHolder(lock: string): Holder | undefined {
  try {
    const holder = existsSync(lock) ? (JSON.parse(readFileSync(lock, 'utf8')) as Holder) : undefined;
    return holder && isAlive(holder) ? holder : undefined;
  } catch {
    return undefined; // cut off by a kill or a full disk, or gone since
  }
}

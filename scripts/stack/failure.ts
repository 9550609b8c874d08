import { statfsSync } from 'node:fs';
import { ProgramError, SetupError, type Settings } from './settings.ts';

/** Less than this is a full disk: PostgreSQL's next log segment alone takes 16 MB. */
const leastFreeBytes = 20 << 20;

/** What to tell of a failed start: a full disk shows itself in many words, in as many places, or in none. */
export function explainFailure(error: unknown, { dataDir, cacheDir }: Pick<Settings, 'dataDir' | 'cacheDir'>): unknown {
  const isMistake = error instanceof SetupError && !(error instanceof ProgramError);
  const message = error instanceof Error ? error.message : String(error);
  const full = [dataDir, cacheDir].find((folder) => freeBytes(folder) < leastFreeBytes);
  if (isMistake || (!full && !/ENOSPC|EDQUOT|no space left|quota exceeded/i.test(message))) return error;
  return new SetupError(`The disk is full${full ? ` at ${full}` : ''}: ${message.trim().split('\n')[0] ?? ''}. Free some space, or choose other folders by HOTLINE_DATA_DIR and HOTLINE_CACHE_DIR.`);
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Infinity; // not made yet
  }
}

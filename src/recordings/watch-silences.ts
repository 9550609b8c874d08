import type { Deps } from '../deps.ts';
import { rawKey } from './recording.ts';
import { localStore } from '../files/file-store.ts';
import { insertSilence, listRunning } from './queries.ts';
import { follow, type Progress } from './silence-rules.ts';
import { rawDurationMs } from './stereo-wav.ts';

/** How exactly a silence is placed, milliseconds. */
const lookEveryMs = 2_000;

/** Looks at the files of running recordings and writes down where they stood still. What a restart forgets shows as the next file's lag. */
export function createSilenceWatch(): (deps: Deps) => Promise<void> {
  let lookedAt = 0;
  let known = new Map<string, Progress>();
  return async (deps) => {
    if (deps.now().getTime() - lookedAt < lookEveryMs) return;
    lookedAt = deps.now().getTime();
    const running = await listRunning(deps.pool);
    const store = localStore(deps.config.HOTLINE_RECORDINGS_DIR);
    const looks = await Promise.all(running.map(async ({ callId, path, startedAt, silentMs }) => {
      const writtenMs = rawDurationMs((await store.find(rawKey(path)))?.bytes ?? 0);
      const elapsedMs = deps.now().getTime() - startedAt.getTime();
      return { callId, ...follow(known.get(callId) ?? { writtenMs, silentMs }, { elapsedMs, writtenMs }) };
    }));
    for (const { callId, silence } of looks) if (silence) await insertSilence(deps.pool, callId, silence);
    known = new Map(looks.map(({ callId, progress }) => [callId, progress]));
  };
}

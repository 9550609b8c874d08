import type { Deps } from '../deps.ts';
import { checkOneRecording } from './check-recordings.ts';
import { deleteDueRecordings } from './delete-recording.ts';
import { storeLeftRecordings } from './store-recording.ts';

/** Storing what jobs did not store, at each look; deleting what is due and checking what is kept less often, milliseconds. */
const slowEveryMs = 10_000;

/** The recordings' part of the sweep. */
export function createRecordingUpkeep(): (deps: Deps) => Promise<void> {
  let slowAt = 0;
  return async (deps) => {
    await storeLeftRecordings(deps);
    const now = deps.now().getTime();
    if (now - slowAt < slowEveryMs) return;
    slowAt = now;
    await deleteDueRecordings(deps);
    await checkOneRecording(deps);
  };
}

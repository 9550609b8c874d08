import type { Deps } from '../../deps.ts';
import { applyCallEvent } from '../apply-call-event.ts';
import { findDueOffers } from './callback-queries.ts';

/** Looked for once a second by the sweep, as the announcements of the place are. */
export async function offerDueCallbacks(deps: Deps): Promise<void> {
  for (const callId of await findDueOffers(deps.pool, deps.now())) {
    await applyCallEvent(deps, callId, { type: 'callback_offered', playbackId: `${callId}-callback` });
  }
}

import type { Deps } from '../deps.ts';
import { applyCallEvent } from '../calls/apply-call-event.ts';
import type { Call } from '../calls/call.ts';
import { inOrder } from '../calls/in-order.ts';
import { restorePlaces } from '../calls/restore-places.ts';
import type { AriConnection } from './ari-connection.ts';
import { AriError } from './ari-http.ts';

/** A live call gets the event it missed, or what its state asks of Asterisk once more. */
export async function mendCall(deps: Deps, ari: AriConnection, call: Call): Promise<void> {
  if (call.legs.length === 0) {
    await applyCallEvent(deps, call.id, { type: 'hang_up', by: 'system' });
    return;
  }
  // In the call's turn, or a prompt that is about to be played would look like one that is over.
  const { playbackId } = call;
  if (playbackId && !(await inOrder(call.id, () => isPlaying(ari, playbackId)))) {
    await applyCallEvent(deps, call.id, { type: 'playback_finished', playbackId });
  } else {
    await restorePlaces(deps, call.id); // what fails here fails the comparison, which is repeated
  }
}

async function isPlaying(ari: AriConnection, playbackId: string): Promise<boolean> {
  try {
    await ari.command('GET', `/playbacks/${encodeURIComponent(playbackId)}`);
    return true;
  } catch (error) {
    if (error instanceof AriError && error.status === 404) return false;
    throw error;
  }
}

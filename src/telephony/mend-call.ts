import type { Deps } from '../deps.ts';
import { applyCallEvent } from '../calls/apply-call-event.ts';
import { legOf, type Call } from '../calls/call.ts';
import { inOrder } from '../calls/in-order.ts';
import { findLiveCall } from '../calls/queries.ts';
import { restorePlaces } from '../calls/talking/restore-places.ts';
import { findMuted } from '../recordings/queries.ts';
import { startRecording } from '../recordings/start-recording.ts';
import type { AriConnection } from './ari-connection.ts';
import { unlessMissing } from './ari-http.ts';

/** A live call gets the event it missed, or what its state asks of Asterisk once more. */
export async function mendCall(deps: Deps, ari: AriConnection, call: Call): Promise<void> {
  // A callback waits in its place without a leg.
  if (call.state === 'waiting' && call.callbackOf !== null && call.legs.length === 0) return;
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
    await inOrder(call.id, () => restoreSound(deps, call.id));
  }
}

/** What is beside the places: the recording, and the ringing that the operator of a call out hears until the citizen has answered, or has pressed 1. */
async function restoreSound(deps: Deps, callId: string): Promise<void> {
  const call = await findLiveCall(deps.pool, callId);
  if (!call) return;
  const citizen = legOf(call, 'citizen');
  if (citizen && call.connectedAt !== null && (call.state === 'talking' || call.state === 'transferring')) await restoreRecording(deps, call.id, citizen.id);
  const operator = call.state === 'dialing_party' || call.state === 'confirming' ? legOf(call, 'operator') : undefined;
  if (operator) await deps.telephony.startRinging(operator.id);
}

/** A recorder that did not start is started, and one that was paused is asked again for what the rows say. */
async function restoreRecording(deps: Deps, callId: string, channelId: string): Promise<void> {
  await startRecording(deps, callId, channelId).catch((error: unknown) => deps.log.warn({ err: error, callId }, 'A call is not recorded'));
  const isMuted = await findMuted(deps.pool, callId);
  if (isMuted !== undefined) await deps.telephony.muteRecording(channelId, isMuted);
}

async function isPlaying(ari: AriConnection, playbackId: string): Promise<boolean> {
  return (await unlessMissing(ari.command('GET', `/playbacks/${encodeURIComponent(playbackId)}`))) !== undefined;
}

import type { Deps } from '../deps.ts';
import { assertNever } from '../errors.ts';
import { applyCallEvent } from './apply-call-event.ts';
import type { Decision } from './call-machine.ts';
import type { Effect } from './effect.ts';
import { matchQueue } from './match-queue.ts';
import { startRecording } from './recording.ts';

/** No leg can be reached: Q.850 "subscriber absent". */
const unreachableCause = 20;

/**
 * Does what a committed decision asks for, in order. One effect that fails stops neither the others nor
 * the process: a leg that cannot be dialled becomes an event, the rest is mended by the next reconcile.
 */
export async function runEffects(deps: Deps, decision: Decision): Promise<void> {
  for (const effect of decision.effects) {
    try {
      await runEffect(deps, decision.call.id, effect);
    } catch (error) {
      deps.log.warn({ err: error, callId: decision.call.id, effect: effect.type }, 'An effect of a call failed');
      if (effect.type === 'ring_seat' || effect.type === 'dial_number') {
        // Not awaited: this call's turn is still ours, the event comes next in line.
        void applyCallEvent(deps, decision.call.id, { type: 'leg_ended', legId: effect.channelId, cause: unreachableCause })
          .catch((failure: unknown) => deps.log.error({ err: failure, callId: decision.call.id }, 'A failed leg could not be noted'));
      }
    }
  }
}

async function runEffect(deps: Deps, callId: string, effect: Effect): Promise<void> {
  const { telephony } = deps;
  switch (effect.type) {
    case 'answer': return telephony.answer(effect.channelId);
    case 'play': return telephony.play(effect.channelId, effect.playbackId, effect.prompts);
    case 'stop_playback': return telephony.stopPlayback(effect.playbackId);
    case 'start_music': return telephony.startMusic(effect.channelId, effect.musicClass);
    case 'stop_music': return telephony.stopMusic(effect.channelId);
    case 'start_ringing': return telephony.startRinging(effect.channelId);
    case 'stop_ringing': return telephony.stopRinging(effect.channelId);
    case 'ring_seat': return telephony.ringSeat({ ...effect, callId });
    case 'dial_number': return telephony.dialNumber({ ...effect, callId });
    case 'bridge': return telephony.bridge(callId, effect.channelIds);
    case 'destroy_bridge': return telephony.destroyBridge(callId);
    case 'record': return startRecording(deps, callId, effect.channelId);
    case 'store_recording': return deps.jobs.wake('store-recording', { callId }, deps.now());
    case 'hang_up': return telephony.hangup(effect.channelId, effect.cause);
    case 'match_queue': return matchQueue(deps, effect.queueId);
    default: return assertNever(effect);
  }
}


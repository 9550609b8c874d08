import type { Deps } from '../deps.ts';
import { assertNever } from '../errors.ts';
import { startRecording } from '../recordings/start-recording.ts';
import { wakeToStore } from '../recordings/store-recording.ts';
import { deskLeg, deskLines, supervisorLeg, type Call } from './call.ts';
import type { CallEvent } from './call-event.ts';
import type { Decision } from './decision.ts';
import type { Effect } from './effect.ts';
import { noteDialled } from './known-legs.ts';
import { findLegToDial, isLegLive, noteDoubt } from './queries.ts';


/** Q.850 "subscriber absent": the leg cannot be reached. */
const unreachableCause = 20;

/**
 * Does what a committed decision asks for, in order. An effect that fails is tried once more (each may be done twice), and
 * stops neither the others nor the process. Returns what the failures mean to the call: nobody may wait for an end that never comes.
 */
export async function runEffects(deps: Deps, decision: Pick<Decision, 'call' | 'effects'>): Promise<CallEvent[]> {
  const failures: CallEvent[] = [];
  for (const effect of decision.effects.map((one) => inLanguage(decision.call, one))) {
    try {
      await runEffect(deps, decision.call.id, effect).catch(() => runEffect(deps, decision.call.id, effect));
    } catch (error) {
      deps.log.warn({ err: error, callId: decision.call.id, effect: effect.type }, 'An effect of a call failed');
      if (placing.has(effect.type)) await doubtPlaces(deps, decision.call.id);
      const failure = meaningOf(decision.call, effect);
      if (failure) failures.push(failure);
    }
  }
  return failures;
}

/** Without these somebody is in silence, or heard by mistake: the sweep asks again. */
const placing: ReadonlySet<Effect['type']> = new Set(['unbridge', 'start_music', 'stop_music', 'start_ringing', 'stop_ringing']);

async function doubtPlaces(deps: Deps, callId: string): Promise<void> {
  await noteDoubt(deps.pool, callId).catch((error: unknown) => deps.log.error({ err: error, callId }, 'A call whose places are in doubt could not be noted'));
}

/** A citizen hears prompts in the language of the call; operators hear ours. */
function inLanguage(call: Call, effect: Effect): Effect {
  const isHeardByCitizen = effect.type === 'play' && call.legs.some((leg) => leg.id === effect.channelId && leg.role === 'citizen');
  return isHeardByCitizen ? { ...effect, language: call.language } : effect;
}

/** The event a failed effect amounts to; null where the call goes on without it and it is mended later. */
function meaningOf(call: Call, effect: Effect): CallEvent | null {
  if (effect.type === 'ring_seat' || effect.type === 'dial_number') return { type: 'leg_ended', legId: effect.channelId, cause: unreachableCause };
  if (effect.type === 'play') return { type: 'playback_finished', playbackId: effect.playbackId };
  const supervisor = supervisorLeg(call);
  const touched = effect.type === 'bridge' ? effect.channelIds : 'channelId' in effect ? [effect.channelId] : [];
  // Never half put in place: a listener whom the citizen might hear goes rather than stays.
  if (supervisor && touched.includes(supervisor.id)) return effect.type === 'hang_up' ? null : { type: 'supervision_ended', legId: supervisor.id };
  // Nobody may believe that a secret is kept out.
  if (effect.type === 'mute_recording' && effect.isMuted) return { type: 'resume_recording', why: 'failed' };
  return effect.type === 'bridge' ? notBridged(call, effect.channelIds) : null;
}

/** A party that cannot be put through is dropped, and the others talk on; a call without its citizen or its operator is none. */
function notBridged(call: Call, channelIds: readonly string[]): CallEvent {
  const desk = deskLeg(call);
  const [, second] = deskLines(call);
  if (second && channelIds.includes(second.id)) return { type: 'drop', legId: second.id };
  const party = desk && call.legs.find((leg) => channelIds.includes(leg.id) && leg !== desk && leg.role !== 'citizen');
  return party ? { type: 'drop', legId: party.id } : { type: 'hang_up', by: 'system' };
}

/** Throws when the telephone system could not do it. */
export async function runEffect(deps: Deps, callId: string, effect: Effect): Promise<void> {
  const { telephony } = deps;
  switch (effect.type) {
    case 'answer': return telephony.answer(effect.channelId);
    case 'play': return telephony.play(effect.channelId, effect.playbackId, effect.prompts, effect.language ?? 'zh');
    case 'stop_playback': return telephony.stopPlayback(effect.playbackId);
    case 'start_music': return telephony.startMusic(effect.channelId, effect.musicClass);
    case 'stop_music': return telephony.stopMusic(effect.channelId);
    case 'start_ringing': return telephony.startRinging(effect.channelId);
    case 'stop_ringing': return telephony.stopRinging(effect.channelId);
    case 'ring_seat': return dial(deps, callId, effect.channelId, ({ isConfidential }) => telephony.ringSeat({ ...effect, callId, ...(isConfidential ? { callerNumber: '' } : {}) }));
    case 'dial_number': return dial(deps, callId, effect.channelId, () => telephony.dialNumber({ ...effect, callId }));
    case 'bridge': return telephony.bridge(callId, effect.channelIds);
    case 'unbridge': return telephony.unbridge(callId, effect.channelId);
    case 'spy': return telephony.spy({ ...effect, bridgeId: callId });
    case 'unspy': return telephony.unspy(effect.channelId);
    case 'destroy_bridge': return telephony.destroyBridge(callId);
    case 'record': return startRecording(deps, callId, effect.channelId);
    case 'mute_recording': return telephony.muteRecording(effect.channelId, effect.isMuted);
    case 'store_recording': return wakeToStore(deps);
    case 'hang_up': return telephony.hangup(effect.channelId, effect.cause);
    case 'answer_transfer': return telephony.answerTransfer(effect.channelId, 'accepted');
    case 'wake_wrap_up': return deps.jobs.wake('end-wrap-up', { seatId: effect.seatId }, effect.at);
    default: return assertNever(effect);
  }
}

/**
 * Dials a leg, unless its call ended since that was decided: a hang-up finds no channel while there is none yet, so whoever
 * makes the channel looks before and after. A leg that could not be dialled for sure is hung up too, for the same reason.
 */
async function dial(deps: Deps, callId: string, legId: string, place: (leg: { readonly isConfidential: boolean }) => Promise<void>): Promise<void> {
  const leg = await findLegToDial(deps.pool, legId);
  if (!leg) return;
  noteDialled(deps, callId, legId);
  let isWanted = false;
  try {
    await place(leg);
    isWanted = await isLegLive(deps.pool, legId);
  } finally {
    if (!isWanted) await deps.telephony.hangup(legId, 'normal');
  }
}

import { deskLeg, isSpareLine, supervisorLeg, type Call } from '../call.ts';
import type { Effect } from '../effect.ts';
import type { Leg } from '../leg.ts';
import { listeningOf, moveSupervisor } from '../supervision/supervision-rules.ts';

/*
 * Where each leg of a call in `talking` or `transferring` is.
 *   talk      in the call's bridge, with at least one other
 *   held      hears music
 *   ringback  the only one not held, hears the ringing of a party that is dialled
 *   alone     the only one there: hears silence, or a message; also a line that its phone has put aside for another
 * Where a supervisor is follows from where the operator is: supervision-rules.ts.
 */
const everyPlace = ['talk', 'held', 'ringback', 'alone'] as const;
type Place = (typeof everyPlace)[number];

/** Legs that hear each other; fewer than two hear nobody. A supervisor who only listens or whispers is none of them. */
export function talkers(call: Call): Leg[] {
  const heard = partyTalkers(call);
  const supervisor = supervisorLeg(call);
  const desk = deskLeg(call);
  if (!supervisor || !desk || listeningOf(call, heard)?.type !== 'talk') return heard;
  return [...(heard.length > 1 ? heard : [desk]), supervisor];
}

/** Who listens without being one of the talk, and to whose leg; null where nobody does. */
export function listener(call: Call): { readonly legId: string; readonly heardLegId: string; readonly mode: 'listen' | 'whisper' } | null {
  const place = listeningOf(call, partyTalkers(call));
  const leg = supervisorLeg(call);
  return leg && place?.type === 'spy' ? { legId: leg.id, heardLegId: place.deskId, mode: place.isWhisper ? 'whisper' : 'listen' } : null;
}

function partyTalkers(call: Call): Leg[] {
  const heard = call.state === 'talking' ? call.legs.filter((leg) => leg.role !== 'supervisor' && leg.state === 'up' && !leg.isHeld) : [];
  return heard.length > 1 ? heard : [];
}

function placeOf(call: Call, leg: Leg): Place {
  // Music on a line that the phone has put aside would get into what the phone mixes of its lines.
  if (leg.isHeld) return isSpareLine(call, leg) ? 'alone' : 'held';
  if (partyTalkers(call).includes(leg)) return 'talk';
  return call.legs.some((one) => one.state === 'dialing' && one.role !== 'supervisor') ? 'ringback' : 'alone';
}

/**
 * What must be done so that everybody hears whom they should. `before` is the call as its legs were placed last, or null when
 * that is not known: then each leg is taken from wherever it should not be and placed anew, which harms nobody.
 */
export function arrange(before: Call | null, after: Call, musicClass: string): Effect[] {
  return aroundSupervisor(before, after, arrangeParties(before, after, musicClass));
}

/** The supervisor's own moves around those of the parties: out of the way first, to the operator's new place last. */
export function aroundSupervisor(before: Call | null, after: Call, effects: readonly Effect[]): Effect[] {
  const was = before && { call: before, heard: partyTalkers(before) };
  const { leave, enter } = moveSupervisor(was, { call: after, heard: partyTalkers(after) });
  return [...leave, ...effects, ...enter];
}

function arrangeParties(before: Call | null, after: Call, musicClass: string): Effect[] {
  const moves = after.legs.filter((leg) => leg.state === 'up' && leg.role !== 'supervisor').map((leg) => {
    const was = before?.legs.find((one) => one.id === leg.id && one.state === 'up');
    const to = placeOf(after, leg);
    const from: readonly Place[] = before ? [was ? placeOf(before, was) : 'alone'] : everyPlace.filter((place) => place !== to);
    return { channelId: leg.id, from, to };
  }).filter((move) => !move.from.includes(move.to));
  const joining = moves.filter((move) => move.to === 'talk');
  return [
    ...moves.flatMap((move) => move.from.flatMap((place) => leaving(move.channelId, place))),
    ...moves.flatMap((move) => entering(move.channelId, move.to, musicClass)),
    // Each by itself: of several at once Asterisk takes none when one of them has just hung up, and the others would hear silence.
    ...joining.map((move) => ({ type: 'bridge', channelIds: [move.channelId] }) as const),
  ];
}

function leaving(channelId: string, place: Place): Effect[] {
  if (place === 'talk') return [{ type: 'unbridge', channelId }];
  if (place === 'held') return [{ type: 'stop_music', channelId }];
  return place === 'ringback' ? [{ type: 'stop_ringing', channelId }] : [];
}

function entering(channelId: string, place: Place, musicClass: string): Effect[] {
  if (place === 'held') return [{ type: 'start_music', channelId, musicClass }];
  return place === 'ringback' ? [{ type: 'start_ringing', channelId }] : [];
}

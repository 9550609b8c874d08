import type { Call } from '../calls/call.ts';
import type { Leg } from '../calls/leg.ts';
import { talkers } from '../calls/talking/place-rules.ts';

/** What Asterisk says of a channel, as far as rows can be held against it. */
export type SeenChannel = { readonly id: string; readonly isUp: boolean; readonly isRinging: boolean; /** Arguments of our application; null outside of it. */ readonly args: readonly string[] | null };
export type SeenBridge = { readonly id: string; readonly channels: readonly string[] };

/** `number`: of a phone outside that was to be dialled and that nobody saw ring. */
type GoneLeg = { readonly callId: string; readonly legId: string; readonly number: string | null };
export type LegDifferences = {
  /** Legs without their channel: citizens first, then who is there, then who is dialled; in that order their ends lead to no ring for a call that is over. */
  readonly gone: readonly (readonly GoneLeg[])[];
  /** Channels in our application that the rows do not explain: unknown, of a leg that has ended, or answered unseen. */
  readonly strays: readonly string[];
  /** Legs that ring, which was not heard. */
  readonly ringing: readonly GoneLeg[];
};

/** A leg that this process dials may not have its channel for this long, milliseconds; its ring deadline ends it if it never gets one. */
const dialingGraceMs = 2_000;

/**
 * The rows must have been read before the channels: a leg that was up then and has no channel now is gone, however young it is; so is
 * one that is to be dialled and that no process is about to dial, for whoever wrote it down (`isKnownHere` says that we did not) was killed.
 */
export function legDifferences(calls: readonly Call[], channels: readonly SeenChannel[], now: Date, isKnownHere: (legId: string) => boolean): LegDifferences {
  const seen = new Map(channels.map((channel) => [channel.id, channel]));
  const legs = new Map<string, Leg>();
  const gone: [GoneLeg[], GoneLeg[], GoneLeg[]] = [[], [], []];
  const ringing: GoneLeg[] = [];
  for (const call of calls) {
    for (const leg of call.legs) {
      legs.set(leg.id, leg);
      const one = { callId: call.id, legId: leg.id, number: leg.state === 'dialing' && !leg.ringingAt && leg.seatId === null ? leg.number : null };
      const channel = seen.get(leg.id);
      // A leg that is up is in our application; one that was given to Asterisk's own queue is no longer ours.
      const isThere = leg.state === 'up' ? channel?.args : channel ?? (isKnownHere(leg.id) && now.getTime() - leg.startedAt.getTime() < dialingGraceMs);
      if (!isThere) gone[leg.role === 'citizen' ? 0 : leg.state === 'up' ? 1 : 2].push(one);
      else if (leg.state === 'dialing' && !leg.ringingAt && channel?.isRinging) ringing.push(one);
    }
  }
  return { gone, ringing, strays: channels.filter((channel) => isStray(channel, legs)).map((channel) => channel.id) };
}

function isStray({ id, args, isUp }: SeenChannel, legs: ReadonlyMap<string, Leg>): boolean {
  if (!args) return false;
  const [role, detail = ''] = args;
  if (role === 'spy') return !legs.has(detail);
  const leg = legs.get(id);
  return !leg || (leg.state === 'dialing' && isUp);
}

/** Whether what the call needs of Asterisk is not there, as far as that can be seen; for a prompt, whether it should be looked for. */
export function isDoubtful(call: Call, bridge: SeenBridge | undefined): boolean {
  if (call.legs.length === 0) return !(call.state === 'waiting' && call.callbackOf !== null);
  return call.playbackId !== null || !isPlaced(call, bridge);
}

/** Those who should hear each other are in the call's bridge, and nobody else. */
function isPlaced(call: Call, bridge: SeenBridge | undefined): boolean {
  if (call.state !== 'talking' && call.state !== 'transferring') return true;
  const wanted = talkers(call);
  return (bridge?.channels.length ?? 0) === wanted.length && wanted.every((leg) => bridge?.channels.includes(leg.id));
}

/** Asterisk tells neither who hears music or ringing nor what a supervisor hears: after a time unseen that is asked for again. */
export function hasUnseen(call: Call): boolean {
  return call.state !== 'talking' || call.legs.some((leg) => leg.isHeld || leg.state !== 'up' || leg.role === 'supervisor') || talkers(call).length < 2;
}

import { deskLeg, supervisorLeg, type Call } from '../call.ts';
import type { Effect } from '../effect.ts';
import type { Leg } from '../leg.ts';

/*
 * Where the supervisor of a call is. It follows from the mode and from where the operator is; the places of all others are as if
 * no supervisor were there, but for one: an operator who talks with nobody else is put together with one who whispers or barges in.
 *   spy    on a copy of what the operator hears and says; whispering, the operator alone hears the supervisor
 *   talk   in the call's bridge: barging in, or `isAside` with the operator alone, the others being held
 */
type Listening =
  | { readonly type: 'spy'; readonly deskId: string; readonly isWhisper: boolean }
  | { readonly type: 'talk'; readonly deskId: string; readonly isAside: boolean };

/**
 * `heard` are the parties that hear each other. Null while the supervisor's phone rings, and when there is no operator. Aside goes
 * the bridge, not a whisper, because Asterisk mixes a whisper into what the channel hears, and that is nothing (tried on 22.10.1).
 */
export function listeningOf(call: Call, heard: readonly Leg[]): Listening | null {
  const leg = supervisorLeg(call);
  const desk = deskLeg(call);
  if (call.state !== 'talking' || leg?.state !== 'up' || !desk) return null;
  const isHeard = heard.includes(desk);
  const isBusy = call.playbackId !== null || call.legs.some((one) => one.state === 'dialing');
  const isAside = leg.mode !== 'listen' && !isHeard && !isBusy;
  if (isAside || (leg.mode === 'barge' && isHeard)) return { type: 'talk', deskId: desk.id, isAside };
  return { type: 'spy', deskId: desk.id, isWhisper: leg.mode !== 'listen' };
}

type Placed = { readonly call: Call; readonly heard: readonly Leg[] };

/** What brings the supervisor from the one place to the other; `before` null when it is not known. A leg that is gone needs no place. */
export function moveSupervisor(before: Placed | null, after: Placed): { readonly leave: Effect[]; readonly enter: Effect[] } {
  const leg = supervisorLeg(after.call) ?? (before ? supervisorLeg(before.call) : undefined);
  if (!leg) return { leave: [], enter: [] };
  const was = before && listeningOf(before.call, before.heard);
  const is = listeningOf(after.call, after.heard);
  if (before && isSame(was, is)) return { leave: [], enter: [] };
  const isUp = supervisorLeg(after.call)?.state === 'up';
  const isAnywhere = before === null && isUp;
  const leave: Effect[] = [];
  if ((isAnywhere || was?.type === 'spy') && is?.type !== 'spy') leave.push({ type: 'unspy', channelId: leg.id });
  if ((isAnywhere || was?.type === 'talk') && is?.type !== 'talk' && isUp) leave.push({ type: 'unbridge', channelId: leg.id });
  // The operator's line of then, which may be another than the one of now.
  const desk = was?.type === 'talk' && was.isAside ? after.call.legs.find((one) => one.id === was.deskId) : undefined;
  if (desk && !after.heard.includes(desk) && !(is?.type === 'talk' && is.isAside && is.deskId === desk.id)) leave.push({ type: 'unbridge', channelId: desk.id });
  if (!is) return { leave, enter: [] };
  if (is.type === 'spy') return { leave, enter: [{ type: 'spy', channelId: leg.id, targetId: is.deskId, isWhisper: is.isWhisper }] };
  return { leave, enter: [...(is.isAside ? [{ type: 'bridge', channelIds: [is.deskId] } as const] : []), { type: 'bridge', channelIds: [leg.id] }] };
}

function isSame(one: Listening | null, other: Listening | null): boolean {
  if (one?.type === 'spy' && other?.type === 'spy') return one.deskId === other.deskId && one.isWhisper === other.isWhisper;
  if (one?.type === 'talk' && other?.type === 'talk') return one.deskId === other.deskId && one.isAside === other.isAside;
  return one === other;
}

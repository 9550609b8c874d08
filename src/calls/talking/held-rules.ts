import { deskLeg, deskLines, isSpareLine, legOf, withLegs, type Call } from '../call.ts';
import { endLeg, type Leg } from '../leg.ts';
import { talkers } from './place-rules.ts';

/** The call with exactly those held whom `isHeard` leaves out; `heldFor` notes what those who are held now come back with. */
export function heldUnless(call: Call, isHeard: (leg: Leg) => boolean, heldFor: string | null = null): Call {
  return withLegs(call, call.legs.map((leg) => {
    if (leg.state !== 'up' || leg.isHeld !== isHeard(leg)) return leg;
    return { ...leg, isHeld: !leg.isHeld, heldFor: leg.isHeld ? null : heldFor };
  }));
}

export function everyoneHeard(call: Call): Call {
  return heldUnless(call, (leg) => !isSpareLine(call, leg));
}

/**
 * Those who were held for a party or a line that is gone come back; others stay as they were before. With nobody to talk with left,
 * the citizen comes back, or everybody in a call without one; but nobody to a phone that has put its line on hold.
 */
export function backTogether(call: Call, goneId: string): Call {
  const desk = deskLeg(call);
  if (desk?.isAway) return heldUnless(call, (leg) => leg === desk, desk.id);
  const back = heldUnless(call, (leg) => !leg.isHeld || (leg.heldFor === goneId && !isSpareLine(call, leg)));
  if (talkers(back).length > 1) return back;
  const citizen = legOf(back, 'citizen');
  return citizen ? heldUnless(back, (leg) => leg === citizen || !leg.isHeld) : everyoneHeard(back);
}

/** A second line without a party serves nobody: it ends, and the first is in use again. `call` is without the party that left. */
export function freeLine(call: Call, now: Date): { readonly call: Call; readonly ended: readonly Leg[] } {
  const [, second] = deskLines(call);
  if (!second || call.legs.some((leg) => leg.lineId === second.id)) return { call, ended: [] };
  return { call: useOnlyLine(withLegs(call, call.legs.filter((leg) => leg !== second))), ended: [endLeg(second, 'answered', null, now)] };
}

/** The one line that is left is in use, whatever it was before. */
export function useOnlyLine(call: Call): Call {
  const desk = deskLeg(call);
  return desk?.isHeld ? heldUnless(call, (leg) => leg === desk || !leg.isHeld) : call;
}

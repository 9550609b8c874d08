import { deskLeg, deskLines, partiesOf, type Call } from '../call.ts';

/** What an operator may do with the parties of a call; each is an event of the call (call-event.ts). */
export const callActions = ['hold', 'join', 'switch', 'consult', 'transfer', 'drop', 'leave'] as const;
export type CallAction = (typeof callActions)[number];

/** Those that change something now. The API shows them, and a refusal names them. */
export function allowedCallActions(given: Call): CallAction[] {
  const call = partiesOf(given);
  const desk = deskLeg(call);
  if (call.state !== 'talking' || !desk) return [];
  const lines = deskLines(call);
  const others = call.legs.filter((leg) => leg.state === 'up' && !lines.includes(leg));
  const isDialing = call.legs.some((leg) => leg.state === 'dialing');
  const isAllowed: Readonly<Record<CallAction, boolean>> = {
    hold: others.some((leg) => !leg.isHeld),
    join: others.some((leg) => leg.isHeld),
    switch: others.length > 1,
    consult: !isDialing,
    transfer: !isDialing && others.some((leg) => leg.role === 'citizen'),
    drop: isDialing || others.some((leg) => leg.role !== 'citizen'),
    leave: isDialing || others.length > 1,
  };
  return callActions.filter((action) => isAllowed[action]);
}

import { deskLeg, deskLines, withLegs, withoutLeg, type Call } from '../call.ts';
import type { CallEvent, QueueFacts } from '../call-event.ts';
import type { Decision } from '../decision.ts';
import { backTogether, everyoneHeard, heldUnless, useOnlyLine } from './held-rules.ts';
import { arrivedLeg, endLeg, type Leg } from '../leg.ts';
import { talkers } from './place-rules.ts';
import { endCall, hangUp, letGo } from '../lifecycle-machine.ts';
import { bringIn, quiet, settle } from './talking-machine.ts';

/*
 * The keys of an operator's phone. A second line that it dials during a call is a consultation of that call: the one line in use stands
 * for the operator, the other is put aside and hears nothing. Who was dialled over the second line has its `lineId`, and goes with it.
 */
type Moment = { readonly facts: QueueFacts; readonly now: Date };

/** The second line rings a unit or another seat; the first is put aside, and everybody there hears music. */
export function dialOnSecondLine(call: Call, event: CallEvent & { type: 'second_line' }, { facts, now }: Moment): Decision | null {
  const [first, more] = deskLines(call);
  if (call.state !== 'talking' || first?.seatId !== event.seatId || more) return null;
  const line = arrivedLeg({ id: event.lineId, role: 'operator', seatId: first.seatId, operatorId: first.operatorId }, now);
  const aside = heldUnless(call, (leg) => leg !== first);
  const dialled = bringIn(withLegs(aside, [...aside.legs, line]), { legId: event.legId, party: event.party, isHolding: true }, now);
  return dialled && settle(call, dialled.call, facts, dialled);
}

/** Music to all but the operator, as by the screen's key; the phone that mixed its two lines itself splits them. */
export function phoneHold(call: Call, legId: string, { facts }: Moment): Decision | null {
  const line = deskLines(call).find((leg) => leg.id === legId);
  if (call.state !== 'talking' || !line || line.isAway) return null;
  const away = withLegs(call, call.legs.map((leg) => (leg === line ? { ...leg, isAway: true } : leg)));
  const desk = deskLeg(away);
  const other = deskLines(away).find((leg) => leg.id !== legId);
  const isDialing = call.legs.some((leg) => leg.state === 'dialing');
  if (desk?.id !== legId) {
    // The parties of the line that is in use go on without those of this one.
    const parted = desk && talkers(away).includes(desk) ? heldUnless(away, (leg) => !leg.isHeld && (leg === desk || isOfLine(away, leg, desk)), legId) : away;
    return settle(call, parted, facts);
  }
  if (other && !other.isAway && !isDialing) return settle(call, quiet(useLine(away, other)), facts);
  return settle(call, quiet(heldUnless(away, (leg) => leg === desk, legId)), facts);
}

/** The line is taken up again: who was held with it is back. Both lines at once are a conference that the phone mixes: all join. */
export function phoneResume(call: Call, legId: string, moment: Moment): Decision | null {
  const line = deskLines(call).find((leg) => leg.id === legId);
  if (call.state !== 'talking' || !line) return null;
  const { facts } = moment;
  const back = withLegs(call, call.legs.map((leg) => (leg === line && leg.isAway ? { ...leg, isAway: false } : leg)));
  const desk = deskLeg(back);
  const resumed = back.legs.find((leg) => leg.id === legId);
  if (!desk || !resumed) return null;
  const isHeld = back.legs.some((leg) => leg.isHeld && !deskLines(back).includes(leg));
  if (desk === resumed) return isHeld || line.isAway ? settle(call, quiet(backTogether(back, legId)), facts) : null;
  if (call.legs.some((leg) => leg.state === 'dialing')) return lineLeft(back, { ...desk, outcome: 'answered' }, moment, true);
  return settle(call, quiet(desk.isAway ? useLine(back, resumed) : everyoneHeard(back)), facts);
}

/** The operator turns to the other line; those of the line in use until now hear music. */
function useLine(call: Call, line: Leg): Call {
  return heldUnless(call, (leg) => leg.id === line.id || isOfLine(call, leg, line), deskLeg(call)?.id ?? null);
}

/** Parties belong to the line that they were dialled over, the citizen to the first. */
function isOfLine(call: Call, leg: Leg, line: Leg): boolean {
  const [first, second] = deskLines(call);
  if (leg.id === first?.id || leg.id === second?.id) return false;
  return (second !== undefined && leg.lineId === second.id) === (line.id === second?.id);
}

/**
 * One of the operator's two lines ended. The second one takes its parties with it, unless they talk with the citizen already; the
 * first leaves its parties to the second, at the music, for the operator has turned away from them and must not lose them.
 */
export function lineLeft(before: Call, line: Leg, { facts, now }: Moment, isHangingUp = false): Decision {
  const isSecond = deskLines(before)[1]?.id === line.id;
  const ended = endLeg(line, 'answered', line.hangupCause, now);
  const own = before.legs.filter((leg) => leg.id !== line.id && leg.lineId === line.id);
  const isJoined = talkers(before).some((leg) => own.includes(leg)) && talkers(before).some((leg) => leg.id !== line.id && !own.includes(leg));
  const dropped = isSecond && !isJoined ? own : [];
  const rest = dropped.reduce((call, leg) => withoutLeg(call, leg.id), withoutLeg(before, line.id));
  // The citizen has hung up meanwhile: an operator alone is no talk.
  if (rest.legs.filter((leg) => leg.state !== 'ended').length < 2) return endCall(withoutLeg(before, line.id), { outcome: 'answered', by: 'operator' }, facts, now);
  const only = useOnlyLine(rest);
  const isDialing = only.legs.some((leg) => leg.state === 'dialing');
  const turned = isSecond ? only : heldUnless(only, (leg) => !leg.isHeld && (leg === deskLeg(only) || leg.lineId === deskLeg(only)?.id));
  const goneId = isSecond ? dropped[0]?.id ?? line.id : deskLeg(only)?.id ?? '';
  const settled = isJoined ? only : isDialing ? turned : backTogether(turned, goneId);
  const timed = isDialing ? settled : { ...settled, playbackId: null, deadlineAt: null };
  const gone = dropped.map((leg) => endLeg(leg, leg.outcome ?? 'cancelled', null, now));
  const over = isHangingUp ? [line, ...dropped] : dropped;
  return settle(before, timed, facts, {
    legs: [...(isHangingUp ? [ended] : []), ...gone],
    changes: dropped.flatMap((leg) => letGo(before, leg, 'cancelled', facts.wrapUpSec)),
    effects: over.map(hangUp),
  });
}

import { v7 as uuid } from 'uuid';
import type { Deps } from '../../deps.ts';
import type { Tx } from '../../db/query.ts';
import { atOnce, transaction } from '../../db/transaction.ts';
import { normalizePhone } from '../../cases/phone-number-rules.ts';
import { findRoute, findTreatment, type NumberRoute } from '../../routing/queries.ts';
import { carryOut } from '../apply-call-event.ts';
import { findCallback } from '../callback/callback-queries.ts';
import { newCall, requireLeg, type Call } from '../call.ts';
import type { QueueFacts } from '../call-event.ts';
import type { Decision } from '../decision.ts';
import { matchNewcomer } from '../waiting/match-newcomer.ts';
import { findEntrance, type Known } from '../waiting/find-entrance.ts';
import { block, greet } from './inbound-machine.ts';
import { insertWithCase } from './insert-with-case.ts';
import { inOrder } from '../in-order.ts';
import { leadOn } from '../menu/menu-machine.ts';
import { findEntryMenu } from '../menu/menu-facts.ts';
import { arrivedLeg, endLeg } from '../leg.ts';
import type { CarriedCall } from '../own-queue/carried-call.ts';
import { lockChannel } from '../own-queue/own-queue-queries.ts';
import { rejoinQueue } from '../own-queue/rejoin-queue.ts';
import { findCallOfLeg } from '../queries.ts';
import { saveDecision, takeCallbackPlace } from '../save-decision.ts';

type Offer = { readonly channelId: string; readonly calledNumber: string; readonly callerRaw: string;
  /** What became of it so far in the telephone system's own queue, out of which it comes. */ readonly carried?: CarriedCall | undefined };

/**
 * A citizen's channel reached the hotline: its call and its case are committed before anything is played.
 * When they cannot be, the telephone system's own queue takes the citizen, as if no service were there.
 */
export async function offerCall(deps: Deps, offer: Offer): Promise<void> {
  const callId = uuid();
  await inOrder(callId, async () => {
    const decision = await transaction(deps.pool, (tx) => openAndMatch(deps, tx, callId, offer)).catch(async (error: unknown) => {
      await deps.telephony.giveToFallback(offer.channelId);
      throw error;
    });
    if (decision) await carryOut(deps, decision);
  });
}

/** What a match asks for comes first: the seat rings while the citizen is answered. */
async function openAndMatch(deps: Deps, tx: Tx, callId: string, offer: Offer): Promise<Decision | null> {
  const opened = await openCall(deps, tx, callId, offer);
  const matched = opened?.call.state === 'waiting' ? await matchNewcomer(deps, tx, opened.call) : null;
  return opened && matched ? { ...matched, legs: [...opened.legs, ...matched.legs], effects: [...matched.effects, ...opened.effects] } : opened;
}

async function openCall(deps: Deps, tx: Tx, callId: string, offer: Offer): Promise<Decision | null> {
  const at = deps.now();
  const { carried } = offer;
  const areaCode = deps.config.HOTLINE_AREA_CODE;
  const phone = normalizePhone(offer.callerRaw, areaCode);
  if (carried) await lockChannel(tx, offer.channelId);
  const [isKnown, route, treatment, callback] = await atOnce(
    findCallOfLeg(tx, offer.channelId), findRoute(tx, offer.calledNumber),
    phone.number ? findTreatment(tx, phone.number, at) : undefined, phone.number ? findCallback(tx, phone.number) : undefined,
  );
  if (isKnown) return null; // the same channel told twice
  const leg = { ...arrivedLeg({ id: offer.channelId, role: 'citizen', number: phone.number }, at), startedAt: carried?.offeredAt ?? at };
  const call = newCall({ id: callId, direction: 'inbound', calledNumber: offer.calledNumber, callerRaw: offer.callerRaw,
    callerNumber: phone.number, callerKind: phone.kind, legs: [leg] }, carried?.offeredAt ?? at);
  const isBlocked = route && treatment === 'blocked';
  // Who is to be called back and calls again has one matter, not two.
  const known = route && !isBlocked ? callback?.caseId ?? undefined : undefined;
  const first = !route ? refuse(call) : isBlocked ? turnAway({ ...call, answeredAt: at }, at)
    : await welcome(deps, tx, { ...call, queueId: route.id, caseId: known ?? uuid(), answeredAt: at }, { route, treatment, carried });
  const decision = callback ? await takeCallbackPlace(deps, tx, first, at) : first;
  await insertWithCase(tx, decision.call, { isKnownMatter: known !== undefined, areaCode });
  return saveDecision(deps, tx, { before: null, decision, event: { type: route && !isBlocked ? 'offered' : 'refused', at: carried?.offeredAt ?? at,
    data: { calledNumber: offer.calledNumber, ...(carried ? { cameOverAt: at } : {}) } } });
}

type Arrival = { readonly route: NumberRoute; readonly treatment: Known['treatment']; readonly carried: CarriedCall | undefined };

async function welcome(deps: Deps, tx: Tx, call: Call, { route, treatment, carried }: Arrival): Promise<Decision> {
  if (carried) return rejoinQueue(deps, tx, call, carried);
  const at = call.offeredAt;
  const first = route.greetingPrompts.length > 0
    ? greet(call, route.greetingPrompts, at)
    : leadOn(call, await findWayIn(deps, tx, call, { route, treatment }), at);
  const citizen = requireLeg(call, 'citizen');
  return { ...first, legs: [citizen], effects: [{ type: 'answer', channelId: citizen.id }, ...first.effects] };
}

async function findWayIn(deps: Deps, tx: Tx, call: Call, known: Known): Promise<QueueFacts> {
  const [entrance, menu] = await atOnce(findEntrance(deps, tx, call, { known }), findEntryMenu(tx, known.route.menuId));
  return { ...entrance, ...menu };
}

/** A blocked number hears so; the call is written down, without a case. */
function turnAway(call: Call, at: Date): Decision {
  return { ...block(call, at), legs: [requireLeg(call, 'citizen')] };
}

/** A number nobody configured: written down as an attempt, refused with 404, no case. */
function refuse(call: Call): Decision {
  const at = call.offeredAt;
  const leg = requireLeg(call, 'citizen');
  return {
    call: { ...call, state: 'ended', outcome: 'number_unknown', endedBy: 'system', endedAt: at },
    legs: [{ ...endLeg(leg, 'cancelled', null, at), answeredAt: null }],
    changes: [],
    effects: [{ type: 'hang_up', channelId: leg.id, cause: 'unknown_number' }],
  };
}

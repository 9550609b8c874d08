import { v7 as uuid } from 'uuid';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import { openCase } from '../cases/open-case.ts';
import { normalizePhone } from '../cases/phone-number-rules.ts';
import { findRoute } from '../routing/queries.ts';
import { countSignedIn } from '../seats/queries.ts';
import { saveDecision } from './apply-call-event.ts';
import type { Call, Leg } from './call.ts';
import { enterQueue, newLeg, type Decision } from './call-machine.ts';
import { inOrder } from './in-order.ts';
import { countWaiting, findCallOfLeg, insertCall } from './queries.ts';
import { runEffects } from './run-effects.ts';

/** A citizen's channel reached the hotline: its call and its case are committed before anything is played. */
export async function offerCall(deps: Deps, offer: { channelId: string; calledNumber: string; callerRaw: string }): Promise<void> {
  const callId = uuid();
  await inOrder(callId, async () => {
    const decision = await transaction(deps.pool, async (tx): Promise<Decision | null> => {
      if (await findCallOfLeg(tx, offer.channelId)) return null; // the same channel told twice
      const at = deps.now();
      const phone = normalizePhone(offer.callerRaw, deps.config.HOTLINE_AREA_CODE);
      const leg: Leg = { ...newLeg({ id: offer.channelId, role: 'citizen', number: phone.number }, at), state: 'up', answeredAt: at, outcome: 'answered' };
      const call = newCall({ id: callId, direction: 'inbound', calledNumber: offer.calledNumber, callerRaw: offer.callerRaw,
        callerNumber: phone.number, callerKind: phone.kind, legs: [leg] }, at);
      const route = await findRoute(tx, offer.calledNumber);
      if (!route) return refuse(deps, tx, call);
      const caseId = uuid();
      const decision = route.greetingPrompts.length > 0
        ? greet({ ...call, queueId: route.id }, route.greetingPrompts)
        : enterQueue({ ...call, queueId: route.id }, { ...route, waiting: await countWaiting(tx, route.id), signedIn: await countSignedIn(tx, route.id) }, at);
      const answered: Decision = {
        ...decision,
        call: { ...decision.call, caseId, answeredAt: at },
        legs: [leg],
        changes: decision.call.state === 'dismissing' ? [] : decision.changes,
        effects: [{ type: 'answer', channelId: offer.channelId }, ...decision.effects],
      };
      await openCase(tx, { caseId, channel: 'phone', phoneRaw: offer.callerRaw, areaCode: deps.config.HOTLINE_AREA_CODE, at });
      await insertCall(tx, answered.call);
      await saveDecision(deps, tx, null, answered, { type: 'offered', at, data: { calledNumber: offer.calledNumber } });
      await tx.query('update cases set call_id = $2 where id = $1', [caseId, callId]);
      return answered;
    });
    if (decision) await runEffects(deps, decision);
  });
}

/** A number nobody configured: written down as an attempt, refused with 404, no case. */
async function refuse(deps: Deps, tx: Parameters<typeof insertCall>[0], call: Call): Promise<Decision> {
  const at = call.offeredAt;
  const leg = call.legs[0];
  if (!leg) throw new Error('a call is refused without a leg');
  const decision: Decision = {
    call: { ...call, state: 'ended', outcome: 'number_unknown', endedBy: 'system', endedAt: at },
    legs: [{ ...leg, state: 'ended', endedAt: at, answeredAt: null, outcome: 'cancelled' }],
    changes: [],
    effects: [{ type: 'hang_up', channelId: leg.id, cause: 'unknown_number' }],
  };
  await insertCall(tx, decision.call);
  await saveDecision(deps, tx, null, decision, { type: 'refused', at, data: { calledNumber: call.calledNumber } });
  return decision;
}

function greet(call: Call, prompts: readonly string[]): Decision {
  const playbackId = `${call.id}-greeting`;
  const citizen = call.legs[0];
  if (!citizen) throw new Error('a call is greeted without a citizen');
  return { call: { ...call, state: 'greeting', playbackId }, legs: [], changes: [],
    effects: [{ type: 'play', channelId: citizen.id, playbackId, prompts }] };
}

type NewCall = Pick<Call, 'id' | 'direction' | 'calledNumber' | 'callerRaw' | 'callerNumber' | 'callerKind' | 'legs'>;

/** A call's row at its first moment. */
export function newCall(call: NewCall, at: Date): Call {
  return {
    ...call, state: call.direction === 'inbound' ? 'greeting' : 'dialing_seat', queueId: null, caseId: null, seatId: null,
    operatorId: null, offeredAt: at, answeredAt: null, queuedAt: null, ringingAt: null, connectedAt: null, endedAt: null,
    ringDeadlineAt: null, announceAt: null, playbackId: null, outcome: null, endedBy: null, version: 1,
  };
}

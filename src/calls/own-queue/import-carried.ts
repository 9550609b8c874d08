import { v7 as uuid } from 'uuid';
import { insertTalkEvent } from '../../cases/insert-talk-event.ts';
import { normalizePhone } from '../../cases/phone-number-rules.ts';
import { write, type Tx } from '../../db/query.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { findQueue, findRoute, findTreatment } from '../../routing/queries.ts';
import { carryOut } from '../apply-call-event.ts';
import { newCall, type Call, type EndedBy } from '../call.ts';
import { findCallback } from '../callback/callback-queries.ts';
import type { Decision } from '../decision.ts';
import { insertWithCase } from '../inbound/insert-with-case.ts';
import { inOrder } from '../in-order.ts';
import { findCallOfLeg, insertCallEvent, lockCall } from '../queries.ts';
import { saveDecision, takeCallbackPlace } from '../save-decision.ts';
import type { CarriedCall } from './carried-call.ts';
import { endCarried, type Ended } from './carried-rules.ts';
import { findOperators } from './find-operators.ts';
import { findKnownSeats, insertPastTalk, lockChannel } from './own-queue-queries.ts';

type End = { readonly at: Date; readonly by: EndedBy };

/**
 * Makes a call and a case of what the telephone system's own queue carried, once it is over. `known`: that was done before, or the
 * service had the call to its end. `later`: the call that the service knows of this channel has not ended yet.
 */
export async function importCarried(deps: Deps, carried: CarriedCall, end: End): Promise<'imported' | 'known' | 'later'> {
  const callId = uuid({ msecs: carried.offeredAt.getTime() });
  return inOrder(callId, async () => {
    const result = await transaction(deps.pool, async (tx) => {
      await lockChannel(tx, carried.channelId);
      const knownId = await findCallOfLeg(tx, carried.channelId);
      const known = knownId === undefined ? undefined : await lockCall(tx, knownId);
      if (known && (known.carriedBy === 'asterisk' || carried.isReturned)) return 'known';
      if (known && known.state !== 'ended') return 'later';
      const seats = await findKnownSeats(tx, carried.offers.map((offer) => offer.seatId));
      const told = { ...carried, offers: carried.offers.filter((offer) => seats.has(offer.seatId)) };
      return known ? goOn(deps, tx, known, told, end) : open(deps, tx, callId, told, end);
    });
    if (typeof result === 'string') return result;
    await carryOut(deps, result);
    return 'imported';
  });
}

async function open(deps: Deps, tx: Tx, callId: string, carried: CarriedCall, end: End): Promise<Decision> {
  const at = carried.offeredAt;
  const areaCode = deps.config.HOTLINE_AREA_CODE;
  const phone = normalizePhone(carried.callerRaw, areaCode);
  const queue = (await findRoute(tx, carried.calledNumber)) ?? (await findQueue(tx, carried.queueId));
  const matter = phone.number === null ? undefined : (await findCallback(tx, phone.number))?.caseId ?? undefined;
  const call: Call = { ...newCall({ id: callId, direction: 'inbound', calledNumber: carried.calledNumber, callerRaw: carried.callerRaw,
    callerNumber: phone.number, callerKind: phone.kind, legs: [] }, at), queueId: queue?.id ?? null, caseId: matter ?? uuid({ msecs: at.getTime() }) };
  const isBlocked = phone.number !== null && (await findTreatment(tx, phone.number, at)) === 'blocked';
  const ended = turnAwayIf(isBlocked, endCarried(call, carried, await findOperators(tx, carried), end));
  const settled = ended.call.connectedAt ? await settleCallback(deps, tx, ended, end.at) : decisionOf(ended);
  await insertWithCase(tx, settled.call, { isKnownMatter: matter !== undefined, areaCode });
  return save(deps, tx, null, ended, settled);
}

/** A blocked number that nobody answered is written down as an attempt, without a case, and is not called back. */
function turnAwayIf(isBlocked: boolean, ended: Ended): Ended {
  return isBlocked && !ended.call.connectedAt ? { ...ended, call: { ...ended.call, caseId: null, outcome: 'blocked' }, changes: [] } : ended;
}

/** A call that the service had begun when its database failed, and whose citizen it then gave away. */
async function goOn(deps: Deps, tx: Tx, known: Call, carried: CarriedCall, end: End): Promise<Decision> {
  const ended = endCarried(known, carried, await findOperators(tx, carried), end);
  return save(deps, tx, known, ended, decisionOf(ended));
}

/** Whoever was to be called back and has spoken with an operator is not called back. The wait of this call is its own, not the callback's. */
async function settleCallback(deps: Deps, tx: Tx, ended: Ended, at: Date): Promise<Decision> {
  const settled = await takeCallbackPlace(deps, tx, decisionOf(ended), at);
  return { ...settled, call: { ...settled.call, queuedAt: ended.call.queuedAt } };
}

function decisionOf({ call, legs, changes }: Ended): Decision {
  return { call, legs, changes, effects: [] };
}

async function save(deps: Deps, tx: Tx, before: Call | null, ended: Ended, decision: Decision): Promise<Decision> {
  const { id: callId, caseId, endedAt } = decision.call;
  const at = endedAt ?? deps.now();
  // One after the other: their ids are the order of the timeline.
  for (const step of ended.steps) await write(tx, insertCallEvent({ callId, ...step, data: {} }));
  const saved = await saveDecision(deps, tx, { before, decision, event: { type: 'carried_by_asterisk', at, data: { importedAt: deps.now() } } });
  if (ended.talk) await insertPastTalk(tx, { callId, ...ended.talk });
  if (ended.talk && caseId) {
    const parties = ended.legs.filter((leg) => ended.talk?.legIds.includes(leg.id)).map(({ role, seatId, operatorId, directoryCode }) => ({ role, seatId, operatorId, directoryCode }));
    await insertTalkEvent(tx, { caseId, at, data: { callId, from: ended.talk.startedAt, to: ended.talk.endedAt, parties } });
  }
  return saved;
}

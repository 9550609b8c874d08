import { v7 as uuid } from 'uuid';
import { chinaDayStart } from '../../calendar/opening-rules.ts';
import type { Deps } from '../../deps.ts';
import { transaction } from '../../db/transaction.ts';
import { demandOf, meetsDemand } from '../../routing/skill-rules.ts';
import { lockSeat } from '../../seats/queries.ts';
import { carryOut } from '../apply-call-event.ts';
import type { Decision } from '../decision.ts';
import { inOrder } from '../in-order.ts';
import { findService, findTurns, listFreeSeats, listWaiting, saveTurn, type SeatWish } from './match-queries.ts';
import { planMatches, type FreeSeat, type Match, type WaitingCall } from './match-rules.ts';
import { lockCall } from '../queries.ts';
import { decideAndSave } from '../save-decision.ts';

/** Plans that may be overtaken one after the other before this is left to the next sweep: more means that something is wrong. */
const mostPlans = 50;

/**
 * Gives waiting callers of all queues to ready seats. Any number of processes may do so at once: a plan is a hint made without
 * locks, each pair is looked at again under its locks, and whoever finds a pair lost plans anew. So a caller is passed over only
 * by a plan made before that caller waited. Without a telephone system nothing is matched: every seat would count as unreachable.
 */
export async function matchCalls(deps: Deps): Promise<void> {
  // Within a process one run at a time: whoever asks meanwhile shares the next one, which sees all that was there when they asked.
  const next = asked.get(deps) ?? inOrder('matching', () => {
    asked.delete(deps);
    return match(deps);
  });
  asked.set(deps, next);
  return next;
}

/** Runs that have not begun yet. */
const asked = new WeakMap<Deps, Promise<void>>();

async function match(deps: Deps): Promise<void> {
  for (let plans = 0; plans < mostPlans && deps.telephony.isConnected(); plans += 1) {
    const { calls, matches } = await makePlan(deps);
    if (await carryOutPlan(deps, calls, matches)) return;
  }
  if (deps.telephony.isConnected()) deps.log.warn('Matching was overtaken again and again; the next sweep goes on');
}

/** False as soon as a pair was lost; the rest would stand on what is no longer so. */
async function carryOutPlan(deps: Deps, calls: ReadonlyMap<string, WaitingCall>, matches: readonly Match[]): Promise<boolean> {
  for (const match of matches) {
    const decision = await reservePair(deps, match, calls.get(match.callId)?.queueId);
    if (!decision) return false;
    // The effects take their turn behind those of the event that led here; this loop does not wait for them.
    void inOrder(decision.call.id, () => carryOut(deps, decision))
      .catch((error: unknown) => deps.log.error({ err: error, callId: decision.call.id }, 'A matched seat could not be rung'));
  }
  return true;
}

/** One caller and one seat, reserved for each other; locked in the order call, seat. Null when one of them is taken, gone or changed. */
async function reservePair(deps: Deps, { callId, seatId }: Match, queueId: string | undefined): Promise<Decision | null> {
  return transaction(deps.pool, async (tx) => {
    const call = await lockCall(tx, callId);
    if (call?.state !== 'waiting' || call.queueId === null || call.queueId !== queueId) return null;
    const seat = await lockSeat(tx, seatId);
    if (seat?.state !== 'ready' || !seat.isRegistered || !seat.operatorId) return null;
    const { operatorId } = seat;
    const service = await findService(tx, { id: seatId, operatorId }, queueId);
    if (!service || !meetsDemand(service.skills, demandOf(service.queueSkills, call.skillCodes))) return null;
    const decision = await decideAndSave(deps, tx, call, { type: 'matched', legId: uuid(), seatId, operatorId, ringTimeoutSec: service.ringTimeoutSec });
    if (decision && service.strategy === 'round_robin') await saveTurn(tx, queueId, seatId);
    return decision;
  });
}

async function makePlan(deps: Deps): Promise<{ calls: ReadonlyMap<string, WaitingCall>; matches: Match[] }> {
  const waiting = (await listWaiting(deps.pool, deps.now())).map(({ queueSkills, skillCodes, ...call }): WaitingCall => ({ ...call, demand: demandOf(queueSkills, skillCodes) }));
  const calls = new Map(waiting.map((call) => [call.id, call]));
  if (waiting.length === 0) return { calls, matches: [] };
  const seats = await findSeats(deps, waiting);
  const inTurn = new Set(waiting.filter((call) => call.strategy === 'round_robin').map((call) => call.queueId));
  const turns = seats.length > 0 && inTurn.size > 0 ? await findTurns(deps.pool, [...inTurn]) : new Map<string, string>();
  return { calls, matches: planMatches(waiting, seats, turns) };
}

/**
 * Seats that may be chosen. Where only idleness counts, as many of a queue as there are callers are enough, for the others take at
 * most one fewer: one caller and 750 ready seats is one row, not 750.
 */
async function findSeats(deps: Deps, waiting: readonly WaitingCall[]): Promise<FreeSeat[]> {
  const wishes = new Map<string, SeatWish>();
  for (const { queueId, strategy, demand } of waiting) {
    const isPlain = strategy === 'longest_idle' && demand.length === 0 && wishes.get(queueId)?.limit !== null;
    wishes.set(queueId, { queueId, limit: isPlain ? waiting.length : null, countsCalls: strategy === 'fewest_calls' });
  }
  const seats = new Map<string, FreeSeat>();
  for (const { queueId, leads, ...row } of await listFreeSeats(deps.pool, [...wishes.values()], chinaDayStart(deps.now()), deps.now())) {
    const seat = seats.get(row.id);
    seats.set(row.id, { ...row, answeredToday: Math.max(row.answeredToday, seat?.answeredToday ?? 0), queueIds: [...(seat?.queueIds ?? []), queueId],
      leadsQueueIds: [...(seat?.leadsQueueIds ?? []), ...(leads ? [queueId] : [])] });
  }
  return [...seats.values()];
}

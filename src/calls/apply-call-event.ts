import type { Deps } from '../deps.ts';
import type { Tx } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import { publish } from '../events/publish.ts';
import { abandonCase } from '../cases/abandon-case.ts';
import { assignOwner } from '../cases/assign-owner.ts';
import { findQueue } from '../routing/queries.ts';
import { applySeatEvent } from '../seats/apply-seat-event.ts';
import { countSignedIn } from '../seats/queries.ts';
import type { Call } from './call.ts';
import type { CallEvent, QueueFacts } from './call-event.ts';
import { nextCall, type Decision } from './call-machine.ts';
import { inOrder } from './in-order.ts';
import { countWaiting, insertCallEvent, lockCall, saveCall, saveLeg } from './queries.ts';
import { runEffects } from './run-effects.ts';

/**
 * The one door of a call: locks its row, decides (pure), saves, commits; then the effects run.
 * Events of one call are taken one after the other, effects included.
 */
export async function applyCallEvent(deps: Deps, callId: string, event: CallEvent): Promise<void> {
  await inOrder(callId, async () => {
    const decision = await transaction(deps.pool, async (tx) => {
      const call = await lockCall(tx, callId);
      if (!call) return null;
      return decideAndSave(deps, tx, call, event);
    });
    if (decision) await runEffects(deps, decision);
  });
}

/** For callers that hold the call's lock already, in a transaction of their own. */
export async function decideAndSave(deps: Deps, tx: Tx, call: Call, event: CallEvent): Promise<Decision | null> {
  const at = deps.now();
  const decision = nextCall(call, event, await findFacts(tx, call, event), at);
  if (!decision) return null;
  await saveDecision(deps, tx, call, decision, { type: event.type, at, data: eventData(event) });
  return decision;
}

/** Everything a decision changes, in the caller's transaction. */
export async function saveDecision(deps: Deps, tx: Tx, before: Call | null, decision: Decision, event: { type: string; at: Date; data: object }): Promise<void> {
  const call = { ...decision.call, version: decision.call.version + (before ? 1 : 0) };
  if (before) await saveCall(tx, call);
  for (const leg of decision.legs) await saveLeg(tx, call.id, leg);
  await insertCallEvent(tx, { callId: call.id, at: event.at, type: event.type, from: before?.state ?? null, to: call.state, data: event.data });
  for (const change of decision.changes) {
    if (change.type === 'seat') {
      const seat = await applySeatEvent(tx, change.seatId, change.event, event.at);
      if (seat?.wrapUpUntil) await deps.jobs.wake('end-wrap-up', { seatId: seat.id }, seat.wrapUpUntil);
    } else if (call.caseId) {
      if (change.type === 'case_owned') await assignOwner(tx, { caseId: call.caseId, userId: change.operatorId, at: event.at });
      else await abandonCase(tx, { caseId: call.caseId, at: event.at });
    }
  }
  await publish(tx, { type: call.state === 'ringing' && before?.state !== 'ringing' ? 'call.ringing' : 'call.changed', callId: call.id, seatId: call.seatId ?? undefined });
  deps.log.info({ callId: call.id, caseId: call.caseId, seatId: call.seatId, from: before?.state, to: call.state, event: event.type, outcome: call.outcome },
    before?.state === call.state ? 'A call went on' : 'A call changed its state');
}

const noQueue: QueueFacts = { waiting: 0, signedIn: 0, maxWaiting: 0, wrapUpSec: 30, announceEverySec: 0, musicClass: 'default' };

async function findFacts(tx: Tx, call: Call, event: CallEvent): Promise<QueueFacts> {
  const queue = call.queueId ? await findQueue(tx, call.queueId) : undefined;
  if (!queue) return noQueue;
  const enters = call.state === 'greeting' && event.type === 'playback_finished';
  return {
    ...queue,
    waiting: enters ? await countWaiting(tx, queue.id) : 0,
    signedIn: enters ? await countSignedIn(tx, queue.id) : 0,
  };
}

function eventData(event: CallEvent): object {
  const { type: _, ...data } = event;
  return data;
}

import type { Deps } from '../deps.ts';
import { atOnce, transaction } from '../db/transaction.ts';
import type { CallEvent } from './call-event.ts';
import type { Decision } from './decision.ts';
import { inOrder } from './in-order.ts';
import { noteLegs } from './known-legs.ts';
import { lockCall, lockSeatOfCall } from './queries.ts';
import { runEffects } from './run-effects.ts';
import { findQueueOfCall } from './waiting/wait-queries.ts';
import { decideAndSave } from './save-decision.ts';

/**
 * The one door of a call: locks its row, decides (pure), saves, commits; then the effects run.
 * Events of one call are taken one after the other, effects included. Tells whether the event changed anything.
 */
export async function applyCallEvent(deps: Deps, callId: string, event: CallEvent): Promise<boolean> {
  return inOrder(callId, () => takeEvent(deps, callId, event));
}

/** Carries out what was decided and committed, in the call's turn; an effect that failed is an event of the call as well. */
export async function carryOut(deps: Deps, decision: Decision): Promise<void> {
  noteLegs(deps, decision);
  for (const event of await runEffects(deps, decision)) await takeEvent(deps, decision.call.id, event);
}

async function takeEvent(deps: Deps, callId: string, event: CallEvent): Promise<boolean> {
  const decision = await transaction(deps.pool, async (tx) => {
    const [call, queue, seat] = await atOnce(lockCall(tx, callId), findQueueOfCall(tx, callId), lockSeatOfCall(tx, callId));
    return call ? decideAndSave(deps, tx, call, event, { queue, seat }) : null;
  });
  if (decision) await carryOut(deps, decision);
  return decision !== null;
}

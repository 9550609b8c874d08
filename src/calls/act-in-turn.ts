import type { Tx } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { carryOut } from './apply-call-event.ts';
import type { Call } from './call.ts';
import type { Decision } from './decision.ts';
import { inOrder } from './in-order.ts';
import { lockCall } from './queries.ts';

type Act<Answer> = { readonly decision: Decision | null; readonly answer: Answer };

/** An act on a call with what belongs to it (audit, alert, what must be read first) in one transaction, in the call's turn; the effects follow. */
export async function actInTurn<Answer>(deps: Deps, callId: string, work: (tx: Tx, call: Call) => Promise<Act<Answer>>): Promise<Answer> {
  return inOrder(callId, async () => {
    const { decision, answer } = await transaction(deps.pool, async (tx) => {
      const call = await lockCall(tx, callId);
      if (!call) throw new AppError('not_found', { entity: 'call', id: callId });
      return work(tx, call);
    });
    if (decision) await carryOut(deps, decision);
    return answer;
  });
}

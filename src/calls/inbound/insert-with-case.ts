import { insertCallbackEvent } from '../../cases/insert-callback-event.ts';
import { openCase } from '../../cases/open-case.ts';
import { write, type Tx } from '../../db/query.ts';
import { sendAlong } from '../../db/transaction.ts';
import type { Call } from '../call.ts';
import { insertCall } from '../queries.ts';

/** A call from a citizen with its case: a new one, or that of the callback which the citizen waits for. */
export async function insertWithCase(tx: Tx, call: Call, { isKnownMatter, areaCode }: { isKnownMatter: boolean; areaCode: string }): Promise<void> {
  const { id: callId, caseId, callerRaw: phoneRaw, offeredAt: at } = call;
  if (caseId && !isKnownMatter) await openCase(tx, { caseId, channel: 'phone', phoneRaw, areaCode, callId, calledNumber: call.calledNumber, at });
  sendAlong(tx, write(tx, insertCall(call)), caseId && isKnownMatter ? insertCallbackEvent(tx, { caseId, at, type: 'called_again', data: { callId } }) : undefined);
}

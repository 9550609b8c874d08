import { write, type Tx } from '../db/query.ts';
import { sendAlong } from '../db/transaction.ts';
import { publish } from '../events/publish.ts';
import { caseNumber, dayInShanghai } from './case-number-rules.ts';
import { normalizePhone } from './phone-number-rules.ts';
import { insertIdentity } from './identity/queries.ts';
import { insertCase, insertCaseEvent, nextSequence } from './queries.ts';

export type OpenCase = {
  readonly caseId: string;
  readonly channel: string;
  readonly phoneRaw: string;
  readonly areaCode: string;
  readonly ownerId?: string | undefined;
  /** The call it is opened for, whose row comes later in the transaction. */
  readonly callId?: string;
  /** What the citizen dialled. */
  readonly calledNumber?: string;
  readonly at: Date;
};

/** Opens a draft in the caller's transaction: when that fails, its number is not used up. */
export async function openCase(tx: Tx, open: OpenCase): Promise<{ id: string; number: string }> {
  const phone = normalizePhone(open.phoneRaw, open.areaCode);
  const day = dayInShanghai(open.at);
  const number = caseNumber(day, await nextSequence(tx, day));
  const { caseId, at, channel } = open;
  sendAlong(tx,
    write(tx, insertCase({ id: caseId, number, channel, ownerId: open.ownerId ?? null, callId: open.callId ?? null, calledNumber: open.calledNumber ?? null, at }),
      insertIdentity(caseId, { phoneRaw: open.phoneRaw, phone: phone.number, phoneKind: phone.kind }),
      insertCaseEvent({ caseId, at, type: 'opened', userId: open.ownerId ?? null, from: null, to: 'draft', data: { channel } })),
    publish(tx, { type: 'case.changed', caseId }),
  );
  return { id: open.caseId, number };
}

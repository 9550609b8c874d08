import { write, type Tx } from '../db/query.ts';
import { publish } from '../events/publish.ts';
import { caseTransitions, isAllowed } from './case-machine.ts';
import { insertCaseEvent, lockCase, saveCase } from './queries.ts';

/** The call ended before anybody spoke with the citizen: the case waits for a callback. Nothing to do once it moved on. */
export async function abandonCase(tx: Tx, abandon: { caseId: string; at: Date }): Promise<void> {
  const current = await lockCase(tx, abandon.caseId);
  if (!current || !isAllowed('abandon', current)) return;
  const to = caseTransitions.abandon.to;
  await write(tx, saveCase({ ...current, state: to, callbackReason: 'abandoned', updatedAt: abandon.at, version: current.version + 1 }),
    insertCaseEvent({ caseId: current.id, at: abandon.at, type: 'abandoned', userId: null, from: current.state, to, data: {} }));
  await publish(tx, { type: 'case.changed', caseId: current.id });
}

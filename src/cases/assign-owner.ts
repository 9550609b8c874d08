import { write, type Tx } from '../db/query.ts';
import { sendAlong } from '../db/transaction.ts';
import { publish } from '../events/publish.ts';
import { insertCaseEvent, lockCase, saveCase } from './queries.ts';

/** The operator who speaks with the citizen owns the case from here on. */
export async function assignOwner(tx: Tx, assign: { caseId: string; userId: string; at: Date }): Promise<void> {
  const current = await lockCase(tx, assign.caseId);
  if (!current || current.ownerId === assign.userId) return;
  const { id, state } = current;
  const saved = saveCase({ ...current, ownerId: assign.userId, updatedAt: assign.at, version: current.version + 1 });
  const told = insertCaseEvent({ caseId: id, at: assign.at, type: 'owner_assigned', userId: assign.userId, from: state, to: state, data: {} });
  sendAlong(tx, write(tx, saved, told), publish(tx, { type: 'case.changed', caseId: id }));
}

/** The same, for a case that nobody owns yet. */
export async function assignOwnerless(tx: Tx, assign: { caseId: string; userId: string; at: Date }): Promise<void> {
  if ((await lockCase(tx, assign.caseId))?.ownerId === null) await assignOwner(tx, assign);
}

import { write, type Tx } from '../db/query.ts';
import { publish } from '../events/publish.ts';
import { caseTransitions, isAllowed } from './case-machine.ts';
import { findCase, insertCaseEvent, lockCase, noteOnCase, saveCase } from './queries.ts';

type Masked = { readonly caseId: string; readonly ownCaseId: string; readonly callId: string; readonly unitId: string; readonly at: Date };

/** A unit's phone is put through to the citizen of `caseId`, and the case that its call had opened is no matter of its own; it becomes confidential with that one. */
export async function noteMaskedByCode(tx: Tx, { caseId, ownCaseId, callId, unitId, at }: Masked): Promise<void> {
  const [about, own] = [await findCase(tx, caseId), await lockCase(tx, ownCaseId)];
  await write(tx, noteOnCase({ caseId, at, type: 'masked_call', userId: null, data: { callId, unitId, isByCode: true } }));
  if (!about || !own || !isAllowed('inform', own)) return;
  const { to } = caseTransitions.inform;
  await write(tx, saveCase({ ...own, state: to, type: own.type ?? 'other', answer: '承办单位来电，已接通其承办工单的市民。', isConfidential: own.isConfidential || about.isConfidential, closedAt: at, updatedAt: at, version: own.version + 1 }),
    insertCaseEvent({ caseId: own.id, at, type: 'masked_call', userId: null, from: own.state, to, data: { callId, caseId, caseNumber: about.number } }));
  for (const id of [caseId, own.id]) await publish(tx, { type: 'case.changed', caseId: id });
}

import { write, type Tx } from '../db/query.ts';
import { execute } from '../db/query.ts';
import { publish } from '../events/publish.ts';
import { askToSealCalls } from './identity/ask-to-seal.ts';
import { caseTransitions, isAllowed } from './case-machine.ts';
import { findCase, insertCaseEvent, lockCase, saveCase } from './queries.ts';

/**
 * A caller heard how a case stands: both cases say so, that one and the call's own. The call's own becomes confidential with it,
 * for who asks about a report is who reported.
 */
export async function noteProgressTold(tx: Tx, told: { caseId: string; ownCaseId: string; callId: string; at: Date }): Promise<void> {
  const { caseId, ownCaseId, callId, at } = told;
  const about = await findCase(tx, caseId);
  const own = await lockCase(tx, ownCaseId);
  if (!about || !own) return;
  await execute(tx, `insert into case_events (case_id, at, type, from_state, to_state, data)
    select id, $2, 'progress_told', state, state, $3 from cases where id = $1`, [caseId, at, JSON.stringify({ callId, caseId: ownCaseId })]);
  const isMarked = about.isConfidential && !own.isConfidential;
  await write(tx, isMarked ? saveCase({ ...own, isConfidential: true, updatedAt: at, version: own.version + 1 }) : undefined,
    insertCaseEvent({ caseId: own.id, at, type: 'asked_progress', userId: null, from: own.state, to: own.state, data: { caseId, caseNumber: about.number } }));
  if (isMarked) await askToSealCalls(tx, own.id);
  await publish(tx, { type: 'case.changed', caseId: own.id });
}

/** The menus told the citizen what was asked, and nobody waits for more: the call's own case is done. */
export async function informCase(tx: Tx, inform: { caseId: string; at: Date }): Promise<void> {
  const current = await lockCase(tx, inform.caseId);
  if (!current || !isAllowed('inform', current)) return;
  const { at } = inform;
  await write(tx, saveCase({ ...current, state: caseTransitions.inform.to, type: current.type ?? 'inquiry', answer: '电话自助语音已答复。', closedAt: at, updatedAt: at, version: current.version + 1 }),
    insertCaseEvent({ caseId: current.id, at, type: 'informed', userId: null, from: current.state, to: caseTransitions.inform.to, data: {} }));
  await publish(tx, { type: 'case.changed', caseId: current.id });
}

import { write, type Tx } from '../db/query.ts';
import { execute } from '../db/query.ts';
import { publish } from '../events/publish.ts';
import { caseTransitions, isAllowed } from './case-machine.ts';
import { insertCaseEvent, lockCase, saveCase } from './queries.ts';

/**
 * The citizen spoke with a unit and with none of us: the callback group asks what came of it, so that the case is somebody's. One
 * that has an owner stays with that operator, who spoke with the citizen before.
 */
export async function surveyCase(tx: Tx, survey: { caseId: string; at: Date }): Promise<void> {
  const current = await lockCase(tx, survey.caseId);
  if (!current || current.ownerId !== null || !isAllowed('survey', current)) return;
  const to = caseTransitions.survey.to;
  await write(tx, saveCase({ ...current, state: to, callbackReason: 'survey', updatedAt: survey.at, version: current.version + 1 }),
    insertCaseEvent({ caseId: current.id, at: survey.at, type: 'unit_spoke', userId: null, from: current.state, to, data: {} }));
  await publish(tx, { type: 'case.changed', caseId: current.id });
}

/** A unit that the citizen asked for was not there; why stands on the timeline, without any number. */
export async function noteUnitNotReached(tx: Tx, note: { caseId: string; at: Date; directoryCode: string | null; outcome: string }): Promise<void> {
  const { caseId, at, directoryCode, outcome } = note;
  await execute(tx, `insert into case_events (case_id, at, type, from_state, to_state, data)
    select id, $2, 'unit_not_reached', state, state, $3 from cases where id = $1`, [caseId, at, JSON.stringify({ directoryCode, outcome })]);
}

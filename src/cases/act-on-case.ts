import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { Tx } from '../db/query.ts';
import { queryOne } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import { publish } from '../events/publish.ts';
import { allowedActions, caseTransitions, isAllowed, type personalActions } from './case-machine.ts';
import type { Case } from './case.ts';
import { deleteDraft, insertCaseEvent, lockCase, saveCase, saveCitizenName } from './queries.ts';

type Editable = 'type' | 'categoryCode' | 'districtCode' | 'urgency' | 'isConfidential' | 'occurredText' | 'occurredAt' | 'place' | 'cause' | 'course';
export type CaseEdit = { readonly [Name in Editable]?: Case[Name] | undefined } & { readonly citizenName?: string | null | undefined };
export type ActFields = { readonly answer?: string | undefined; readonly reason?: string | undefined; readonly referredTo?: string | undefined; readonly handedTo?: string | undefined };
type Who = { readonly userId: string; readonly caseId: string; readonly version: number };

/** Saves what the operator wrote. The field names go into the case's timeline, the citizen's data does not. */
export async function editCase(deps: Deps, who: Who, edit: CaseEdit): Promise<Case> {
  return change(deps, who, 'edited', async (tx, current) => {
    const { citizenName, ...fields } = edit;
    if (citizenName !== undefined) await saveCitizenName(tx, current.id, citizenName);
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Case>;
    await requireReferences(tx, given);
    const next = { ...current, ...given };
    // A report of wrongdoing is confidential, whatever was ticked (rule of the hotline).
    return { next: { ...next, isConfidential: next.isConfidential || next.type === 'report' }, data: { fields: Object.keys(edit).sort() } };
  });
}

/** Takes the case one step further, by the table. */
export async function actOnCase(deps: Deps, who: Who, action: (typeof personalActions)[number], given: ActFields): Promise<Case> {
  return change(deps, who, action, (_tx, current) => {
    if (!isAllowed(action, current.state)) throw new AppError('action_not_allowed', { state: current.state, action, allowed: allowedActions(current.state) });
    const next: Case = {
      ...current, state: caseTransitions[action].to, callbackReason: null,
      answer: given.answer ?? current.answer, declinedReason: given.reason ?? current.declinedReason,
      referredTo: given.referredTo ?? current.referredTo, handedTo: given.handedTo ?? current.handedTo,
      closedAt: action === 'answer' || action === 'decline' || action === 'hand_over' ? deps.now() : null,
    };
    const missing = requiredFields[action].filter((name) => next[name] === null || next[name] === '');
    if (missing.length > 0) throw new AppError('fields_missing', { fields: missing });
    return Promise.resolve({ next, data: { ...given } });
  });
}

const requiredFields: Record<(typeof personalActions)[number], readonly (keyof Case)[]> = {
  answer: ['type', 'answer'],
  decline: ['declinedReason', 'referredTo'],
  hand_over: ['handedTo'],
  save_for_dispatch: ['type', 'categoryCode', 'districtCode', 'cause'],
  request_info: [],
};

async function change(deps: Deps, who: Who, type: string, decide: (tx: Tx, current: Case) => Promise<{ next: Case; data: object }>): Promise<Case> {
  return transaction(deps.pool, async (tx) => {
    const current = await lockCase(tx, who.caseId);
    if (!current) throw new AppError('not_found', { entity: 'case', id: who.caseId });
    if (current.version !== who.version) throw new AppError('stale_version', { current });
    const at = deps.now();
    const { next, data } = await decide(tx, current);
    const saved = { ...next, ownerId: next.ownerId ?? who.userId, updatedAt: at, version: current.version + 1 };
    await saveCase(tx, saved);
    await insertCaseEvent(tx, { caseId: saved.id, at, type, userId: who.userId, from: current.state, to: saved.state, data });
    await deleteDraft(tx, saved.id, who.userId);
    await publish(tx, { type: 'case.changed', caseId: saved.id });
    return saved;
  });
}

async function requireReferences(tx: Tx, given: Partial<Case>): Promise<void> {
  const tables = { categoryCode: 'case_categories', districtCode: 'districts' } as const;
  for (const [field, table] of Object.entries(tables)) {
    const code = given[field as keyof typeof tables];
    if (code && !(await queryOne(tx, `select code from ${table} where code = $1`, [code]))) throw new AppError('reference_unknown', { field });
  }
}

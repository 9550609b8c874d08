import type { RequestTrace } from '../auth/audit.ts';
import type { Actor } from '../auth/actor.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { allowedActions, isEditable } from './case-machine.ts';
import { caseCode, unitCode } from './case-code.ts';
import type { Case } from './case.ts';
import { callerView, caseFields, type CallerView } from './case-view.ts';
import { noteLook } from './identity/looks.ts';
import { viewForUnit } from './identity/view-for-unit.ts';
import { findOwnPart, requireVisible } from './life/scope.ts';
import { findIdentity, isNumberShown } from './identity/queries.ts';
import { findCase, findDraft, findHistory } from './queries.ts';

/** Earlier cases shown beside one; the count tells of more. */
const shownHistory = 5;

/** What a unit's people see where others see who calls. */
const nothingOfTheCitizen = { caller: null, progressCode: null, isEditable: false, draft: null, history: { count: 0, items: [] } };

/** A case as this reader may see it. Whoever sees the citizen is written down first. */
export async function viewCase(deps: Deps, caseId: string, actor: Actor, trace: RequestTrace) {
  const [{ unitId, isHidden }, one] = await Promise.all([requireVisible(deps.pool, actor, caseId), findCase(deps.pool, caseId)]);
  if (!one) throw new AppError('not_found', { entity: 'case', id: caseId });
  if (unitId) {
    const part = await findOwnPart(deps.pool, actor, caseId);
    const caller = part ? await callerForUnit(deps, one, actor, trace) : null;
    return { ...caseFields(await viewForUnit(deps.pool, one)), ...nothingOfTheCitizen, caller, maskedCallCode: part ? unitCode(deps.config.HOTLINE_CASE_CODE_KEY, one.id) : null, allowedActions: allowedActions(one, actor.permissions, part) };
  }
  const [identity, draft, history] = await Promise.all([
    findIdentity(deps.pool, caseId), actor.kind === 'user' ? findDraft(deps.pool, caseId, actor.userId) : undefined, one.isConfidential ? [] : findHistory(deps.pool, caseId),
  ]);
  const caller = callerView(one, identity, actor);
  if (caller && !caller.isMasked) {
    const reason = one.isConfidential ? 'handles it in the call' : 'opened the case';
    await noteLook(deps.pool, actor, trace, { caseId, reason, ...caller }, deps.now());
  }
  return {
    ...caseFields(isHidden ? await viewForUnit(deps.pool, one) : one),
    caller,
    // For whoever sees who the citizen is anyway, to tell it to the citizen.
    progressCode: caller && !caller.isMasked ? caseCode(deps.config.HOTLINE_CASE_CODE_KEY, one.id) : null,
    maskedCallCode: null,
    isEditable: isEditable(one),
    allowedActions: allowedActions(one, actor.permissions, undefined),
    draft: draft ? { ...draft, savedAt: draft.savedAt.toISOString() } : null,
    history: { count: history.length, items: history.slice(0, shownHistory).map((row) => ({ ...row, openedAt: row.openedAt.toISOString() })) },
  };
}

/** The number alone, where a rule of the hotline gives it to those who work on the case; never of a confidential one. */
async function callerForUnit(deps: Deps, one: Case, actor: Actor, trace: RequestTrace): Promise<CallerView> {
  if (one.isConfidential || one.type === null || !(await isNumberShown(deps.pool, one.type))) return null;
  const identity = await findIdentity(deps.pool, one.id);
  if (!identity?.phone) return null;
  await noteLook(deps.pool, actor, trace, { caseId: one.id, reason: 'units see the number by the rule of its type', number: identity.phone, name: null }, deps.now());
  return { number: identity.phone, kind: identity.phoneKind, name: null, isMasked: false };
}

type Reader = { readonly actor: Actor; readonly trace: RequestTrace };

/** Runs a change; when somebody else was faster, the refusal shows the case as it is now, as far as this reader may see it. */
export async function changeOrShow<T>(deps: Deps, caseId: string, reader: Reader, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'stale_version') throw error;
    throw new AppError('stale_version', { current: await viewCase(deps, caseId, reader.actor, reader.trace) }, { cause: error });
  }
}

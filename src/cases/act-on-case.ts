import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { execute, queryOne, write, type Tx } from '../db/query.ts';
import { atOnce, sendAlong, transaction } from '../db/transaction.ts';
import { publish } from '../events/publish.ts';
import { findOpenUnits, holdTree } from '../units/queries.ts';
import { caseTransitions, isAllowed, isEditable, personalActions } from './case-machine.ts';
import type { Case } from './case.ts';
import { keepWords } from './lists/save-words.ts';
import { askToSealCalls } from './identity/ask-to-seal.ts';
import { findIdentity, saveCitizenName } from './identity/queries.ts';
import { deleteDraft, hasCaseEvent, insertCaseEvent, lockCase, saveCase } from './queries.ts';

type Editable =
  | 'type' | 'categoryCode' | 'districtCode' | 'urgency' | 'isConfidential' | 'occurredText' | 'occurredAt' | 'place' | 'cause' | 'course';
export type CaseEdit = { readonly [Name in Editable]?: Case[Name] | undefined } & { readonly citizenName?: string | null | undefined; /** Whom the citizen complains about. */ readonly aboutUnitId?: string | null | undefined };
type Texts = 'answer' | 'reason' | 'referredTo' | 'handedTo';
export type ActFields = { readonly [Name in Texts]?: string | undefined };
type Action = (typeof personalActions)[number];
type Who = { readonly userId: string; readonly caseId: string; readonly version: number };

/** Saves what the operator wrote. */
export async function editCase(deps: Deps, who: Who, edit: CaseEdit): Promise<Case> {
  const isPlaced = edit.aboutUnitId !== undefined; // whose it may be, by the tree
  return change(deps, who, { type: 'edited', given: edit, isPlaced }, async (tx, current) => {
    if (!isEditable(current)) throw notAllowed(current, 'edit');
    const { citizenName, aboutUnitId, ...fields } = edit;
    if (aboutUnitId !== undefined) await saveAboutUnit(tx, current.id, aboutUnitId);
    if (citizenName !== undefined) await saveCitizenName(tx, current.id, citizenName);
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Case>;
    await requireReferences(tx, given);
    const edited = { ...current, ...given };
    // A report of wrongdoing is confidential, whatever was ticked (rule of the hotline).
    const next = { ...edited, isConfidential: edited.isConfidential || edited.type === 'report' };
    if (current.isConfidential && !next.isConfidential) await requireHandling(tx, current, who.userId);
    return next;
  });
}

/** Takes the case one step further, by the table. */
export async function actOnCase(deps: Deps, who: Who, action: Action, given: ActFields): Promise<Case> {
  return change(deps, who, { type: action, given }, (tx, current) => {
    if (!isAllowed(action, current)) throw notAllowed(current, action);
    // Rule 6: an urgent case is supervised from birth.
    if (action === 'save_for_dispatch' && current.urgency !== 'normal') sendAlong(tx, execute(tx, 'update cases set is_supervised = true where id = $1', [current.id]));
    const next: Case = {
      ...current, state: caseTransitions[action].to, callbackReason: null,
      answer: given.answer ?? current.answer, declinedReason: given.reason ?? current.declinedReason,
      referredTo: given.referredTo ?? current.referredTo, handedTo: given.handedTo ?? current.handedTo,
      closedAt: action === 'answer' || action === 'decline' || action === 'hand_over' ? deps.now() : null,
    };
    const missing = requiredFields[action].filter((name) => isBlank(next[name]));
    if (missing.length > 0) throw new AppError('fields_missing', { fields: missing });
    return Promise.resolve(next);
  });
}

const requiredFields: Record<Action, readonly (keyof Case)[]> = {
  answer: ['type', 'answer'],
  decline: ['declinedReason', 'referredTo'],
  hand_over: ['handedTo'],
  save_for_dispatch: ['type', 'categoryCode', 'districtCode', 'cause'],
  request_info: [],
};

/** Spaces are no answer. */
function isBlank(value: Case[keyof Case]): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '');
}

function notAllowed(current: Case, action: string): AppError {
  return new AppError('action_not_allowed', { state: current.state, action, allowed: personalActions.filter((one) => isAllowed(one, current)) });
}

/** Lifting confidentiality shows who the citizen is to everybody; only whoever sees it anyway, in the call, may do so. */
async function requireHandling(tx: Tx, current: Case, userId: string): Promise<void> {
  // Its timeline names the report that the caller asked about.
  const namesReport = await hasCaseEvent(tx, current.id, 'asked_progress');
  if (current.ownerId !== userId || current.state !== 'draft' || namesReport) throw new AppError('confidential_stays');
}

type Change = {
  readonly type: string;
  /** Their names go into the timeline; what was said stands in the case alone. */
  readonly given: CaseEdit | ActFields;
  /** Where units stand decides on it, too. */
  readonly isPlaced?: boolean;
};

async function change(deps: Deps, who: Who, { type, given, isPlaced = false }: Change, decide: (tx: Tx, current: Case) => Promise<Case>): Promise<Case> {
  const { from, saved } = await transaction(deps.pool, async (tx) => {
    const [, current, identity] = await atOnce(isPlaced ? holdTree(tx) : undefined, lockCase(tx, who.caseId), findIdentity(tx, who.caseId));
    if (!current || !identity) throw new AppError('not_found', { entity: 'case', id: who.caseId });
    if (current.version !== who.version) throw new AppError('stale_version', { version: current.version });
    const at = deps.now();
    const next = await decide(tx, current);
    const saved = { ...next, ownerId: next.ownerId ?? who.userId, updatedAt: at, version: current.version + 1 };
    const { citizenName } = identity;
    const data = { fields: Object.keys(given).sort() };
    sendAlong(tx, write(tx, saveCase(saved), insertCaseEvent({ caseId: saved.id, at, type, userId: who.userId, from: current.state, to: saved.state, data })),
      keepWords(tx, { one: current, citizenName }, { one: saved, citizenName, ...nameIn(given) }), deleteDraft(tx, saved.id, who.userId));
    if (saved.isConfidential && !current.isConfidential) await askToSealCalls(tx, saved.id);
    await publish(tx, { type: 'case.changed', caseId: saved.id });
    return { from: current.state, saved };
  });
  const fields = { caseId: saved.id, userId: who.userId, action: type, from, to: saved.state };
  if (from === saved.state) deps.log.debug(fields, 'A case was edited');
  else deps.log.info(fields, 'A case changed its state');
  return saved;
}

/** Rule 3, from both sides: who has the case is not complained about before it was taken from there. */
async function saveAboutUnit(tx: Tx, caseId: string, unitId: string | null): Promise<void> {
  if (unitId && (await findOpenUnits(tx, [unitId], null)).length === 0) throw new AppError('reference_unknown', { field: 'aboutUnitId' });
  const held = unitId && await queryOne(tx, `select 1 from case_units p join unit_ancestors a on a.unit_id = p.unit_id and a.ancestor_id = $2 where p.case_id = $1 and p.ended_at is null`, [caseId, unitId]);
  if (held) throw new AppError('unit_is_complained_about', { unitId });
  await execute(tx, 'update cases set about_unit_id = $2 where id = $1', [caseId, unitId]);
}

/** The citizen's name, when the change gives one. */
function nameIn(given: CaseEdit | ActFields): { citizenName?: string | null } {
  return 'citizenName' in given && given.citizenName !== undefined ? { citizenName: given.citizenName } : {};
}

async function requireReferences(tx: Tx, given: Partial<Case>): Promise<void> {
  const tables = { categoryCode: 'case_categories', districtCode: 'districts' } as const;
  await atOnce(...Object.entries(tables).map(async ([field, table]) => {
    const code = given[field as keyof typeof tables];
    const isKnown = code === null || code === undefined || (await queryOne(tx, `select code from ${table} where code = $1`, [code]));
    if (!isKnown) throw new AppError('reference_unknown', { field });
  }));
}

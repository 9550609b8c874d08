import type { Permission } from '../auth/permissions.ts';

export const caseStates = ['draft', 'needs_info', 'declined', 'answered', 'handed_over', 'pending_dispatch', 'dispatched', 'return_requested', 'disputed', 'in_progress',
  'extension_requested', 'suspended', 'feedback', 'callback', 'rework', 'closed', 'archived', 'merged'] as const;
export type CaseState = (typeof caseStates)[number];

type Transition = {
  readonly from: readonly CaseState[];
  /** `same` stays where it is; of several the act's rule chooses (cases/life). */
  readonly to: CaseState | 'same' | readonly CaseState[];
  /** One of these is enough; `system`: no person. */
  readonly by: Permission | readonly Permission[] | 'system';
  /** Which part in the case the acting unit must have now; `own`: any. */
  readonly part?: 'lead' | 'helper' | 'own';
};

const onDesk: readonly CaseState[] = ['draft', 'needs_info', 'callback'];
const atUnit: readonly CaseState[] = ['in_progress', 'rework', 'extension_requested', 'suspended'];
/** Anywhere between the desk and the end. */
const underWay: readonly CaseState[] = ['pending_dispatch', 'dispatched', 'return_requested', 'disputed', ...atUnit, 'feedback', 'callback'];

/*
 * The life of a case.
 *   draft, needs_info                 the desk has it
 *   declined, answered, handed_over   ended at the desk; the citizen knows
 *   pending_dispatch                  a dispatcher chooses the unit, perhaps asks a leader (呈批)
 *   dispatched → in_progress → feedback → callback → closed → archived
 *   return_requested, disputed        whose is it? Returned twice, or nobody's: the manager decides
 *   extension_requested, suspended    more time was asked for; the clock stands
 *   rework                            the citizen was not content
 *   merged                            several callers, one matter: waits for the main case and ends with it (duplicates/carry-merged.ts)
 * Beside the state, wherever it is under way: urging, supervision orders, visits, instructions, warning slips.
 */
export const caseTransitions = {
  answer: { from: onDesk, to: 'answered', by: 'case.edit' },
  decline: { from: onDesk, to: 'declined', by: 'case.edit' },
  hand_over: { from: onDesk, to: 'handed_over', by: 'case.edit' },
  save_for_dispatch: { from: onDesk, to: 'pending_dispatch', by: 'case.edit' },
  request_info: { from: ['draft', 'callback', 'pending_dispatch'], to: 'needs_info', by: 'case.edit' },
  abandon: { from: ['draft'], to: 'callback', by: 'system' },
  survey: { from: ['draft'], to: 'callback', by: 'system' },
  inform: { from: ['draft'], to: 'answered', by: 'system' },

  propose: { from: ['pending_dispatch'], to: 'same', by: 'case.dispatch' },
  submit: { from: ['pending_dispatch'], to: 'same', by: 'case.dispatch' },
  answer_submission: { from: ['pending_dispatch'], to: 'same', by: 'case.instruct' },
  dispatch: { from: ['pending_dispatch'], to: 'dispatched', by: 'case.dispatch' },
  recall: { from: ['dispatched'], to: 'pending_dispatch', by: 'case.dispatch' },
  dispute: { from: ['pending_dispatch'], to: 'disputed', by: 'case.dispatch' },
  assign: { from: ['disputed'], to: 'dispatched', by: 'case.decide' },

  sign: { from: ['dispatched', 'in_progress'], to: ['in_progress', 'dispatched'], by: 'case.handle', part: 'own' },
  request_return: { from: ['dispatched', 'in_progress'], to: 'return_requested', by: 'case.handle', part: 'lead' },
  accept_return: { from: ['return_requested'], to: ['pending_dispatch', 'disputed'], by: 'case.dispatch' },
  refuse_return: { from: ['return_requested'], to: ['dispatched', 'in_progress'], by: 'case.dispatch' },

  sub_dispatch: { from: ['in_progress', 'rework'], to: 'same', by: 'case.handle', part: 'own' },
  note_contact: { from: atUnit, to: 'same', by: 'case.handle', part: 'own' },
  note_progress: { from: atUnit, to: 'same', by: 'case.handle', part: 'own' },
  finish_part: { from: [...atUnit, 'dispatched', 'feedback'], to: 'same', by: 'case.handle', part: 'helper' },
  request_extension: { from: ['in_progress', 'rework'], to: 'extension_requested', by: 'case.handle', part: 'lead' },
  grant_extension: { from: ['extension_requested'], to: ['in_progress', 'rework'], by: 'case.decide' },
  refuse_extension: { from: ['extension_requested'], to: ['in_progress', 'rework'], by: 'case.decide' },
  request_suspension: { from: ['in_progress'], to: 'same', by: 'case.handle', part: 'lead' },
  suspend: { from: ['in_progress'], to: 'suspended', by: 'case.decide' },
  refuse_suspension: { from: ['in_progress'], to: 'same', by: 'case.decide' },
  resume: { from: ['suspended'], to: 'in_progress', by: ['case.decide', 'case.handle'] },
  hand_in: { from: ['in_progress', 'rework'], to: 'feedback', by: 'case.handle', part: 'lead' },

  accept_feedback: { from: ['feedback'], to: 'callback', by: 'case.review' },
  send_back: { from: ['feedback'], to: ['in_progress', 'rework'], by: 'case.review' },
  close: { from: ['callback'], to: 'closed', by: 'case.survey' },
  close_explained: { from: ['callback', 'feedback'], to: 'closed', by: 'case.review' },
  rework: { from: ['callback'], to: 'rework', by: 'case.survey' },
  request_review: { from: ['rework', 'closed'], to: 'same', by: 'case.handle' },
  decide_review: { from: ['rework', 'feedback', 'callback', 'closed'], to: 'same', by: 'case.decide' },
  archive: { from: ['closed', 'answered', 'declined', 'handed_over'], to: 'archived', by: 'case.dispatch' },
  reopen: { from: ['closed', 'archived'], to: 'pending_dispatch', by: 'case.decide' },

  link: { from: ['draft', 'needs_info', ...underWay], to: 'same', by: ['case.edit', 'case.dispatch'] },
  merge: { from: ['draft', 'needs_info', 'pending_dispatch', 'disputed'], to: 'merged', by: ['case.edit', 'case.dispatch'] },
  unmerge: { from: ['merged'], to: ['pending_dispatch', 'needs_info'], by: 'case.dispatch' },
  succeed: { from: underWay, to: 'same', by: 'case.decide' },
  urge: { from: underWay, to: 'same', by: 'case.urge' },
  open_order: { from: underWay, to: 'same', by: 'case.supervise' },
  answer_order: { from: underWay, to: 'same', by: 'case.handle', part: 'own' },
  close_order: { from: underWay, to: 'same', by: 'case.supervise' },
  return_order: { from: underWay, to: 'same', by: 'case.supervise' },
  record_visit: { from: underWay, to: 'same', by: 'case.supervise' },
  instruct: { from: underWay, to: 'same', by: 'case.instruct' },
  report_instruction: { from: [...underWay, 'closed'], to: 'same', by: ['case.supervise', 'case.urge'] },
  escalate: { from: ['dispatched', 'return_requested', ...atUnit, 'feedback'], to: 'same', by: 'case.supervise' },
  warn_unit: { from: ['dispatched', ...atUnit, 'feedback', 'callback'], to: 'same', by: ['case.supervise', 'case.survey'] },
} as const satisfies Record<string, Transition>;

export type CaseAction = keyof typeof caseTransitions;
/** What the desk's own routes do; the acts after it are in cases/life. */
export const personalActions = ['answer', 'decline', 'hand_over', 'save_for_dispatch', 'request_info'] as const;

/** What of a case decides on what may be done to it. A citizen who hung up is called back by the desk, one whose matter was handled by those who survey. */
export type Standing = { readonly state: CaseState; readonly callbackReason: 'abandoned' | 'survey' | 'feedback' | null };

export function isAllowed(action: CaseAction, { state, callbackReason }: Standing): boolean {
  if (!(caseTransitions[action].from as readonly CaseState[]).includes(state)) return false;
  return state !== 'callback' || (callbackReason === 'feedback') === ([caseTransitions[action].by].flat().every((by) => by !== 'case.edit'));
}

/** Where the act may lead from that state. */
export function targets(action: CaseAction, state: CaseState): readonly CaseState[] {
  const to: Transition['to'] = caseTransitions[action].to;
  return to === 'same' ? [state] : typeof to === 'string' ? [to] : to;
}

/** The role of the unit's live part in the case; null for a unit without one, undefined for the hotline's own people. */
export type OwnPart = 'lead' | 'helper' | null | undefined;

/** What somebody with these permissions, of a unit with that part, may do to a case in that state. */
export function allowedActions(standing: Standing, permissions: ReadonlySet<Permission>, own: OwnPart): CaseAction[] {
  return (Object.keys(caseTransitions) as CaseAction[]).filter((action) => isAllowed(action, standing) && mayDo(action, permissions) && fitsPart(action, own));
}

function fitsPart(action: CaseAction, own: OwnPart): boolean {
  const { part }: Transition = caseTransitions[action];
  return part === undefined || own === undefined || own === part || (part === 'own' && own !== null);
}

export function mayDo(action: CaseAction, permissions: ReadonlySet<Permission>): boolean {
  const by: Transition['by'] = caseTransitions[action].by;
  return by !== 'system' && [by].flat().some((one) => permissions.has(one));
}

const editable: readonly CaseState[] = ['draft', 'needs_info', 'callback', 'pending_dispatch', 'disputed', 'return_requested'];

/** What was said may be written down better until a unit works with it, and never once the citizen was told something. */
export function isEditable({ state, callbackReason }: Standing): boolean {
  return editable.includes(state) && callbackReason !== 'feedback';
}

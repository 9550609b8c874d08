/*
 * The life of a case, as far as the hotline's own desk goes.
 *   draft             a call came in, or an operator opened it        the operator
 *   needs_info        facts are missing                              the operator or the citizen
 *   answered          answered in the call, or by the menus          final here
 *   declined          out of scope; the citizen was told where to go final here
 *   handed_over       to 110, 119, 120 or 122                        final here
 *   pending_dispatch  saved; a dispatcher takes it from here
 *   callback          nobody of us spoke with the citizen; call back an operator
 */
export type CaseState = 'draft' | 'needs_info' | 'answered' | 'declined' | 'handed_over' | 'pending_dispatch' | 'callback';

const open: readonly CaseState[] = ['draft', 'needs_info', 'callback'];

export const caseTransitions = {
  answer: { from: open, to: 'answered' },
  decline: { from: open, to: 'declined' },
  hand_over: { from: open, to: 'handed_over' },
  save_for_dispatch: { from: open, to: 'pending_dispatch' },
  request_info: { from: ['draft', 'callback'], to: 'needs_info' },
  abandon: { from: ['draft'], to: 'callback' },
  survey: { from: ['draft'], to: 'callback' },
  inform: { from: ['draft'], to: 'answered' },
} as const satisfies Record<string, { readonly from: readonly CaseState[]; readonly to: CaseState }>;

export type CaseAction = keyof typeof caseTransitions;
/** What a person may do; `abandon`, `survey` and `inform` are the system's. */
export const personalActions = ['answer', 'decline', 'hand_over', 'save_for_dispatch', 'request_info'] as const;

export function isAllowed(action: CaseAction, state: CaseState): boolean {
  return (caseTransitions[action].from as readonly CaseState[]).includes(state);
}

export function allowedActions(state: CaseState): CaseAction[] {
  return personalActions.filter((action) => isAllowed(action, state));
}

const closed: readonly CaseState[] = ['answered', 'declined', 'handed_over'];

/** A closed case is read-only: what the citizen was told stays what it was. */
export function isEditable(state: CaseState): boolean {
  return !closed.includes(state);
}

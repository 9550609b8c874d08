export const surveyStates = ['due', 'calling', 'by_sms', 'by_person', 'completed', 'refused', 'not_reached', 'quota_full', 'cancelled'] as const;
export type SurveyState = (typeof surveyStates)[number];

const open: readonly SurveyState[] = ['due', 'calling', 'by_sms', 'by_person'];

/*
 * The life of a survey.
 *   due          waits for its next call, at decent hours                    the machine calls
 *   calling      a call of ours is on                                        its end decides
 *   by_sms       a link was sent                                             answered, or its time is over
 *   by_person    the callback group asks                                     answered, refused, not reached
 *   completed    every question is answered       refused      never asked again
 *   not_reached  a person gave it up; of a campaign: by no call and no link
 *   quota_full   enough others of the same cell   cancelled    there is nothing to ask any more
 */
export const surveyTransitions = {
  call: { from: ['due'], to: 'calling' },
  try_again: { from: ['calling'], to: 'due' },
  send_link: { from: ['calling', 'due'], to: 'by_sms' },
  give_to_person: { from: ['due', 'calling', 'by_sms'], to: 'by_person' },
  complete: { from: open, to: 'completed' },
  refuse: { from: open, to: 'refused' },
  give_up: { from: ['by_person'], to: 'not_reached' },
  lose: { from: ['due', 'calling', 'by_sms'], to: 'not_reached' },
  withdraw: { from: ['due', 'by_sms'], to: 'quota_full' },
  cancel: { from: ['due', 'by_sms', 'by_person'], to: 'cancelled' },
} as const satisfies Record<string, { readonly from: readonly SurveyState[]; readonly to: SurveyState }>;
export type SurveyAction = keyof typeof surveyTransitions;

/** Where it leads; null where it may not be done. */
export function nextState(state: SurveyState, action: SurveyAction): SurveyState | null {
  const { from, to } = surveyTransitions[action];
  return (from as readonly SurveyState[]).includes(state) ? to : null;
}

export function isOver(state: SurveyState): boolean {
  return !open.includes(state);
}

export const campaignStates = ['draft', 'running', 'paused', 'ended'] as const;
export type CampaignState = (typeof campaignStates)[number];

/*
 * The life of a campaign.
 *   draft    nobody is drawn yet                                            a supervisor starts or drops it
 *   running  citizens are called, at decent hours and with lines to spare   a supervisor pauses or stops it; nobody is left to ask
 *   paused   nobody is called any more; calls that are on go on, and links that were sent work
 *   ended    whoever was not asked yet never is
 */
export const campaignTransitions = {
  start: { from: ['draft'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  stop: { from: ['draft', 'running', 'paused'], to: 'ended' },
  finish: { from: ['running', 'paused'], to: 'ended' },
} as const satisfies Record<string, { readonly from: readonly CampaignState[]; readonly to: CampaignState }>;
export type CampaignAction = keyof typeof campaignTransitions;

/** Where it leads; null where it may not be done. */
export function nextState(state: CampaignState, action: CampaignAction): CampaignState | null {
  const { from, to } = campaignTransitions[action];
  return (from as readonly CampaignState[]).includes(state) ? to : null;
}

/** What a person may do now. */
export function allowedActions(state: CampaignState): CampaignAction[] {
  return (Object.keys(campaignTransitions) as CampaignAction[]).filter((action) => action !== 'finish' && nextState(state, action) !== null);
}

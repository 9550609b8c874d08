/** What a caller is told of a case, by its state; the texts stand in prompts.csv. */
const prompts: Readonly<Record<string, string>> = {
  draft: 'progress-received', pending_dispatch: 'progress-received', return_requested: 'progress-received', disputed: 'progress-received', merged: 'progress-in-progress',
  needs_info: 'progress-needs-info',
  dispatched: 'progress-in-progress', in_progress: 'progress-in-progress', extension_requested: 'progress-in-progress', rework: 'progress-in-progress',
  suspended: 'progress-suspended',
  feedback: 'progress-feedback', callback: 'progress-callback',
  answered: 'progress-closed', closed: 'progress-closed', archived: 'progress-closed',
  declined: 'progress-declined', handed_over: 'progress-handed-over',
};

/** Of a confidential case nothing is told but that it is being handled. */
export function progressPrompt(one: { readonly state: string; readonly isConfidential: boolean }): string {
  return (one.isConfidential ? undefined : prompts[one.state]) ?? 'progress-neutral';
}

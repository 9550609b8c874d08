/** An operator hears the own calls for so long, days. */
export const ownListenDays = 30;

export type Listener = { readonly permissions: ReadonlySet<string>; readonly tookPart: boolean };
export type Heard = { readonly startedAt: Date; readonly isConfidential: boolean };

/**
 * The permission somebody lacks to hear a recording; null when none. Who has `recording.listen` hears every one, an operator
 * those of own calls for a time; one of a confidential case tells who the citizen is, by the voice if not by the name.
 */
export function lackingPermission(listener: Listener, heard: Heard, now: Date): 'recording.listen' | 'identity.read' | null {
  const isOwn = listener.tookPart && now.getTime() - heard.startedAt.getTime() <= ownListenDays * 86_400_000;
  if (!isOwn && !listener.permissions.has('recording.listen')) return 'recording.listen';
  return heard.isConfidential && !listener.permissions.has('identity.read') ? 'identity.read' : null;
}

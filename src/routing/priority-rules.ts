/** The highest priority there is; the ordinary one, and the lowest of anybody on the line, is 0. */
const highestPriority = 9;
/** A callback that nobody asked for: whoever is on the line goes first. */
export const missedPriority = -1;
/** An urgent caller goes before everybody on ordinary lines; above it are left 8 and 9, for a line where lives are at stake. */
const urgentPriority = 7;
/**
 * Whoever was not answered a short while ago goes before first callers of the same line and of one a step above, so that
 * a citizen who was cut off does not start at the end again; never before an urgent caller by that alone.
 */
const repeatRaise = 2;

/** What raises a caller over others: the number dialled (0 to 9), the caller's own number, and an earlier call that nobody answered. */
export type Claim = { readonly numberPriority: number; readonly isUrgent: boolean; readonly isRepeat: boolean };

/** The priority with which a caller enters a queue, 0 to 9; kept from then on, also when put back or passed on. */
export function entryPriority({ numberPriority, isUrgent, isRepeat }: Claim): number {
  const raised = isRepeat ? Math.max(numberPriority, Math.min(numberPriority + repeatRaise, urgentPriority - 1)) : numberPriority;
  return Math.min(highestPriority, Math.max(raised, isUrgent ? urgentPriority : 0));
}

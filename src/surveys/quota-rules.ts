/** One cell of a campaign: `most` answers are wanted of it, null for as many as come; `calling` are talking with us, `answered` have. */
export type Cell = {
  readonly campaignId: string;
  readonly cell: string;
  readonly most: number | null;
  readonly answered: number;
  readonly calling: number;
  /** Calls of the whole campaign at once. */
  readonly maxLines: number;
};

/** Nobody more is asked, on whatever way. */
export function isFull({ most, answered }: Pick<Cell, 'most' | 'answered'>): boolean {
  return most !== null && answered >= most;
}

/**
 * Calls that may be begun now out of each cell, `free` at the most: whoever talks with us may yet answer, so that by calls alone there are never more
 * answers than wanted. With links there may be as many more as were talking when the last link was answered.
 */
export function roomsOf(cells: readonly Cell[], free: number): (Cell & { readonly room: number })[] {
  return cells.flatMap((cell) => {
    const calls = cells.filter((one) => one.campaignId === cell.campaignId).reduce((sum, one) => sum + one.calling, 0);
    const room = Math.min(free, cell.maxLines - calls, cell.most === null ? free : cell.most - cell.answered - cell.calling);
    return room > 0 ? [{ ...cell, room }] : [];
  });
}

/** Of those that are due in cells with room, in their order, as many as the lines of their campaigns allow. */
export function withinLines<Due extends { readonly campaignId: string | null }>(due: readonly Due[], cells: readonly Cell[]): Due[] {
  const calls = new Map<string | null, number>();
  for (const { campaignId, calling } of cells) calls.set(campaignId, (calls.get(campaignId) ?? 0) + calling);
  const most = new Map<string | null, number>(cells.map(({ campaignId, maxLines }) => [campaignId, maxLines]));
  return due.filter(({ campaignId }) => {
    const taken = calls.get(campaignId) ?? 0;
    if (taken >= (most.get(campaignId) ?? 0)) return false;
    calls.set(campaignId, taken + 1);
    return true;
  });
}

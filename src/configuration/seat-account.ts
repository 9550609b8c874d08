import { newPassword } from '../auth/password.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { saveSeatDigest } from '../seats/queries.ts';
import { seatEndpoint } from '../seats/seat.ts';
import { seatDigest } from '../seats/sip-digest.ts';
import { lockAll, saveChange, type Author, type Changed } from './change-configuration.ts';
import { seatKind as kind } from './kinds/seat.ts';

export type SeatAccount = { readonly id: string; readonly version: number; readonly changeId: number; readonly sipUser: string; readonly sipPassword: string };

/** A new seat, or one that was removed and comes back with a new password. */
export async function createSeat(deps: Deps, author: Author, { id, queueIds }: { readonly id: string; readonly queueIds: string[] }): Promise<SeatAccount> {
  return transaction(deps.pool, async (tx) => {
    const all = await lockAll(tx);
    if (all.get(kind.name)?.has(id)) throw new AppError('already_exists', { field: 'id' });
    const sipPassword = newPassword();
    await saveSeatDigest(tx, { id, sipDigest: seatDigest(id, sipPassword), at: deps.now() });
    const item = { queueIds: [...queueIds].sort(), isEnabled: true };
    return { ...view(await saveChange(deps, tx, author, { kind, key: id, item, all, undoes: null })), sipPassword };
  });
}

/** The old password is worth nothing from here on; a call under way goes on. */
export async function renewPassword(deps: Deps, author: Author, id: string): Promise<SeatAccount> {
  return transaction(deps.pool, async (tx) => {
    const all = await lockAll(tx);
    const current = all.get(kind.name)?.get(id);
    if (!current) throw new AppError('not_found', { entity: 'seat', id });
    const sipPassword = newPassword();
    const at = deps.now();
    await saveSeatDigest(tx, { id, sipDigest: seatDigest(id, sipPassword), at });
    const item = { ...current.item, passwordSetAt: at.toISOString() };
    return { ...view(await saveChange(deps, tx, author, { kind, key: id, item, all, undoes: null })), sipPassword };
  });
}

function view({ key, row, changeId }: Changed): Omit<SeatAccount, 'sipPassword'> {
  if (!row || changeId === null) throw new Error('a seat’s account changed nothing');
  return { id: key, version: row.version, changeId, sipUser: seatEndpoint(key) };
}

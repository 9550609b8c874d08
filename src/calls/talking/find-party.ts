import { normalizePhone } from '../../cases/phone-number-rules.ts';
import type { Db } from '../../db/query.ts';
import type { Deps } from '../../deps.ts';
import { findDirectoryEntry } from '../../directory/queries.ts';
import { AppError } from '../../errors.ts';
import { findRoute } from '../../routing/queries.ts';
import { findSeat } from '../../seats/queries.ts';
import type { Party } from '../call-event.ts';

/** Whom to bring in: exactly one of the three. */
export type Target = { readonly directoryCode?: string | undefined; readonly number?: string | undefined; readonly seatId?: string | undefined };

/** A number of the directory, any other number but the hotline's own, or a seat that is ready now. */
export async function findParty(deps: Deps, target: Target): Promise<Party> {
  const unit = { role: 'unit', seatId: null, operatorId: null } as const;
  if (target.directoryCode !== undefined) {
    const entry = await findDirectoryEntry(deps.pool, target.directoryCode);
    if (!entry) throw new AppError('reference_unknown', { field: 'target.directoryCode' });
    return { ...unit, number: entry.number, directoryCode: entry.code };
  }
  if (target.seatId !== undefined) return findSeatParty(deps.pool, target.seatId);
  const { number } = normalizePhone(target.number ?? '', deps.config.HOTLINE_AREA_CODE);
  if (!number || (await findRoute(deps.pool, number))) throw new AppError('number_not_dialable', { field: 'target.number' });
  return { ...unit, number, directoryCode: null };
}

async function findSeatParty(db: Db, seatId: string): Promise<Party> {
  const seat = await findSeat(db, seatId);
  if (!seat) throw new AppError('reference_unknown', { field: 'target.seatId' });
  if (seat.state !== 'ready' || !seat.isRegistered) throw new AppError('seat_not_ready', { seatId });
  return { role: 'operator', seatId, operatorId: seat.operatorId, number: null, directoryCode: null };
}

/**
 * Whom the keys of a phone mean: a seat's number, a code of the directory, or any other number.
 * @throws AppError for what is none, or a seat that is not free: it is no number of the outside.
 */
export async function findDialedParty(deps: Deps, dialed: string): Promise<Party> {
  if (/^\d{3,6}$/.test(dialed) && (await findSeat(deps.pool, dialed))) return findParty(deps, { seatId: dialed });
  if (await findDirectoryEntry(deps.pool, dialed)) return findParty(deps, { directoryCode: dialed });
  return findParty(deps, { number: dialed });
}

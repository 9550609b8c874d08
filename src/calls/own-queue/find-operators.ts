import type { Tx } from '../../db/query.ts';
import type { CarriedCall } from './carried-call.ts';
import type { Operators } from './carried-rules.ts';
import { findOperatorsAt } from './own-queue-queries.ts';

/** Who sat at the seats that the telephone system's own queue rang. */
export async function findOperators(tx: Tx, { offers }: CarriedCall): Promise<Operators> {
  return findOperatorsAt(tx, offers.map(({ legId, seatId, answeredAt, ringingAt }) => ({ legId, seatId, at: answeredAt ?? ringingAt })));
}

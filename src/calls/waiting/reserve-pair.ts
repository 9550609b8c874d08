import { v7 as uuid } from 'uuid';
import type { Deps } from '../../deps.ts';
import type { Tx } from '../../db/query.ts';
import { atOnce } from '../../db/transaction.ts';
import { demandOf, meetsDemand } from '../../routing/skill-rules.ts';
import type { lockSeat } from '../../seats/queries.ts';
import type { Call } from '../call.ts';
import type { Decision } from '../decision.ts';
import { lockCall } from '../queries.ts';
import { decideAndSave } from '../save-decision.ts';
import { findService, saveTurn } from './match-queries.ts';
import { findQueueOfCall } from './wait-queries.ts';
import type { Match } from './match-rules.ts';

/** How the seat is locked; and the call, if its row is the transaction's own. */
type How = { readonly lock: typeof lockSeat; readonly known?: Call };

/**
 * One caller and one seat, reserved for each other in the caller's transaction; locked in the order call, seat. Null when one of them is taken,
 * gone or changed since `queueId` was planned for.
 */
export async function reservePair(deps: Deps, tx: Tx, { callId, seatId }: Match, queueId: string | null, { lock, known }: How): Promise<Decision | null> {
  const [call, seat, service, queue] = await atOnce(known ?? lockCall(tx, callId), lock(tx, seatId), findService(tx, seatId, queueId), findQueueOfCall(tx, callId));
  if (call?.state !== 'waiting' || call.queueId === null || call.queueId !== queueId) return null;
  if (seat?.state !== 'ready' || !seat.isRegistered || !seat.operatorId || seat.ownQueueChannel) return null;
  if (!service || !meetsDemand(service.skills, demandOf(service.queueSkills, call.skillCodes))) return null;
  const decision = await decideAndSave(deps, tx, call, { type: 'matched', legId: uuid(), seatId, operatorId: seat.operatorId, ringTimeoutSec: service.ringTimeoutSec }, { queue, seat });
  if (decision && service.strategy === 'round_robin') await saveTurn(tx, queueId, seatId);
  return decision;
}

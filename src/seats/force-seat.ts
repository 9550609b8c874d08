import type { UserActor } from '../auth/actor.ts';
import { audit, type RequestTrace } from '../auth/audit.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/publish.ts';
import { actOnSeat } from './apply-seat-event.ts';
import { listNotReadyReasons, lockSeat } from './queries.ts';
import type { SeatEvent } from './seat-machine.ts';
import type { Seat } from './seat.ts';

export const forcedActions = ['ready', 'not_ready', 'sign_out'] as const;
export type ForcedAction = (typeof forcedActions)[number];
type Force = { readonly seatId: string; readonly action: ForcedAction; /** Why not ready; `forced` unless told. */ readonly reason?: string | undefined };

const pendingStates = { ready: 'ready', not_ready: 'not_ready', sign_out: 'signed_out' } as const;

/**
 * A supervisor makes a seat ready, not ready, or signs it out. A seat with a call, ringing included, keeps it: there it takes effect when
 * the call ends, in place of the wrap-up; the last word before that counts. The operator is told who did it.
 */
export async function forceSeat(deps: Deps, actor: UserActor, trace: RequestTrace, { seatId, action, reason }: Force): Promise<Seat> {
  const after = await transaction(deps.pool, async (tx) => {
    const seat = await lockSeat(tx, seatId);
    if (!seat) throw new AppError('not_found', { entity: 'seat', id: seatId });
    const why = action === 'not_ready' ? reason ?? 'forced' : null;
    const reasons = (await listNotReadyReasons(tx)).map((one) => one.code);
    if (why !== null && !reasons.includes(why)) throw new AppError('reference_unknown', { field: 'reason', allowed: reasons });
    if (action === 'ready' && seat.state === 'ready') return seat;
    const forcedBy = actor.userId;
    const isLater = seat.callId !== null;
    const event: SeatEvent = isLater ? { type: 'force_later', pendingState: pendingStates[action], pendingReason: why, forcedBy }
      : action === 'not_ready' ? { type: action, reason: why ?? 'forced', forcedBy } : { type: action, forcedBy };
    const forced = await actOnSeat(deps, tx, seatId, event, deps.now());
    await audit(tx, actor, trace, { action: `seat.forced_${action}`, entity: 'seat', entityId: seatId,
      ...(why === null ? {} : { reason: why }), details: { operatorId: seat.operatorId, isAfterCall: isLater, callId: seat.callId } });
    await publish(tx, { type: 'seat.forced', seatId, operatorId: seat.operatorId, userId: forcedBy, action, isAfterCall: isLater });
    return forced;
  });
  return after;
}

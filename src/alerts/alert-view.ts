import { Type } from 'typebox';
import { Id, NullableString, NullableTime, Time, iso } from '../http/paging.ts';
import type { Alert } from './queries.ts';

export const AlertView = Type.Object({
  id: Id, kind: Type.String(), state: Type.String(), callId: NullableString, seatId: NullableString, operatorId: Id, operatorName: Type.String(), note: Type.String(),
  raisedAt: Time, takenBy: NullableString, takenByName: NullableString, takenAt: NullableTime, resolvedBy: NullableString, resolvedAt: NullableTime,
});

/** open → taken → resolved; the state is read off the times. */
export function viewAlert(alert: Alert) {
  const state = alert.resolvedAt ? 'resolved' : alert.takenAt ? 'taken' : 'open';
  return { ...alert, state, raisedAt: alert.raisedAt.toISOString(), takenAt: iso(alert.takenAt), resolvedAt: iso(alert.resolvedAt) };
}

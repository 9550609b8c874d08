import { execute, query, queryOne, type Db, type Tx } from '../db/query.ts';

/** help: an operator asks for a supervisor (求助). abuse: a citizen abuses an operator. */
export type AlertKind = 'help' | 'abuse';

export type Alert = {
  readonly id: string;
  readonly kind: AlertKind;
  readonly callId: string | null;
  readonly seatId: string | null;
  readonly operatorId: string;
  readonly operatorName: string;
  readonly note: string;
  readonly raisedAt: Date;
  readonly takenBy: string | null;
  readonly takenByName: string | null;
  readonly takenAt: Date | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: Date | null;
};

const select = `select a.id, a.kind, a.call_id, a.seat_id, a.operator_id, o.display_name as operator_name, a.note, a.raised_at, a.taken_by,
  t.display_name as taken_by_name, a.taken_at, a.resolved_by, a.resolved_at
  from supervisor_alerts a join users o on o.id = a.operator_id left join users t on t.id = a.taken_by`;

export async function findAlert(db: Db, alertId: string): Promise<Alert | undefined> {
  return queryOne<Alert>(db, `${select} where a.id = $1`, [alertId]);
}

export async function lockAlert(tx: Tx, alertId: string): Promise<Alert | undefined> {
  return queryOne<Alert>(tx, `${select} where a.id = $1 for update of a`, [alertId]);
}

type AlertKey = { readonly isResolved: boolean; readonly id: string };

/** Open ones first, then by the time they were raised, newest first (ids are in the order of time). */
export async function listAlerts(db: Db, filter: { after: AlertKey | null; isOpen: boolean; limit: number }): Promise<Alert[]> {
  return query<Alert>(db, `${select} where ($1::uuid is null or a.resolved_at is not null and not $2 or (a.resolved_at is not null) = $2 and a.id < $1)
    and (not $3 or a.resolved_at is null) order by a.resolved_at is not null, a.id desc limit $4`,
    [filter.after?.id ?? null, filter.after?.isResolved ?? false, filter.isOpen, filter.limit]);
}

type NewAlert = Pick<Alert, 'id' | 'kind' | 'callId' | 'seatId' | 'operatorId' | 'note' | 'raisedAt'>;

/** False when there is one already: one open call for help a seat, one abuse a call. */
export async function insertAlert(tx: Tx, alert: NewAlert): Promise<boolean> {
  return (await execute(tx, `insert into supervisor_alerts (id, kind, call_id, seat_id, operator_id, note, raised_at) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict do nothing`, [alert.id, alert.kind, alert.callId, alert.seatId, alert.operatorId, alert.note, alert.raisedAt])) > 0;
}

export async function findOpenHelp(db: Db, seatId: string): Promise<Alert | undefined> {
  return queryOne<Alert>(db, `${select} where a.kind = 'help' and a.seat_id = $1 and a.resolved_at is null`, [seatId]);
}

export async function saveTaken(tx: Tx, alertId: string, userId: string, at: Date): Promise<void> {
  await execute(tx, 'update supervisor_alerts set taken_by = $2, taken_at = $3 where id = $1', [alertId, userId, at]);
}

export async function saveResolved(tx: Tx, alertId: string, userId: string | null, at: Date): Promise<void> {
  await execute(tx, 'update supervisor_alerts set resolved_by = $2, resolved_at = $3 where id = $1 and resolved_at is null', [alertId, userId, at]);
}

/** Open calls for help from this call; an operator who signed out needs none either. */
export async function listOpenHelps(db: Db, of: { callId: string } | { seatId: string }): Promise<string[]> {
  const rows = await query<{ id: string }>(db, `select id from supervisor_alerts where kind = 'help' and resolved_at is null
    and ${'callId' in of ? 'call_id' : 'seat_id'} = $1`, ['callId' in of ? of.callId : of.seatId]);
  return rows.map((row) => row.id);
}

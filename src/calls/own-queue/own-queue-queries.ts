import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';

/** Until the end of the transaction nobody else makes a call of this channel. */
export async function lockChannel(tx: Tx, channelId: string): Promise<void> {
  await execute(tx, 'select pg_advisory_xact_lock(hashtextextended($1, 16))', [channelId]);
}

/** Who sat at a seat at each of the moments; one at which nobody did is missing. */
export async function findOperatorsAt(db: Db, moments: readonly { readonly legId: string; readonly seatId: string; readonly at: Date }[]): Promise<Map<string, string>> {
  const rows = await query<{ legId: string; operatorId: string }>(db, `select m.leg_id, sat.operator_id from unnest($1::text[], $2::text[], $3::timestamptz[]) as m (leg_id, seat_id, at)
    cross join lateral (select e.operator_id, e.to_state from seat_events e where e.seat_id = m.seat_id and e.at <= m.at order by e.id desc limit 1) sat
    where sat.to_state <> 'signed_out' and sat.operator_id is not null`,
  [moments.map((one) => one.legId), moments.map((one) => one.seatId), moments.map((one) => one.at)]);
  return new Map(rows.map((row) => [row.legId, row.operatorId]));
}

/** Seats that exist, of those named. */
export async function findKnownSeats(db: Db, seatIds: readonly string[]): Promise<Set<string>> {
  return new Set((await query<{ id: string }>(db, 'select id from seats where id = any($1)', [seatIds])).map((row) => row.id));
}

export async function insertPastTalk(tx: Tx, talk: { callId: string; legIds: readonly string[]; startedAt: Date; endedAt: Date }): Promise<void> {
  await execute(tx, 'insert into call_talks (call_id, leg_ids, started_at, ended_at) values ($1, $2, $3, $4)', [talk.callId, talk.legIds, talk.startedAt, talk.endedAt]);
}

/** Calls that the telephone system's own queue carried, all of them or in part. */
export async function countCarried(db: Db): Promise<number> {
  return (await queryOne<{ count: number }>(db, `select count(*) from calls where carried_by <> 'service'`))?.count ?? 0;
}

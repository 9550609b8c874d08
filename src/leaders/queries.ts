import { queryOne, type Tx } from '../db/query.ts';

/**
 * SQL of those who answer calls of that queue as leaders at that moment (领导接听), at a seat or at any: day and times of the roster are
 * Asia/Shanghai, `to_time` is exclusive and may be 24:00. The arguments are SQL, never a request's text.
 */
export function onDutySql({ queue, at }: { readonly queue: string; readonly at: string }): string {
  const local = `${at}::timestamptz at time zone 'Asia/Shanghai'`;
  return `select user_id, seat_id from leader_days where ${queue} = any(queue_ids) and day = (${local})::date
    and to_char(${local}, 'HH24:MI') >= from_time and to_char(${local}, 'HH24:MI') < to_time`;
}

type OnDuty = { readonly operatorId: string; readonly seatId: string | null; readonly queueId: string | null; readonly at: Date };

export async function isLeaderOnDuty(tx: Tx, { operatorId, seatId, queueId, at }: OnDuty): Promise<boolean> {
  return (await queryOne(tx, `select 1 from (${onDutySql({ queue: '$3::text', at: '$4' })}) d where d.user_id = $1 and (d.seat_id is null or d.seat_id = $2)`,
    [operatorId, seatId, queueId, at])) !== undefined;
}

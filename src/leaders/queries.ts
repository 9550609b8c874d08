import { queryOne, type Tx } from '../db/query.ts';

/**
 * SQL that is true when that person at that seat answers calls of that queue as a leader at that moment (领导接听): day and times of
 * the roster are Asia/Shanghai, `to_time` is exclusive and may be 24:00. The arguments are SQL, never a request's text.
 */
export function leadsSql(of: { readonly user: string; readonly seat: string; readonly queue: string; readonly at: string }): string {
  return `exists (select 1 from leader_days d where d.user_id = ${of.user} and (d.seat_id is null or d.seat_id = ${of.seat}) and ${of.queue} = any(d.queue_ids)
    and d.day = (${of.at}::timestamptz at time zone 'Asia/Shanghai')::date
    and to_char(${of.at}::timestamptz at time zone 'Asia/Shanghai', 'HH24:MI') >= d.from_time
    and to_char(${of.at}::timestamptz at time zone 'Asia/Shanghai', 'HH24:MI') < d.to_time)`;
}

type OnDuty = { readonly operatorId: string; readonly seatId: string | null; readonly queueId: string | null; readonly at: Date };

export async function isLeaderOnDuty(tx: Tx, { operatorId, seatId, queueId, at }: OnDuty): Promise<boolean> {
  const leads = leadsSql({ user: '$1::uuid', seat: '$2::text', queue: '$3::text', at: '$4' });
  return (await queryOne<{ leads: boolean }>(tx, `select ${leads} as leads`, [operatorId, seatId, queueId, at]))?.leads ?? false;
}

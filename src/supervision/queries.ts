import { query, type Db } from '../db/query.ts';

export type BoardSeat = {
  readonly id: string; readonly state: string; readonly stateSince: Date; readonly isRegistered: boolean; readonly notReadyReason: string | null; readonly pendingState: string | null;
  readonly operatorId: string | null; readonly operatorName: string | null; readonly callId: string | null;
  readonly answeredToday: number; readonly talkSecToday: number; readonly notReadySecToday: number;
};

/**
 * Every seat with what whoever sits there did since `dayStart`, at whatever seat; nought where nobody sits. Recomputed from the rows:
 * - answered: rows of `call_legs` of that operator in role operator, answered since then, of inbound calls and calls back;
 * - talk: the time of the rows of `call_talks` that name such a leg, of calls out as well, as far as it lies since then; holds are no talk;
 * - not ready: from each row of `seat_events` with that operator that leads to not_ready up to the seat's next row, as far as it lies since then.
 */
export async function listBoardSeats(db: Db, dayStart: Date, now: Date): Promise<BoardSeat[]> {
  return query<BoardSeat>(db, `with steps as (
      select e.operator_id, e.to_state, e.at, coalesce(lead(e.at) over (partition by e.seat_id order by e.id), $2) as until
      from seats s join seat_events e on e.seat_id = s.id
        and e.id >= coalesce((select max(f.id) from seat_events f where f.seat_id = s.id and f.at < $1), 0)
    ), rests as (
      select operator_id, sum(extract(epoch from until - greatest(at, $1))) as sec from steps where to_state = 'not_ready' and until > $1 group by operator_id
    ), legs as (
      select l.id, l.call_id, l.operator_id, l.answered_at, (c.direction = 'inbound' or c.callback_of is not null) as is_answer from call_legs l join calls c on c.id = l.call_id
      where l.role = 'operator' and l.answered_at is not null and (l.ended_at is null or l.ended_at > $1)
        and l.operator_id in (select operator_id from seats where operator_id is not null)
    ), answers as (
      select operator_id, count(*) filter (where is_answer and answered_at >= $1) as answered from legs group by operator_id
    ), talks as (
      select l.operator_id, sum(extract(epoch from coalesce(t.ended_at, $2) - greatest(t.started_at, $1))) as sec from legs l join call_talks t on t.call_id = l.call_id and l.id = any(t.leg_ids)
      where coalesce(t.ended_at, $2) > $1 group by l.operator_id
    )
    select s.id, s.state, s.state_since, s.is_registered, s.not_ready_reason, s.pending_state, s.operator_id, u.display_name as operator_name, s.call_id,
      coalesce(a.answered, 0) as answered_today, coalesce(t.sec, 0)::float8 as talk_sec_today, coalesce(r.sec, 0)::float8 as not_ready_sec_today
    from seats s left join users u on u.id = s.operator_id left join answers a on a.operator_id = s.operator_id
      left join talks t on t.operator_id = s.operator_id left join rests r on r.operator_id = s.operator_id order by s.id`, [dayStart, now]);
}

export type BoardCall = {
  readonly id: string; readonly direction: string; readonly state: string; readonly since: Date; readonly offeredAt: Date; readonly queueId: string | null;
  readonly seatId: string | null; readonly operatorName: string | null; readonly caseNumber: string | null; readonly isConfidential: boolean; readonly abuseAt: Date | null;
  readonly parties: { readonly role: string; readonly seatId: string | null; readonly directoryCode: string | null; readonly state: string; readonly isHeld: boolean }[];
  readonly supervisorName: string | null; readonly supervisionMode: string | null;
};

/** Every live call, without any citizen's number; `since` is the last of its events that changed the state. */
export async function listBoardCalls(db: Db): Promise<BoardCall[]> {
  return query<BoardCall>(db, `select c.id, c.direction, c.state, coalesce(moved.at, c.offered_at) as since, c.offered_at, c.queue_id, c.seat_id, u.display_name as operator_name,
      k.number as case_number, coalesce(k.is_confidential, false) as is_confidential, c.abuse_at, present.parties, v.display_name as supervisor_name, s.mode as supervision_mode
    from calls c left join users u on u.id = c.operator_id left join cases k on k.id = c.case_id
    left join lateral (select at from call_events e where e.call_id = c.id and e.from_state is distinct from e.to_state order by e.id desc limit 1) moved on true
    cross join lateral (select coalesce(jsonb_agg(jsonb_build_object('role', l.role, 'seatId', l.seat_id, 'directoryCode', l.directory_code, 'state', l.state, 'isHeld', l.is_held)
      order by l.started_at), '[]') as parties from call_legs l where l.call_id = c.id and l.state <> 'ended' and l.role <> 'supervisor') present
    left join call_legs s on s.call_id = c.id and s.role = 'supervisor' and s.state <> 'ended' left join users v on v.id = s.operator_id
    where c.state <> 'ended' order by c.offered_at`);
}

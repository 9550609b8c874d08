import { camel, execute, query, queryOne, type Db, type Statement, type Tx } from '../db/query.ts';
import { atOnce } from '../db/transaction.ts';
import { seatColumns } from '../seats/queries.ts';
import type { Seat } from '../seats/seat.ts';
import type { Call, CallState } from './call.ts';
import type { Leg } from './leg.ts';

const callColumns = [
  'id', 'direction', 'state', 'called_number', 'caller_raw', 'caller_number', 'caller_kind', 'queue_id', 'case_id', 'seat_id', 'operator_id',
  'priority', 'queue_path', 'skill_codes', 'language', 'menu', 'script', 'survey_id', 'callback_of', 'callback_offered_at', 'carried_by', 'attempts', 'retry_at', 'asked',
  'offered_at', 'answered_at', 'queued_at', 'ringing_at', 'connected_at', 'ended_at', 'deadline_at', 'announce_at',
  'overflow_at', 'told_wait', 'playback_id', 'abuse_at', 'outcome', 'ended_by', 'version',
] as const;
const legColumns = [
  'id', 'role', 'mode', 'seat_id', 'operator_id', 'number', 'directory_code', 'state', 'is_held', 'held_for', 'line_id', 'is_away',
  'started_at', 'ringing_at', 'answered_at', 'ended_at', 'outcome', 'hangup_cause',
] as const;
const callList = callColumns.join(', ');
const legList = legColumns.join(', ');

/** The values of a row's columns, and the places for them in a statement: `$1, $2, …`. */
function valuesOf(row: object, columns: readonly string[]): unknown[] {
  return columns.map((column) => (row as Record<string, unknown>)[camel(column)]);
}

function places(columns: readonly string[], from = 1): string {
  return columns.map((_, index) => `$${index + from}`).join(', ');
}

type CallRow = Omit<Call, 'legs'>;

export async function lockCall(tx: Tx, callId: string): Promise<Call | undefined> {
  const [row, legs] = await atOnce(queryOne<CallRow>(tx, `select ${callList} from calls where id = $1 for no key update`, [callId]), findLiveLegs(tx, callId));
  return row && { ...row, legs };
}

/** The seat that has the call or is offered it, sent along with what locks the call. */
export async function lockSeatOfCall(tx: Tx, callId: string): Promise<Seat | undefined> {
  return queryOne<Seat>(tx, `select ${seatColumns} from seats where id = (select seat_id from calls where id = $1) and removed_at is null for no key update`, [callId]);
}

/** As it is now, without a lock. */
export async function findLiveCall(db: Db, callId: string): Promise<Call | undefined> {
  const row = await queryOne<CallRow>(db, `select ${callList} from calls where id = $1 and state <> 'ended'`, [callId]);
  return row && { ...row, legs: await findLiveLegs(db, callId) };
}

async function findLiveLegs(db: Db, callId: string): Promise<Leg[]> {
  return query<Leg>(db, `select ${legList} from call_legs where call_id = $1 and state <> 'ended' order by started_at`, [callId]);
}

/**
 * Who waits for a seat at the moment that stands in the parameter `now`: callers, and callbacks that wait in their callers' place without a leg. A callback whose citizen was not
 * reached a moment ago waits for its next try, and is before nobody meanwhile. Who did not ask to be called back is called within half an hour,
 * when the call is still in mind, or by day.
 */
export function isWaitingAt(now: `$${number}`): string {
  return `state = 'waiting' and (retry_at is null or retry_at <= ${now})
    and (priority >= 0 or offered_at > ${now}::timestamptz - interval '30 minutes' or (${now}::timestamptz at time zone 'Asia/Shanghai')::time between '08:00' and '21:00')`;
}

/** Those who count for a queue that is full: callbacks nobody asked for take no line. */
export async function countWaiting(db: Db, queueId: string, now: Date): Promise<number> {
  const row = await queryOne<{ count: number }>(db, `select count(*) from calls where queue_id = $1 and priority >= 0 and ${isWaitingAt('$2')}`, [queueId, now]);
  return row?.count ?? 0;
}

export async function countLiveCallsOfQueue(db: Db, queueId: string): Promise<number> {
  const row = await queryOne<{ count: number }>(db, `select count(*) from calls where queue_id = $1 and state <> 'ended'`, [queueId]);
  return row?.count ?? 0;
}

/** Legs, not ended, to an entry of the directory. */
export async function countLiveLegsTo(db: Db, directoryCode: string): Promise<number> {
  const row = await queryOne<{ count: number }>(db, `select count(*) from call_legs where directory_code = $1 and state <> 'ended'`, [directoryCode]);
  return row?.count ?? 0;
}

/** The caller's place in its queue, from 1. */
export async function findPosition(db: Db, call: Call, now: Date): Promise<number> {
  const row = await queryOne<{ ahead: number }>(db, `select count(*) as ahead from calls
    where queue_id = $1 and ${isWaitingAt('$5')} and (priority > $4 or (priority = $4 and (queued_at, id) < ($2, $3)))`,
  [call.queueId, call.queuedAt, call.id, call.priority, now]);
  return (row?.ahead ?? 0) + 1;
}

export function insertCall(call: Call): Statement {
  return { text: `insert into calls (${callList}) values (${places(callColumns)})`, values: valuesOf(call, callColumns) };
}

/** A caller who gets a seat is served; one who waits again later begins anew. */
export function saveCall(call: Call): Statement {
  return { text: `update calls set (${callList}) = row(${places(callColumns)}), unserved_since = case when $${callColumns.indexOf('state') + 1}::text = 'waiting' then unserved_since end where id = $1`, values: valuesOf(call, callColumns) };
}

export function saveLeg(callId: string, leg: Leg): Statement {
  return { text: `insert into call_legs (call_id, ${legList}) values ($1, ${places(legColumns, 2)})
    on conflict (id) do update set role = excluded.role, mode = excluded.mode, state = excluded.state, is_held = excluded.is_held, held_for = excluded.held_for, line_id = excluded.line_id, is_away = excluded.is_away, ringing_at = excluded.ringing_at, answered_at = excluded.answered_at,
      ended_at = excluded.ended_at, outcome = excluded.outcome, hangup_cause = excluded.hangup_cause`, values: [callId, ...valuesOf(leg, legColumns)] };
}

export function insertCallEvent(event: { callId: string; at: Date; type: string; from: string | null; to: string; data: object }): Statement {
  return { text: 'insert into call_events (call_id, at, type, from_state, to_state, data) values ($1,$2,$3,$4,$5,$6)', values: [event.callId, event.at, event.type, event.from, event.to, JSON.stringify(event.data)] };
}

/** The call a channel belongs to; undefined for channels that are none of ours. */
export async function findCallOfLeg(db: Db, legId: string): Promise<string | undefined> {
  return (await queryOne<{ callId: string }>(db, 'select call_id from call_legs where id = $1', [legId]))?.callId;
}

/** A leg that is to be dialled, unless its call ended since; and whether its phone must not show the citizen's number. */
export async function findLegToDial(db: Db, legId: string): Promise<{ readonly isConfidential: boolean } | undefined> {
  return queryOne(db, `select coalesce(k.is_confidential, false) as is_confidential from call_legs l join calls c on c.id = l.call_id left join cases k on k.id = c.case_id
    where l.id = $1 and l.state <> 'ended'`, [legId]);
}

export async function isLegLive(db: Db, legId: string): Promise<boolean> {
  return (await queryOne(db, `select id from call_legs where id = $1 and state <> 'ended'`, [legId])) !== undefined;
}

/** NOTIFY when a call of a survey is over; the payload is the call's id. */
export const surveyChannel = 'hotline_surveys';

/** All of them in two queries. Calls before legs: a call is never read without legs that it has. */
export async function listLiveCalls(db: Db): Promise<Call[]> {
  const rows = await query<CallRow>(db, `select ${callList} from calls where state <> 'ended' order by offered_at`);
  const legs = await query<Leg & { callId: string }>(db, `select call_id, ${legList} from call_legs where state <> 'ended' order by started_at`);
  const legsOf = new Map<string, Leg[]>(rows.map((row) => [row.id, []]));
  for (const { callId, ...leg } of legs) legsOf.get(callId)?.push(leg);
  return rows.map((row) => ({ ...row, legs: legsOf.get(row.id) ?? [] }));
}

/** How many live calls are in each state; a state without any is missing. */
export async function countLiveCalls(db: Db): Promise<{ readonly state: CallState; readonly count: number }[]> {
  return query(db, `select state, count(*) from calls where state <> 'ended' group by state`);
}

export async function findDueAnnouncements(db: Db, now: Date): Promise<string[]> {
  const rows = await query<{ id: string }>(db, `select id from calls where state = 'waiting' and announce_at <= $1`, [now]);
  return rows.map((row) => row.id);
}

export async function findOverdueCalls(db: Db, now: Date): Promise<string[]> {
  const rows = await query<{ id: string }>(db, `select id from calls where state <> 'ended' and (deadline_at <= $1
    or exists (select 1 from call_legs l where l.call_id = calls.id and l.role = 'supervisor' and l.state = 'dialing' and l.started_at <= $1::timestamptz - interval '25 seconds'))`, [now]);
  return rows.map((row) => row.id);
}

/** A command about who hears whom in the call failed. Not one of the call's own columns: it is noted while its row is free. */
export async function noteDoubt(db: Db, callId: string): Promise<void> {
  await execute(db, `update calls set is_place_doubtful = true where id = $1 and state <> 'ended'`, [callId]);
}

export async function clearDoubt(db: Db, callId: string): Promise<void> {
  await execute(db, 'update calls set is_place_doubtful = false where id = $1 and is_place_doubtful', [callId]);
}

export async function findDoubtfulCalls(db: Db): Promise<string[]> {
  const rows = await query<{ id: string }>(db, 'select id from calls where is_place_doubtful');
  return rows.map((row) => row.id);
}

/** The latest moment that stands in the rows of live calls and of seats, within what a clock may have been set back. */
export async function findLatestMoment(db: Db, notAfter: Date): Promise<Date | undefined> {
  const row = await queryOne<{ at: Date | null }>(db, `select max(at) as at from (
      select greatest(offered_at, queued_at, ringing_at, connected_at) as at from calls where state <> 'ended'
      union all select greatest(state_since, idle_since) from seats where removed_at is null) moments where at <= $1`, [notAfter]);
  return row?.at ?? undefined;
}

export type CallListRow = CallRow & { readonly operatorName: string | null; readonly caseNumber: string | null; readonly isConfidential: boolean };

export const selectCallList = `select ${callColumns.map((name) => `c.${name}`).join(', ')}, u.display_name as operator_name,
  k.number as case_number, coalesce(k.is_confidential, false) as is_confidential from calls c left join users u on u.id = c.operator_id left join cases k on k.id = c.case_id`;

export async function listCalls(db: Db, filter: { beforeId: string | null; live: boolean; limit: number }): Promise<CallListRow[]> {
  return query<CallListRow>(db, `${selectCallList} where ($1::uuid is null or c.id < $1) and (not $2 or c.state <> 'ended') order by c.id desc limit $3`,
    [filter.beforeId, filter.live, filter.limit]);
}

export async function findCall(db: Db, callId: string): Promise<(CallListRow & { legs: Leg[] }) | undefined> {
  const row = await queryOne<CallListRow>(db, `${selectCallList} where c.id = $1`, [callId]);
  return row && { ...row, legs: await query<Leg>(db, `select ${legList} from call_legs where call_id = $1 order by started_at`, [callId]) };
}

/** Seconds of each part of a call; what each means stands at the view `call_durations`. */
export type CallDurations = {
  readonly [Part in 'ownPhone' | 'greeting' | 'wait' | 'ring' | 'talk' | 'message' | 'total' | 'wrapUp' as `${Part}Sec`]: number | null;
};

export async function findDurations(db: Db, callId: string): Promise<CallDurations | undefined> {
  return queryOne<CallDurations>(db, `select own_phone_sec, greeting_sec, wait_sec, ring_sec, talk_sec, message_sec, total_sec, wrap_up_sec
    from call_durations where call_id = $1`, [callId]);
}

export type CallEventRow = { readonly id: number; readonly at: Date; readonly type: string; readonly fromState: string | null;
  readonly toState: string; readonly data: Record<string, unknown> };

export async function listCallEvents(db: Db, callId: string): Promise<CallEventRow[]> {
  return query(db, 'select id, at, type, from_state, to_state, data from call_events where call_id = $1 order by id', [callId]);
}

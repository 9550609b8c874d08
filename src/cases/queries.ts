import { execute, query, queryOne, type Db, type Statement, type Tx } from '../db/query.ts';
import type { Case, CaseIdentity } from './case.ts';
import { findIdentity } from './identity/queries.ts';
import { vault } from './identity/vault.ts';

export const caseColumnNames = ['id', 'number', 'state', 'callback_reason', 'channel', 'type', 'category_code', 'district_code', 'urgency', 'is_confidential',
  'occurred_text', 'occurred_at', 'place', 'cause', 'course', 'answer', 'declined_reason', 'referred_to', 'handed_to', 'opened_at', 'closed_at',
  'updated_at', 'owner_id', 'call_id', 'is_leader_answered', 'origin_number', 'version'];
export const caseColumns = caseColumnNames.join(', ');

export async function lockCase(tx: Tx, caseId: string): Promise<Case | undefined> {
  return queryOne<Case>(tx, `select ${caseColumns} from cases where id = $1 for update`, [caseId]);
}

export async function findCase(db: Db, caseId: string): Promise<Case | undefined> {
  return queryOne<Case>(db, `select ${caseColumns} from cases where id = $1`, [caseId]);
}

/** Takes the day's next number. The row stays locked until the transaction ends, so keep what follows short. */
export async function nextSequence(tx: Tx, day: string): Promise<number> {
  const row = await queryOne<{ last: number }>(tx, `insert into case_counters (day, last) values ($1, 1)
    on conflict (day) do update set last = case_counters.last + 1 returning last`, [day]);
  if (!row) throw new Error('the case counter gave no number');
  return row.last;
}

export function insertCase(opened: { id: string; number: string; channel: string; ownerId: string | null; callId: string | null; calledNumber: string | null; at: Date }): Statement {
  return { text: `insert into cases (id, number, state, channel, owner_id, call_id, opened_at, updated_at, origin_number)
    values ($1, $2, 'draft', $3, $4, $5, $6, $6, (select number from hotline_numbers where number = $7))`, values: [opened.id, opened.number, opened.channel, opened.ownerId, opened.callId, opened.at, opened.calledNumber] };
}

export function saveCase(one: Case): Statement {
  return { text: `update cases set state = $2, callback_reason = $3, type = $4, category_code = $5, district_code = $6, urgency = $7,
    is_confidential = $8, occurred_text = $9, occurred_at = $10, place = $11, cause = $12, course = $13, answer = $14, declined_reason = $15,
    referred_to = $16, handed_to = $17, closed_at = $18, updated_at = $19, owner_id = $20, version = $21 where id = $1`, values: [one.id, one.state, one.callbackReason, one.type, one.categoryCode, one.districtCode, one.urgency, one.isConfidential, one.occurredText,
      one.occurredAt, one.place, one.cause, one.course, one.answer, one.declinedReason, one.referredTo, one.handedTo, one.closedAt, one.updatedAt,
      one.ownerId, one.version] };
}

/** A leader answered the call on their day (领导接听); nothing takes that back. */
export async function tagLeaderAnswered(tx: Tx, caseId: string): Promise<void> {
  await execute(tx, 'update cases set is_leader_answered = true where id = $1', [caseId]);
}

type NewCaseEvent = {
  readonly caseId: string;
  readonly at: Date;
  readonly type: string;
  readonly userId: string | null;
  readonly from: string | null;
  readonly to: string;
  readonly data: object;
};

export function insertCaseEvent(event: NewCaseEvent): Statement {
  return { text: 'insert into case_events (case_id, at, type, user_id, from_state, to_state, data) values ($1,$2,$3,$4,$5,$6,$7)', values: [event.caseId, event.at, event.type, event.userId, event.from, event.to, JSON.stringify(event.data)] };
}

/** A line on the timeline of a case whose state stays, whatever it is. */
export function noteOnCase({ caseId, at, type, userId, data }: Omit<NewCaseEvent, 'from' | 'to'>): Statement {
  return { text: 'insert into case_events (case_id, at, type, user_id, from_state, to_state, data) select id, $2, $3, $4, state, state, $5 from cases where id = $1', values: [caseId, at, type, userId, JSON.stringify(data)] };
}

export async function hasCaseEvent(db: Db, caseId: string, type: string): Promise<boolean> {
  return (await queryOne(db, 'select 1 from case_events where case_id = $1 and type = $2 limit 1', [caseId, type])) !== undefined;
}

export type CaseEventRow = {
  readonly id: number;
  readonly at: Date;
  readonly type: string;
  readonly userId: string | null;
  readonly fromState: string | null;
  readonly toState: string;
  readonly data: Record<string, unknown>;
};

export async function listCaseEvents(db: Db, caseId: string): Promise<CaseEventRow[]> {
  return query(db, 'select id, at, type, user_id, from_state, to_state, data from case_events where case_id = $1 order by id', [caseId]);
}

type CallText = 'seatId' | 'operatorId' | 'direction' | 'outcome';
type CallTime = 'offeredAt' | 'answeredAt' | 'connectedAt' | 'endedAt';
export type CaseListRow = Case & CaseIdentity & { readonly [Name in CallText]: string | null } & { readonly [Name in CallTime]: Date | null };

export type HistoryRow = { readonly id: string; readonly number: string; readonly state: string; readonly type: string | null; readonly openedAt: Date };

/** Earlier cases of the same number, newest first. Confidential ones are not even counted, or the count would tell of them. */
export async function findHistory(db: Db, caseId: string): Promise<HistoryRow[]> {
  const phone = (await findIdentity(db, caseId))?.phone;
  if (!phone) return [];
  return query(db, `select k.id, k.number, k.state, k.type, k.opened_at from case_identities other join cases k on k.id = other.case_id
    where other.phone_index = any($2) and other.case_id <> $1 and not k.is_confidential order by k.id desc limit 20`, [caseId, vault().indexesOf(phone)]);
}

export type Draft = { readonly baseVersion: number; readonly fields: Record<string, unknown>; readonly savedAt: Date };

export async function findDraft(db: Db, caseId: string, userId: string): Promise<Draft | undefined> {
  return queryOne(db, 'select base_version, fields, saved_at from case_drafts where case_id = $1 and user_id = $2', [caseId, userId]);
}

export async function saveDraft(db: Db, draft: { caseId: string; userId: string; baseVersion: number; fields: object; at: Date }): Promise<void> {
  await execute(db, `insert into case_drafts (case_id, user_id, base_version, fields, saved_at) values ($1,$2,$3,$4,$5)
    on conflict (case_id, user_id) do update set base_version = excluded.base_version, fields = excluded.fields, saved_at = excluded.saved_at`,
    [draft.caseId, draft.userId, draft.baseVersion, JSON.stringify(draft.fields), draft.at]);
}

export async function deleteDraft(db: Db, caseId: string, userId: string): Promise<void> {
  await execute(db, 'delete from case_drafts where case_id = $1 and user_id = $2', [caseId, userId]);
}

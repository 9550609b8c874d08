import { execute, query, queryOne, type Db, type Statement, type Tx } from '../../db/query.ts';
import { caseColumns } from '../queries.ts';
import type { CaseLife, CaseRecord, CaseRequest, Feedback, Part } from './case-record.ts';

const life = ['proposal', 'about_unit_id', 'lead_unit_id', 'is_supervised', 'is_complex', 'deadline_code', 'dispatched_at', 'warn_at', 'due_at', 'stopped_at', 'review_at',
  'return_count', 'rework_count', 'outcome', 'public_reply', 'explanation', 'replied_at', 'merged_into_id', 'archived_at', 'survey_round', 'counted_from', 'counted_workdays'];
const lifeColumns = life.join(', ');

export async function lockCaseRecord(tx: Tx, caseId: string): Promise<CaseRecord | undefined> {
  return queryOne(tx, `select ${caseColumns}, ${lifeColumns} from cases where id = $1 for update`, [caseId]);
}

export async function findLife(db: Db, caseId: string): Promise<(CaseLife & Pick<CaseRecord, 'closedAt'>) | undefined> {
  return queryOne(db, `select ${lifeColumns}, closed_at from cases where id = $1`, [caseId]);
}

/** Everything the acts after the desk change. */
export function saveCaseRecord(one: CaseRecord): Statement {
  return { text: `update cases set state = $2, callback_reason = $3, urgency = $4, closed_at = $5, updated_at = $6, owner_id = $7, version = $8, ${life.map((name, index) => `${name} = $${index + 9}`).join(', ')}
    where id = $1`, values: [one.id, one.state, one.callbackReason, one.urgency, one.closedAt, one.updatedAt, one.ownerId, one.version,
    one.proposal, one.aboutUnitId, one.leadUnitId, one.isSupervised, one.isComplex, one.deadlineCode, one.dispatchedAt, one.warnAt, one.dueAt, one.stoppedAt, one.reviewAt,
    one.returnCount, one.reworkCount, one.outcome, one.publicReply, one.explanation, one.repliedAt, one.mergedIntoId, one.archivedAt, one.surveyRound, one.countedFrom, one.countedWorkdays] };
}

const partColumns = `id, case_id, unit_id, role, parent_id, arrived_at, sign_due_at, signed_at, signed_by, contact_due_at, contacted_at, due_at, counted_from, sign_workdays, due_workdays, contact_workdays, ended_at, ended_why`;

/** All parts, those that are over too, in the order of arrival. */
export async function listParts(db: Db, caseId: string): Promise<Part[]> {
  return query(db, `select ${partColumns} from case_units where case_id = $1 order by arrived_at, id`, [caseId]);
}

export async function insertPart(tx: Tx, part: Part): Promise<void> {
  await execute(tx, `insert into case_units (id, case_id, unit_id, role, parent_id, arrived_at, sign_due_at, due_at, counted_from, sign_workdays, due_workdays) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [part.id, part.caseId, part.unitId, part.role, part.parentId, part.arrivedAt, part.signDueAt, part.dueAt, part.countedFrom, part.signWorkdays, part.dueWorkdays]);
}

export async function savePart(tx: Tx, part: Part): Promise<void> {
  await execute(tx, `update case_units set role = $2, signed_at = $3, signed_by = $4, contact_due_at = $5, contacted_at = $6, due_at = $7, ended_at = $8, ended_why = $9, sign_due_at = $10, contact_workdays = $11 where id = $1`,
    [part.id, part.role, part.signedAt, part.signedBy, part.contactDueAt, part.contactedAt, part.dueAt, part.endedAt, part.endedWhy, part.signDueAt, part.contactWorkdays]);
}

const requestColumns = `id, kind, case_unit_id as part_id, asked_by, asked_at, reason, legal_basis, wanted_until, decide_by, decided_at, decided_by, is_granted, note`;

export async function listRequests(db: Db, caseId: string): Promise<CaseRequest[]> {
  return query(db, `select ${requestColumns} from case_requests where case_id = $1 order by asked_at, id`, [caseId]);
}

type NewRequest = Pick<CaseRequest, 'id' | 'kind' | 'partId' | 'askedBy' | 'askedAt' | 'reason' | 'legalBasis' | 'wantedUntil' | 'decideBy'>;

export async function insertRequest(tx: Tx, caseId: string, one: NewRequest): Promise<void> {
  await execute(tx, `insert into case_requests (id, case_id, kind, case_unit_id, asked_by, asked_at, reason, legal_basis, wanted_until, decide_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [one.id, caseId, one.kind, one.partId, one.askedBy, one.askedAt, one.reason, one.legalBasis, one.wantedUntil, one.decideBy]);
}

type Decision = { readonly at: Date; readonly by: string | null; readonly isGranted: boolean; readonly note: string | null };

export async function decideRequest(tx: Tx, requestId: string, { at, by, isGranted, note }: Decision): Promise<void> {
  await execute(tx, 'update case_requests set decided_at = $2, decided_by = $3, is_granted = $4, note = $5 where id = $1', [requestId, at, by, isGranted, note]);
}

/** What a unit asked for and nobody decided is over with its part; a review of a rating is not. */
export async function dropRequests(tx: Tx, partId: string, at: Date): Promise<void> {
  await execute(tx, `update case_requests set decided_at = $2, is_granted = false where case_unit_id = $1 and decided_at is null and kind in ('return','extension','suspension')`, [partId, at]);
}

/** What waits for a decision is the successor's from now on. */
export async function moveRequests(tx: Tx, fromPartId: string, toPartId: string): Promise<void> {
  await execute(tx, 'update case_requests set case_unit_id = $2 where case_unit_id = $1 and decided_at is null', [fromPartId, toPartId]);
}

const feedbackColumns = `id, case_unit_id as part_id, at, user_id, outcome, public_reply, internal_note, due_at, reviewed_at, reviewed_by, is_accepted, review_note`;

export async function listFeedbacks(db: Db, caseId: string): Promise<Feedback[]> {
  return query(db, `select ${feedbackColumns} from case_feedbacks where case_id = $1 order by at, id`, [caseId]);
}

type NewFeedback = Pick<Feedback, 'id' | 'partId' | 'at' | 'userId' | 'outcome' | 'publicReply' | 'internalNote' | 'dueAt'>;

export async function insertFeedback(tx: Tx, caseId: string, one: NewFeedback): Promise<void> {
  await execute(tx, `insert into case_feedbacks (id, case_id, case_unit_id, at, user_id, outcome, public_reply, internal_note, due_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [one.id, caseId, one.partId, one.at, one.userId, one.outcome, one.publicReply, one.internalNote, one.dueAt]);
}

type Review = { readonly at: Date; readonly by: string | null; readonly isAccepted: boolean; readonly note: string | null };

/** The feedback that waits for its review; the last one. */
export async function reviewFeedback(tx: Tx, caseId: string, { at, by, isAccepted, note }: Review): Promise<void> {
  await execute(tx, 'update case_feedbacks set reviewed_at = $2, reviewed_by = $3, is_accepted = $4, review_note = $5 where case_id = $1 and reviewed_at is null', [caseId, at, by, isAccepted, note]);
}

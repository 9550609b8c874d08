import type { Count } from '../deadlines/deadline-rules.ts';
import { execute, query, queryOne, write, type Db, type Statement, type Tx } from '../../db/query.ts';

export type Urge = { readonly id: string; readonly at: Date; readonly askedBy: 'citizen' | 'hotline' | 'clock'; readonly userId: string | null; readonly note: string };
/** A supervision order (督办); `dueAt` was counted, or fixed by whoever opened it. */
export type Order = Count & {
  readonly id: string; readonly openedAt: Date; readonly openedBy: string | null; readonly reason: string; readonly dueAt: Date;
  readonly answeredAt: Date | null; readonly answeredBy: string | null; readonly answer: string | null;
  readonly closedAt: Date | null; readonly closedBy: string | null; readonly closingNote: string | null; readonly escalatedAt: Date | null;
};
export type Visit = { readonly id: string; readonly userId: string; readonly visitedAt: Date; readonly place: string; readonly found: string; readonly writtenAt: Date };
/** A leader's instruction (批示). */
export type Instruction = {
  readonly id: string; readonly leaderId: string; readonly at: Date; readonly words: string; readonly followerId: string; readonly dueAt: Date;
  readonly reportedAt: Date | null; readonly report: string | null;
};
export type Warning = { readonly id: string; readonly unitId: string; readonly at: Date; readonly userId: string | null; readonly reason: string };

const orderColumns = 'id, opened_at, opened_by, reason, due_at, answered_at, answered_by, answer, closed_at, closed_by, closing_note, escalated_at, counted_from, counted_workdays';
const instructionColumns = 'id, leader_id, at, words, follower_id, due_at, reported_at, report';

export async function listUrges(db: Db, caseId: string): Promise<Urge[]> {
  return query(db, 'select id, at, asked_by, user_id, note from case_urges where case_id = $1 order by at, id', [caseId]);
}

export async function listOrders(db: Db, caseId: string): Promise<Order[]> {
  return query(db, `select ${orderColumns} from case_orders where case_id = $1 order by opened_at, id`, [caseId]);
}

export async function findOpenOrder(tx: Tx, caseId: string): Promise<Order | undefined> {
  return queryOne(tx, `select ${orderColumns} from case_orders where case_id = $1 and closed_at is null`, [caseId]);
}

export async function listVisits(db: Db, caseId: string): Promise<Visit[]> {
  return query(db, 'select id, user_id, visited_at, place, found, written_at from case_visits where case_id = $1 order by visited_at, id', [caseId]);
}

export async function listInstructions(db: Db, caseId: string): Promise<Instruction[]> {
  return query(db, `select ${instructionColumns} from case_instructions where case_id = $1 order by at, id`, [caseId]);
}

export async function listWarnings(db: Db, caseId: string): Promise<Warning[]> {
  return query(db, 'select id, unit_id, at, user_id, reason from case_warnings where case_id = $1 order by at, id', [caseId]);
}

export function insertUrge(caseId: string, one: Urge): Statement {
  return { text: 'insert into case_urges (id, case_id, at, asked_by, user_id, note) values ($1, $2, $3, $4, $5, $6)', values: [one.id, caseId, one.at, one.askedBy, one.userId, one.note] };
}

export function insertOrder(caseId: string, one: Pick<Order, 'id' | 'openedAt' | 'openedBy' | 'reason' | 'dueAt' | keyof Count>): Statement {
  return { text: 'insert into case_orders (id, case_id, opened_at, opened_by, reason, due_at, counted_from, counted_workdays) values ($1, $2, $3, $4, $5, $6, $7, $8)',
    values: [one.id, caseId, one.openedAt, one.openedBy, one.reason, one.dueAt, one.countedFrom, one.countedWorkdays] };
}

export async function saveOrder(tx: Tx, one: Order): Promise<void> {
  await execute(tx, `update case_orders set due_at = $2, answered_at = $3, answered_by = $4, answer = $5, closed_at = $6, closed_by = $7, closing_note = $8, escalated_at = $9, counted_from = $10, counted_workdays = $11 where id = $1`,
    [one.id, one.dueAt, one.answeredAt, one.answeredBy, one.answer, one.closedAt, one.closedBy, one.closingNote, one.escalatedAt, one.countedFrom, one.countedWorkdays]);
}

export async function insertVisit(tx: Tx, caseId: string, one: Visit): Promise<void> {
  await execute(tx, 'insert into case_visits (id, case_id, user_id, visited_at, place, found, written_at) values ($1, $2, $3, $4, $5, $6, $7)', [one.id, caseId, one.userId, one.visitedAt, one.place, one.found, one.writtenAt]);
}

export async function insertInstruction(tx: Tx, caseId: string, one: Omit<Instruction, 'reportedAt' | 'report'>): Promise<void> {
  await execute(tx, 'insert into case_instructions (id, case_id, leader_id, at, words, follower_id, due_at) values ($1, $2, $3, $4, $5, $6, $7)',
    [one.id, caseId, one.leaderId, one.at, one.words, one.followerId, one.dueAt]);
}

export async function saveReport(tx: Tx, instructionId: string, { at, report }: { readonly at: Date; readonly report: string }): Promise<void> {
  await execute(tx, 'update case_instructions set reported_at = $2, report = $3 where id = $1', [instructionId, at, report]);
}

export async function insertWarning(tx: Tx, caseId: string, one: Warning): Promise<void> {
  await write(tx, { text: 'insert into case_warnings (id, case_id, unit_id, at, user_id, reason) values ($1, $2, $3, $4, $5, $6)', values: [one.id, caseId, one.unitId, one.at, one.userId, one.reason] });
}

/** Who may be named to follow something up: somebody of the hotline whose account is not over. */
export async function isOfHotline(tx: Tx, userId: string, at: Date): Promise<boolean> {
  return (await queryOne(tx, 'select id from users where id = $1 and unit_id is null and disabled_at is null and (ends_at is null or ends_at > $2)', [userId, at])) !== undefined;
}

import { v7 as uuid } from 'uuid';
import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { applyCaseActIn, ringLater, type Applied } from '../life/apply-case-act.ts';
import { lockCaseRecord } from '../life/queries.ts';
import { holdTree } from '../../units/queries.ts';

export type Decided = { readonly caseIds: readonly string[]; readonly leadUnitId: string; readonly helperUnitIds: readonly string[]; readonly dueAt: Date; readonly minutes: string; readonly participants: string };
type Refused = { readonly caseId: string; readonly number: string | null; readonly code: string };

/**
 * A joint conference (联席会议): one act fixes owner and deadline of many cases that are nobody's or wait to be dispatched, all of them or none.
 * @throws AppError that names every case that stands in the way, and why.
 */
export async function holdConference(deps: Deps, userId: string, decided: Decided): Promise<string> {
  const id = uuid();
  const { applied, ids } = await transaction(deps.pool, async (tx) => {
    const { dueAt, minutes, participants, leadUnitId } = decided;
    const at = deps.now();
    if (dueAt <= at) throw new AppError('reference_unknown', { field: 'dueAt' });
    await holdTree(tx);
    if (!(await queryOne(tx, 'select id from units where id = $1 and closed_at is null', [leadUnitId]))) throw new AppError('reference_unknown', { field: 'leadUnitId' });
    await execute(tx, 'insert into conferences (id, held_at, user_id, minutes, participants, lead_unit_id, due_at) values ($1, $2, $3, $4, $5, $6, $7)', [id, at, userId, minutes, participants, leadUnitId, dueAt]);
    const [done, refused]: [Applied[], Refused[]] = [[], []];
    // In the order of ids, so that two conferences do not wait for each other.
    for (const caseId of [...decided.caseIds].sort()) {
      try {
        done.push(...await decideOne(deps, tx, { caseId, userId, conferenceId: id, decided }));
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        refused.push({ caseId, number: (await queryOne<{ number: string }>(tx, 'select number from cases where id = $1', [caseId]))?.number ?? null, code: error.code });
      }
    }
    if (refused.length > 0) throw new AppError('conference_refused', { refused });
    return { applied: done, ids: decided.caseIds };
  });
  for (const { alarms } of applied) await ringLater(deps, alarms);
  deps.log.info({ conferenceId: id, cases: ids.length, userId }, 'A joint conference fixed whose cases they are');
  return id;
}

type One = { readonly caseId: string; readonly userId: string; readonly conferenceId: string; readonly decided: Decided };

async function decideOne(deps: Deps, tx: Tx, { caseId, userId, conferenceId, decided: { leadUnitId, helperUnitIds, dueAt } }: One): Promise<Applied[]> {
  const one = await lockCaseRecord(tx, caseId);
  if (!one) throw new AppError('not_found', { entity: 'case', id: caseId });
  const who = { userId, unitId: null };
  // What waits to be dispatched comes before the conference as nobody's.
  if (one.state === 'pending_dispatch') await applyCaseActIn(tx, deps, who, { caseId, act: 'dispute', given: { reason: '提交联席会议' } });
  const applied = await applyCaseActIn(tx, deps, who, { caseId, act: 'assign', given: { leadUnitId, helperUnitIds: [...helperUnitIds], reason: '联席会议确定', dueAt: dueAt.toISOString() } });
  await execute(tx, 'insert into conference_cases (conference_id, case_id) values ($1, $2)', [conferenceId, caseId]);
  return [applied];
}

export type Conference = { readonly id: string; readonly heldAt: Date; readonly userId: string; readonly minutes: string; readonly participants: string; readonly leadUnitId: string; readonly dueAt: Date; readonly cases: readonly { readonly id: string; readonly number: string; readonly state: string }[] };

export async function findConference(db: Db, id: string): Promise<Conference | undefined> {
  const found = await queryOne<Omit<Conference, 'cases'>>(db, 'select id, held_at, user_id, minutes, participants, lead_unit_id, due_at from conferences where id = $1', [id]);
  return found && { ...found, cases: await query(db, 'select k.id, k.number, k.state from conference_cases c join cases k on k.id = c.case_id where c.conference_id = $1 order by k.id', [id]) };
}

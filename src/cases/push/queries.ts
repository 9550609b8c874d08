import { execute, query, type Db, type Tx } from '../../db/query.ts';
import { hasPart, notAbout } from '../life/scope.ts';

export type Pushed = { readonly id: string; readonly number: string; readonly state: string; readonly urgency: string };

/** Urgent cases under way at the unit or below it that this person has not acknowledged, the oldest first; never one that is about the unit. */
export async function listUnacknowledged(db: Db, { userId, unitId, limit }: { readonly userId: string; readonly unitId: string; readonly limit: number }): Promise<Pushed[]> {
  return query(db, `select k.id, k.number, k.state, k.urgency from cases k where k.urgency <> 'normal' and k.closed_at is null and ${hasPart('$2', true)} and ${notAbout('$2')}
    and not exists (select from case_acknowledgements a where a.case_id = k.id and a.user_id = $1) order by k.id limit $3`, [userId, unitId, limit]);
}

/** False for somebody who has said so before. */
export async function insertAcknowledgement(tx: Tx, one: { readonly caseId: string; readonly userId: string; readonly unitId: string; readonly at: Date }): Promise<boolean> {
  return (await execute(tx, 'insert into case_acknowledgements (case_id, user_id, unit_id, at) values ($1, $2, $3, $4) on conflict do nothing', [one.caseId, one.userId, one.unitId, one.at])) > 0;
}

export type Acknowledgement = { readonly userId: string; readonly unitId: string; readonly at: Date };

export async function listAcknowledgements(db: Db, caseId: string): Promise<Acknowledgement[]> {
  return query(db, 'select user_id, unit_id, at from case_acknowledgements where case_id = $1 order by at, user_id', [caseId]);
}

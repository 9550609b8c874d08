import { execute, type Tx } from '../db/query.ts';

/** People talked about the case, or listened, or said something of the talk; its state stays. */
export async function insertTalkEvent(tx: Tx, talk: { caseId: string; at: Date; type?: 'talked' | 'listened' | 'abuse_flagged'; userId?: string; data: object }): Promise<void> {
  await execute(tx, `insert into case_events (case_id, at, type, user_id, from_state, to_state, data)
    select id, $2, $4, $5, state, state, $3 from cases where id = $1`, [talk.caseId, talk.at, JSON.stringify(talk.data), talk.type ?? 'talked', talk.userId ?? null]);
}

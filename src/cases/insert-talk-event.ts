import { execute, type Tx } from '../db/query.ts';

/** People talked about the case; its state stays. */
export async function insertTalkEvent(tx: Tx, talk: { caseId: string; at: Date; data: object }): Promise<void> {
  await execute(tx, `insert into case_events (case_id, at, type, from_state, to_state, data)
    select id, $2, 'talked', state, state, $3 from cases where id = $1`, [talk.caseId, talk.at, JSON.stringify(talk.data)]);
}

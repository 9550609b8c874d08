import { insertTalkEvent } from '../../cases/insert-talk-event.ts';
import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';
import { supervisorLeg, type Call } from '../call.ts';
import { listener } from '../talking/place-rules.ts';

export type ListenRow = { readonly startedAt: Date; readonly endedAt: Date | null; readonly legId: string; readonly heardLegId: string; readonly mode: string };

/** Writes down who listens to whose talk without being one of it (who barges in stands in `call_talks`); on the case's timeline once it ended. */
export async function saveListen(tx: Tx, before: Call | null, after: Call, at: Date): Promise<void> {
  const [was, is] = [before && listener(before), listener(after)];
  if (was?.legId === is?.legId && was?.heardLegId === is?.heardLegId && was?.mode === is?.mode) return;
  const ended = was && await queryOne<ListenRow>(tx, `update call_listens set ended_at = greatest($2, started_at) where call_id = $1 and ended_at is null
    returning started_at, ended_at, leg_id, heard_leg_id, mode`, [after.id, at]);
  if (is) await execute(tx, 'insert into call_listens (call_id, leg_id, heard_leg_id, mode, started_at) values ($1, $2, $3, $4, $5)', [after.id, is.legId, is.heardLegId, is.mode, at]);
  const leg = before && supervisorLeg(before);
  if (!ended || !leg || !after.caseId) return;
  const data = { callId: after.id, mode: ended.mode, from: ended.startedAt, to: ended.endedAt, seatId: leg.seatId, operatorId: leg.operatorId };
  await insertTalkEvent(tx, { caseId: after.caseId, at, type: 'listened', data });
}

export async function listListens(db: Db, callId: string): Promise<ListenRow[]> {
  return query<ListenRow>(db, 'select started_at, ended_at, leg_id, heard_leg_id, mode from call_listens where call_id = $1 order by id', [callId]);
}

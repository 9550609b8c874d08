import { insertTalkEvent } from '../../cases/insert-talk-event.ts';
import { execute, query, queryOne, type Db, type Tx } from '../../db/query.ts';
import { sendAlong } from '../../db/transaction.ts';
import type { Call } from '../call.ts';
import { talkers } from './place-rules.ts';

export type TalkRow = { readonly startedAt: Date; readonly endedAt: Date | null; readonly legIds: string[] };

/** Writes down who talks with whom from now on, and the end of what was before; a talk that ended is on the case's timeline. */
export async function saveTalk(tx: Tx, before: Call | null, after: Call, at: Date): Promise<void> {
  const was = before ? idsOf(before) : [];
  const is = idsOf(after);
  if (was.join() === is.join()) return;
  // The clock of another host that took over may be behind: that must not stop the call.
  const ended = was.length > 1 ? await queryOne<TalkRow>(tx, `update call_talks set ended_at = greatest($2, started_at) where call_id = $1 and ended_at is null
    returning started_at, ended_at, leg_ids`, [after.id, at]) : undefined;
  if (is.length > 1) sendAlong(tx, execute(tx, 'insert into call_talks (call_id, leg_ids, started_at) values ($1, $2, $3)', [after.id, is, at]));
  if (!ended || !after.caseId) return;
  // Who they were, without any number: the case's timeline is read by more people than may see the citizen's.
  const parties = (before?.legs ?? []).filter((leg) => ended.legIds.includes(leg.id)).map(({ role, seatId, operatorId, directoryCode }) => ({ role, seatId, operatorId, directoryCode }));
  sendAlong(tx, insertTalkEvent(tx, { caseId: after.caseId, at, data: { callId: after.id, from: ended.startedAt, to: ended.endedAt, parties } }));
}

function idsOf(call: Call): string[] {
  return talkers(call).map((leg) => leg.id).sort();
}

export async function listTalks(db: Db, callId: string): Promise<TalkRow[]> {
  return query<TalkRow>(db, 'select started_at, ended_at, leg_ids from call_talks where call_id = $1 order by id', [callId]);
}

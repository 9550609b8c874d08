import { query, type Tx } from '../../db/query.ts';
import { publish } from '../../events/publish.ts';
import type { CaseRecord } from '../life/case-record.ts';

/** What becomes of the cases that were merged into one when that ends, is archived or opened again, and which of them it becomes. */
const following = {
  closed: { from: ['merged'], to: 'closed', type: 'closed_with_main' },
  archived: { from: ['closed'], to: 'archived', type: 'archived_with_main' },
  pending_dispatch: { from: ['closed', 'archived'], to: 'merged', type: 'reopened_with_main' },
} as const;

/** N callers, one matter: each of their cases ends with it and has its reply, or goes on with it. The main case is locked before them, always. */
export async function carryMerged(tx: Tx, before: CaseRecord, main: CaseRecord, at: Date): Promise<void> {
  if (before.state === main.state || !(main.state in following)) return;
  const { from, to, type } = following[main.state as keyof typeof following];
  const moved = await query<{ id: string; was: string }>(tx, `with these as (select id, state from cases where merged_into_id = $1 and state = any($2) order by id for update)
    update cases k set state = $3, closed_at = $4, archived_at = $5, outcome = $6, public_reply = $7, explanation = $8, replied_at = $9, updated_at = $10, version = version + 1
    from these where k.id = these.id returning k.id, these.state as was`,
  [main.id, from, to, to === 'merged' ? null : main.closedAt, to === 'archived' ? main.archivedAt : null, main.outcome, main.publicReply, main.explanation, to === 'merged' ? null : main.repliedAt, at]);
  await query(tx, `insert into case_events (case_id, at, type, from_state, to_state, data) select m.id, $2, $3, m.was, $4, $5 from jsonb_to_recordset($1) as m (id uuid, was text)`,
    [JSON.stringify(moved), at, type, to, JSON.stringify({ mainId: main.id, mainNumber: main.number })]);
  for (const { id } of moved) await publish(tx, { type: 'case.changed', caseId: id });
}

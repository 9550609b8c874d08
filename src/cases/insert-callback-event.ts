import { execute, type Tx } from '../db/query.ts';

type CallbackEvent = {
  readonly caseId: string;
  readonly at: Date;
  /** The citizen asked for it, or was answered by nobody; was tried to be reached; or called again first. */
  readonly type: 'callback_requested' | 'callback_missed' | 'callback_tried' | 'called_again';
  readonly data: object;
};

/** What became of a callback stands on the case's timeline; the case stays as it is. */
export async function insertCallbackEvent(tx: Tx, { caseId, at, type, data }: CallbackEvent): Promise<void> {
  await execute(tx, `insert into case_events (case_id, at, type, from_state, to_state, data)
    select id, $2, $3, state, state, $4 from cases where id = $1`, [caseId, at, type, JSON.stringify(data)]);
}

import type { Statement } from '../../db/query.ts';
import type { Call } from '../call.ts';

/** A citizen's mark for whom they talked with; one a call. */
export function insertRating(call: Call, value: string, at: Date): Statement {
  return { text: 'insert into call_ratings (call_id, operator_id, queue_id, value, at) values ($1, $2, $3, $4, $5) on conflict (call_id) do nothing', values: [call.id, call.operatorId, call.queueId, value, at] };
}

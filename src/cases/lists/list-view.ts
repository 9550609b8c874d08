import { iso } from '../../http/paging.ts';
import { callFields, callerView, caseFields } from '../case-view.ts';
import { lightOf } from '../life/views.ts';
import type { ListRow } from './load-rows.ts';
import type { Reader } from './reader.ts';

/** A case in a list as this reader may see it: a unit's people see neither who the citizen is nor the call. */
export function listItem(row: ListRow, { actor, unitId }: Reader, now: Date) {
  const { warnAt, dueAt, stoppedAt, isSupervised, leadUnitId, leadUnitName } = row;
  return {
    ...caseFields(row), warnAt: iso(warnAt), dueAt: iso(dueAt), stoppedAt: iso(stoppedAt), isSupervised, leadUnitId, leadUnitName, light: lightOf(row, now),
    caller: unitId === null ? callerView(row, row, actor) : null, call: unitId === null ? callFields(row) : null,
  };
}

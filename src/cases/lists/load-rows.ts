import { query, type Db } from '../../db/query.ts';
import { identityColumns, identityOf } from '../identity/queries.ts';
import { hideCitizen } from '../identity/view-for-unit.ts';
import { caseColumnNames, type CaseListRow } from '../queries.ts';
import type { Reader } from './reader.ts';

/** What lists show of a case's life beside the case itself. */
export type ListRow = CaseListRow & {
  readonly warnAt: Date | null;
  readonly dueAt: Date | null;
  readonly stoppedAt: Date | null;
  readonly isSupervised: boolean;
  readonly leadUnitId: string | null;
  readonly leadUnitName: string | null;
};

/** The cases of a page in its order as this reader may read them, each with its call's columns and with who the citizen is. */
export async function loadRows(db: Db, ids: readonly string[], { unitId, actor }: Reader): Promise<ListRow[]> {
  if (ids.length === 0) return [];
  const found = await query<ListRow & Parameters<typeof identityOf>[1]>(db, `select ${caseColumnNames.map((name) => `k.${name}`).join(', ')}, k.warn_at, k.due_at, k.stopped_at, k.is_supervised, k.lead_unit_id,
      (select u.name_zh from units u where u.id = k.lead_unit_id) as lead_unit_name, c.seat_id, c.operator_id, c.direction, c.offered_at, c.answered_at, c.connected_at, c.ended_at, c.outcome, ${identityColumns}
    from cases k join case_identities i on i.case_id = k.id left join calls c on c.id = k.call_id where k.id = any($1)`, [ids]);
  const rows = found.map(({ sealed, keyId, ...row }): ListRow => {
    const { citizenName, phone } = identityOf(row.id, { ...row, sealed, keyId });
    return { ...row, citizenName, phone };
  });
  const isHidden = (row: ListRow): boolean => unitId !== null || (row.isConfidential && !actor.permissions.has('identity.read'));
  const byId = new Map(rows.map((row) => [row.id, isHidden(row) ? hideCitizen(row, row.citizenName) : row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}


import { query, type Db, type Tx } from '../db/query.ts';
import { AppError } from '../errors.ts';

/**
 * Rule 3 when the tree changes: a unit that handles a complaint about another one does not come to stand below that one.
 * @throws AppError with the units, and how many cases they have to hand on first.
 */
export async function keepFromOwnComplaints<T>(tx: Tx, change: () => Promise<T>): Promise<T> {
  const before = new Set((await listOwnComplaints(tx)).map((one) => one.partId));
  const changed = await change();
  const added = (await listOwnComplaints(tx)).filter((one) => !before.has(one.partId));
  if (added.length > 0) throw new AppError('unit_is_complained_about', { units: [...new Set(added.map((one) => one.code))], openCases: new Set(added.map((one) => one.caseId)).size });
  return changed;
}

/** Parts under way of units that stand below the one complained about, or are it. */
async function listOwnComplaints(db: Db): Promise<{ readonly partId: string; readonly caseId: string; readonly code: string }[]> {
  return query(db, `select p.id as part_id, p.case_id, u.code from case_units p join cases c on c.id = p.case_id and c.about_unit_id is not null
    join unit_ancestors a on a.unit_id = p.unit_id and a.ancestor_id = c.about_unit_id join units u on u.id = p.unit_id where p.ended_at is null`);
}

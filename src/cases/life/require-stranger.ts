import type { Db } from '../../db/query.ts';
import { AppError } from '../../errors.ts';
import { isWithin } from '../../units/queries.ts';

/** Rule 5: nobody of a unit that handled the case, or of one above or below it, judges the result or asks the citizen what came of it. */
export async function requireStranger(db: Db, unitId: string | null, handledBy: Iterable<string>): Promise<void> {
  if (!unitId) return;
  for (const handler of handledBy) if ((await isWithin(db, unitId, handler)) || (await isWithin(db, handler, unitId))) throw new AppError('own_unit_may_not');
}

import type { Db } from '../../db/query.ts';
import { AppError } from '../../errors.ts';
import { isWithin } from '../../units/queries.ts';
import { listParts } from './queries.ts';

/** Rule 5: nobody of a unit that handled the case, or of one above or below it, judges the result or asks the citizen what came of it. */
export async function requireStranger(db: Db, unitId: string | null, handledBy: Iterable<string>): Promise<void> {
  if (!unitId) return;
  for (const handler of handledBy) if ((await isWithin(db, unitId, handler)) || (await isWithin(db, handler, unitId))) throw new AppError('own_unit_may_not');
}

/** The same, for who asks about the case without holding it. */
export async function requireStrangerTo(db: Db, unitId: string | null, caseId: string): Promise<void> {
  if (unitId) await requireStranger(db, unitId, new Set((await listParts(db, caseId)).map((part) => part.unitId)));
}

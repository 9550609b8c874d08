import { listParts } from '../cases/life/queries.ts';
import { isWithin } from '../units/queries.ts';
import type pg from 'pg';
import { AppError } from '../errors.ts';
import { transaction } from '../db/transaction.ts';

/** Rule 5: nobody of a unit that handled the case, or of one above or below it, asks what came of it. */
export async function requireStranger(pool: pg.Pool, unitId: string | null, caseId: string): Promise<void> {
  if (!unitId) return;
  await transaction(pool, async (tx) => {
    for (const handler of new Set((await listParts(tx, caseId)).map((part) => part.unitId))) {
      if ((await isWithin(tx, unitId, handler)) || (await isWithin(tx, handler, unitId))) throw new AppError('own_unit_may_not');
    }
  });
}

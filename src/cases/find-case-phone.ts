import { AppError } from '../errors.ts';
import type { Db } from '../db/query.ts';
import { findIdentity } from './identity/queries.ts';

/** The number to call back for a case. */
export async function findCasePhone(db: Db, caseId: string): Promise<string> {
  const identity = await findIdentity(db, caseId);
  if (!identity) throw new AppError('not_found', { entity: 'case', id: caseId });
  if (!identity.phone) throw new AppError('number_not_dialable', { caseId });
  return identity.phone;
}

import { createHmac } from 'node:crypto';

/**
 * The six digits by which a citizen proves on the phone that the case is theirs. Never stored: they follow from the case's id under
 * a key that is not in the database, so that whoever sees the case may tell them again, and whoever reads the database cannot.
 */
export function caseCode(key: string, caseId: string): string {
  const number = createHmac('sha256', key).update(caseId).digest().readUIntBE(0, 6);
  return String(number % 1_000_000).padStart(6, '0');
}

/** The six digits by which a unit's phone is put through to the citizen: others than the citizen's own, which no unit is to know. */
export function unitCode(key: string, caseId: string): string {
  return caseCode(key, `unit ${caseId}`);
}

import type { Db } from '../../db/query.ts';
import type { Case } from '../case.ts';
import { findIdentity } from './queries.ts';
import { findIdentifying, redact, type Finding } from './redact-rules.ts';

const spoken = ['occurredText', 'place', 'cause', 'course', 'answer'] as const;
type Spoken = (typeof spoken)[number];

/** A case in which who the citizen is stands nowhere, whatever was written down. */
export function hideCitizen<One extends Pick<Case, Spoken>>(one: One, citizenName: string | null): One {
  return { ...one, ...(Object.fromEntries(spoken.map((field) => [field, one[field] === null ? null : redact(one[field], citizenName)])) as Pick<One, Spoken>) };
}

/** A case as whoever works for a unit reads it. */
export async function viewForUnit(db: Db, one: Case): Promise<Case> {
  return hideCitizen(one, (await findIdentity(db, one.id))?.citizenName ?? null);
}

/** What takes this citizen out of a text. */
export async function redactionOf(db: Db, caseId: string): Promise<(text: string) => string> {
  const name = (await findIdentity(db, caseId))?.citizenName ?? null;
  return (text) => redact(text, name);
}

/** Every text in what an event tells. */
export function redactData(data: Record<string, unknown>, hide: (text: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, typeof value === 'string' && !/Id$|At$/.test(name) ? hide(value) : value]));
}

export type FieldFinding = Finding & { readonly field: Spoken | 'proposal'; readonly text: string };

/** What of a case units will not read, for whoever dispatches it. */
export function findingsOf(one: Pick<Case, Spoken> & { readonly proposal: string | null }, citizenName: string | null): FieldFinding[] {
  return ([...spoken, 'proposal'] as const).flatMap((field) => {
    const text = one[field];
    return text === null ? [] : findIdentifying(text, citizenName).map((finding) => ({ field, text: text.slice(finding.from, finding.to), ...finding }));
  });
}

import type { Actor } from '../auth/actor.ts';
import { queryOne, type Db } from '../db/query.ts';

/** What is told of a case that changed, and which units it concerns: those with a part in it and above them, but for the ones it is about and below those. */
export type CaseNews = { readonly id: string; readonly number: string; readonly state: string; readonly version: number; readonly urgency: string; readonly units: ReadonlySet<string> };

/** One statement, whoever listens. */
export async function findCaseNews(db: Db, caseId: string): Promise<CaseNews | undefined> {
  const row = await queryOne<Omit<CaseNews, 'units'> & { units: string[] }>(db, `select k.id, k.number, k.state, k.version, k.urgency,
      array(select distinct a.ancestor_id from case_units p join unit_ancestors a on a.unit_id = p.unit_id where p.case_id = k.id
        and not exists (select from unit_ancestors o where o.unit_id = a.ancestor_id and o.ancestor_id = k.about_unit_id)) as units
    from cases k where k.id = $1`, [caseId]);
  return row && { ...row, units: new Set(row.units) };
}

/** Whom an urgent case is pushed to: who works for a unit that has it, or for one above. */
export function isPushedTo(actor: Actor, { units }: CaseNews): boolean {
  return actor.kind === 'user' && actor.permissions.has('case.read_unit') && actor.unitId !== null && units.has(actor.unitId);
}

/** Whoever may read the case hears of it. */
export function concerns(actor: Actor, news: CaseNews): boolean {
  return actor.permissions.has('case.read') || isPushedTo(actor, news);
}

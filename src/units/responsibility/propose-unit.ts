import { listCategoriesAbove } from '../../cases/deadlines/queries.ts';
import { query, type Db } from '../../db/query.ts';
import { atOnce } from '../../db/transaction.ts';
import { findOpenUnits } from '../queries.ts';
import { findCurrent, listRulesFor } from './queries.ts';
import { proposalsFor, type Proposed, type Why } from './responsibility-rules.ts';

export type UnitProposal = { readonly unitId: string; readonly nameZh: string; readonly basis: string; readonly why: Why & { readonly categoryCode: string | null; readonly districtCode: string | null } };
export type Proposal = { readonly versionId: number | null; readonly units: readonly UnitProposal[]; /** Units that a rule names and that may not have it: closed, or complained about (rule 3). */ readonly left: readonly { readonly unitId: string; readonly why: 'closed' | 'complained_about' }[] };

type Matter = { readonly categoryCode: string | null; readonly districtCode: string | null; readonly aboutUnitId: string | null };

/** Whose the matter is by the rules that count now, the most specific first, and why. */
export async function proposeUnits(db: Db, { categoryCode, districtCode, aboutUnitId }: Matter): Promise<Proposal> {
  const { versionId, found } = await findProposals(db, { categoryCode, districtCode });
  const unitIds = [...new Set(found.map(({ rule }) => rule.unitId))];
  const open = new Map((await findOpenUnits(db, unitIds, aboutUnitId)).map((unit) => [unit.id, unit.depth]));
  const names = new Map((await query<{ id: string; nameZh: string }>(db, 'select id, name_zh from units where id = any($1)', [unitIds])).map((unit) => [unit.id, unit.nameZh]));
  const best = found.filter(({ rule }, index) => found.findIndex((other) => other.rule.unitId === rule.unitId) === index);
  return {
    versionId,
    units: best.filter(({ rule }) => open.get(rule.unitId) === null).map(({ rule, why }) => ({
      unitId: rule.unitId, nameZh: names.get(rule.unitId) ?? '', basis: rule.basis, why: { ...why, categoryCode: rule.categoryCode, districtCode: rule.districtCode },
    })),
    left: best.filter(({ rule }) => open.get(rule.unitId) !== null).map(({ rule }) => ({ unitId: rule.unitId, why: open.has(rule.unitId) ? 'complained_about' : 'closed' })),
  };
}

/** The rule by which a unit would have had the matter when it was given to it, if there was one: published rules never change. */
export async function findRuleBehind(db: Db, matter: Omit<Matter, 'aboutUnitId'>, unitId: string): Promise<{ readonly versionId: number; readonly categoryCode: string | null; readonly districtCode: string | null } | null> {
  const { versionId, found } = await findProposals(db, matter);
  const rule = found.find((one) => one.rule.unitId === unitId)?.rule;
  return versionId === null || !rule ? null : { versionId, categoryCode: rule.categoryCode, districtCode: rule.districtCode };
}

async function findProposals(db: Db, { categoryCode, districtCode }: Omit<Matter, 'aboutUnitId'>): Promise<{ readonly versionId: number | null; readonly found: Proposed[] }> {
  const [version, categoryCodes] = await atOnce(findCurrent(db), categoryCode === null ? [] : listCategoriesAbove(db, categoryCode));
  if (!version) return { versionId: null, found: [] };
  return { versionId: version.id, found: proposalsFor(await listRulesFor(db, version.id, { categoryCodes, districtCode }), { categoryCodes, districtCode }) };
}

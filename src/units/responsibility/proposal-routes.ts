import { Type } from 'typebox';
import { findCase } from '../../cases/queries.ts';
import { findLife } from '../../cases/life/queries.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { Id, NullableString } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { proposeUnits } from './propose-unit.ts';

const Why = Type.Object({
  categoryCode: NullableString, districtCode: NullableString, isDistrict: Type.Boolean({ description: 'The rule is for the case’s district; else for all' }),
  categoryLevel: Type.Union([Type.Integer({ description: '0: for the case’s category; 1: for the one above; …' }), Type.Null()]),
});
const ProposalView = Type.Object({
  versionId: Type.Union([Type.Integer(), Type.Null()], { description: 'Of the responsibility rules; null when none were published' }),
  units: Type.Array(Type.Object({ unitId: Id, nameZh: Type.String(), basis: Type.String(), why: Why }), { description: 'The most specific rule’s first' }),
  left: Type.Array(Type.Object({ unitId: Id, why: Type.Enum(['closed', 'complained_about']) })),
});

export function registerUnitProposalRoutes(app: App, { pool }: Deps): void {
  app.get('/api/cases/:caseId/unit-proposal', {
    config: { permission: 'case.dispatch' }, schema: {
      summary: 'Whose the case is by the responsibility rules, and why', tags: ['cases'], params: Type.Object({ caseId: Id }), response: { 200: ProposalView, ...problemResponses(404) },
    },
  }, async (request) => {
    const { caseId } = request.params;
    const [one, life] = [await findCase(pool, caseId), await findLife(pool, caseId)];
    if (!one || !life) throw new AppError('not_found', { entity: 'case', id: caseId });
    const { versionId, units, left } = await proposeUnits(pool, { ...one, aboutUnitId: life.aboutUnitId });
    return { versionId, units: [...units], left: [...left] };
  });
}

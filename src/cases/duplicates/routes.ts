import { Type } from 'typebox';
import { requireActor } from '../../auth/authenticate.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { Id, NullableString, Time } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { findCase } from '../queries.ts';
import { findSimilar } from './find-similar.ts';
import { listRelated } from './queries.ts';
import { reasons } from './similar-rules.ts';

const params = Type.Object({ caseId: Id });
const text = (maxLength: number) => Type.Optional(Type.Union([Type.String({ maxLength }), Type.Null()]));
const Typed = Type.Object({ place: text(500), cause: text(2_000), course: text(20_000), categoryCode: text(64), districtCode: text(64) }, { additionalProperties: false });
const SimilarView = Type.Object({
  id: Id, number: Type.String(), state: Type.String(), openedAt: Time, place: NullableString, cause: NullableString, score: Type.Number({ description: '0 to 1' }), reasons: Type.Array(Type.Enum([...reasons])),
});
const RelatedView = Type.Object({ id: Id, number: Type.String(), state: Type.String(), how: Type.Enum(['linked', 'merged_here', 'merged_into']), openedAt: Time });

export function registerDuplicateRoutes(app: App, { pool, now }: Deps): void {
  app.post('/api/cases/:caseId/similar', {
    config: { permission: ['case.edit', 'case.dispatch'] }, schema: {
      summary: 'Cases like this one, by what was typed so far: the same number, place, words, days', tags: ['cases'], params, body: Typed, response: { 200: Type.Object({ items: Type.Array(SimilarView) }), ...problemResponses(404) },
    },
  }, async (request) => {
    const { caseId } = request.params;
    const one = await findCase(pool, caseId);
    if (!one) throw new AppError('not_found', { entity: 'case', id: caseId });
    const { place = one.place, cause = one.cause, course = one.course, categoryCode = one.categoryCode, districtCode = one.districtCode } = request.body;
    const similar = await findSimilar(pool, { caseId, place, cause, course, categoryCode, districtCode }, now());
    return { items: similar.map((each) => ({ id: each.id, number: each.number, state: each.state, openedAt: each.openedAt.toISOString(), place: each.place, cause: each.cause, score: each.score, reasons: [...each.reasons] })) };
  });

  app.get('/api/cases/:caseId/related', {
    config: { permission: 'case.read' }, schema: {
      summary: 'Cases that are linked with this one, merged into it, or that it was merged into; how many citizens wait for it', tags: ['cases'], params,
      response: { 200: Type.Object({ callerCount: Type.Integer(), items: Type.Array(RelatedView) }), ...problemResponses(404) },
    },
  }, async (request) => {
    const { caseId } = request.params;
    const one = await findCase(pool, caseId);
    if (!one) throw new AppError('not_found', { entity: 'case', id: caseId });
    const maySeeAll = requireActor(request).permissions.has('identity.read');
    const related = (await listRelated(pool, caseId)).filter((each) => maySeeAll || !each.isConfidential || one.isConfidential);
    return {
      callerCount: 1 + related.filter((each) => each.how === 'merged_here').length,
      items: related.map((each) => ({ id: each.id, number: each.number, state: each.state, how: each.how, openedAt: each.openedAt.toISOString() })),
    };
  });
}

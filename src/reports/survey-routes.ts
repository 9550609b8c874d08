import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { Id, Instant, NullableString, Page, Time, pageOf, pageQuery, readCursor, uuidPattern } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { readPeriod } from './period.ts';
import { Rate } from './rate.ts';
import { ratesOf } from './survey-rate-rules.ts';
import { countSurveys, listSurveyed, surveyGroups } from './survey-rates.ts';

const Group = Type.Object({
  key: NullableString, name: NullableString, completed: Type.Integer(), refused: Type.Integer(), notReached: Type.Integer(), open: Type.Integer(),
  reached: Rate, satisfied: Rate, satisfiedAdjusted: Rate, solved: Rate, solvedAdjusted: Rate,
});
const Row = Type.Object({
  id: Id, caseId: Id, number: Type.String(), type: NullableString, districtCode: NullableString, unitId: NullableString, state: Type.String(), isReached: Type.Boolean(),
  satisfied: NullableString, solved: NullableString, isRatingExcused: Type.Boolean(), isSolutionExcused: Type.Boolean(),
});
const period = { from: Instant, to: Instant };

export function registerSurveyReportRoutes(app: App, { pool }: Deps): void {
  app.get('/api/reports/surveys', { config: { permission: 'report.read' }, schema: {
    summary: 'Reached (回访率), satisfied (满意率), solved (解决率) of the results accepted in a time, raw and adjusted (甄别), each with numerator and denominator',
    tags: ['reports'], querystring: Type.Object({ ...period, by: Type.Enum([...surveyGroups], { default: 'all' }) }, { additionalProperties: false }),
    response: { 200: Type.Object({ from: Time, to: Time, by: Type.Enum([...surveyGroups]), groups: Type.Array(Group) }), ...problemResponses(422) },
  } }, async ({ query }) => {
    const { from, to } = readPeriod(query);
    const groups = await countSurveys(pool, { from, to }, query.by);
    return { from: from.toISOString(), to: to.toISOString(), by: query.by, groups: groups.map((counts) => ({ ...counts, ...ratesOf(counts) })) };
  });

  app.get('/api/reports/surveys/rows', { config: { permission: 'report.read' }, schema: {
    summary: 'The surveys behind those rates, one by one, so that everybody can count again',
    tags: ['reports'], querystring: Type.Object({ ...period, ...pageQuery }, { additionalProperties: false }), response: { 200: Page(Row), ...problemResponses(422) },
  } }, async ({ query: { cursor, limit, ...asked } }) =>
    pageOf(await listSurveyed(pool, readPeriod(asked), { afterId: readCursor(cursor, uuidPattern), limit }), limit, (row) => row.id, (row) => row));
}

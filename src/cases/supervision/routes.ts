import { Type } from 'typebox';
import { requireActor } from '../../auth/authenticate.ts';
import { atOnce } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { App } from '../../http/app-type.ts';
import { Id } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { redactionOf } from '../identity/view-for-unit.ts';
import { requireVisible } from '../life/scope.ts';
import { listInstructions, listOrders, listUrges, listVisits, listWarnings } from './queries.ts';
import { SupervisionView, viewSupervision } from './views.ts';

/** What presses a case on, beside its state; what it is made of are acts of the case (life/acts/supervising.ts). */
export function registerCaseSupervisionRoutes(app: App, { pool, now }: Deps): void {
  app.get('/api/cases/:caseId/supervision', {
    config: { permission: ['case.read', 'case.read_unit'] }, schema: {
      summary: 'Urgings, supervision orders, visits, instructions and warning slips of a case',
      tags: ['cases'], params: Type.Object({ caseId: Id }), response: { 200: SupervisionView, ...problemResponses(404) },
    },
  }, async (request) => {
    const { caseId } = request.params;
    const { isHidden } = await requireVisible(pool, requireActor(request), caseId);
    const [urges, orders, visits, instructions, warnings] = await atOnce(listUrges(pool, caseId), listOrders(pool, caseId), listVisits(pool, caseId), listInstructions(pool, caseId), listWarnings(pool, caseId));
    const hide = isHidden ? await redactionOf(pool, caseId) : (text: string) => text;
    return viewSupervision({ urges, orders, visits, instructions, warnings }, now(), hide);
  });
}

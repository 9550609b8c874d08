import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { Id, Instant, NullableString, NullableTime, Time, iso } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { readPeriod } from './period.ts';
import { Rate } from './rate.ts';
import { countReturns, returnRates, sumReturns } from './returns-report.ts';
import { countVerdicts, listUrgent, type UrgentCase } from './urgent-report.ts';

const Named = Type.Object({
  id: Id, number: Type.String(), urgency: Type.String(), leadUnitId: NullableString, dispatchedAt: Time, signedAt: NullableTime, dueAt: Time, handedInAt: NullableTime,
  verdict: Type.Enum(['in_time', 'late', 'missed', 'open']), isSignedLate: Type.Boolean(),
});
const UrgentReport = Type.Object({
  from: Time, to: Time, at: Time, inTime: Rate, late: Rate, missed: Rate, open: Rate, signedLate: Rate,
  named: Type.Array(Named, { description: 'Every case that was missed, late, or signed late' }),
});
const returns = { granted: Rate, refused: Rate, lapsed: Rate, pending: Rate };
const ReturnsReport = Type.Object({
  from: Time, to: Time, total: Type.Object(returns), units: Type.Array(Type.Object({ unitId: Id, code: Type.String(), nameZh: Type.String(), ...returns }), { description: 'Units that asked for any, most refused first' }),
});
const Period = Type.Object({ from: Instant, to: Instant }, { additionalProperties: false });

export function registerReportRoutes(app: App, { pool, now }: Deps): void {
  app.get('/api/reports/urgent', {
    config: { permission: 'case.supervise' }, schema: {
      summary: 'Urgent cases dispatched in a time: missed (漏办), late (延办), in time, still open; each counted and, where something went wrong, named',
      tags: ['reports'], querystring: Period, response: { 200: UrgentReport, ...problemResponses(422) },
    },
  }, async (request) => {
    const [{ from, to }, at] = [readPeriod(request.query), now()];
    const cases = await listUrgent(pool, { from, to, now: at });
    return {
      from: from.toISOString(), to: to.toISOString(), at: at.toISOString(), ...countVerdicts(cases),
      named: cases.filter((one) => one.verdict === 'missed' || one.verdict === 'late' || one.isSignedLate).map(view),
    };
  });

  app.get('/api/reports/returns', {
    config: { permission: 'case.supervise' }, schema: {
      summary: 'Returns (退单) that units asked for in a time: granted, refused, lapsed with the unit’s part, not decided yet; of each unit and of all',
      tags: ['reports'], querystring: Period, response: { 200: ReturnsReport, ...problemResponses(422) },
    },
  }, async (request) => {
    const { from, to } = readPeriod(request.query);
    const units = await countReturns(pool, { from, to });
    return { from: from.toISOString(), to: to.toISOString(), total: returnRates(sumReturns(units)), units: units.map((one) => ({ unitId: one.unitId, code: one.code, nameZh: one.nameZh, ...returnRates(one) })) };
  });
}

function view(one: UrgentCase) {
  return { ...one, dispatchedAt: one.dispatchedAt.toISOString(), signedAt: iso(one.signedAt), dueAt: one.dueAt.toISOString(), handedInAt: iso(one.handedInAt) };
}

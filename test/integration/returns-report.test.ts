import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { ask, type Person } from '../support/people.ts';

describe('returns that units asked for', () => {
  const city = hotline();
  const { pool, origin } = city;
  let desk: Awaited<ReturnType<typeof caseDesk>>;
  beforeAll(async () => { desk = await caseDesk(pool, origin); });
  afterAll(() => city.close());
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

  it('are counted by unit, with what they are part of; what nobody decided on is not refused, and the counts add up', async () => {
    const { people, units } = desk;
    /** Asked for 200 days ago, when no other file's cases were. */
    const asked = async (unitId: string, staff: Person, days = 200): Promise<string> => {
      const id = await desk.saved();
      await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: unitId });
      await desk.done(staff, id, 'request-return', { reason: '不属我处职责', legalBasis: '三定方案' });
      await pool.query(`update case_requests set asked_at = now() - make_interval(days => $2) where case_id = $1 and kind = 'return'`, [id, days]);
      return id;
    };
    const water = [await asked(units.water, people.water), await asked(units.water, people.water), await asked(units.water, people.water), await asked(units.water, people.water)];
    const roads = await asked(units.roads, people.roads);
    const lapsed = await asked(units.roads, people.roads);
    await asked(units.roads, people.roads, 230);
    for (const id of water.slice(0, 2)) await desk.done(people.dispatcher, id, 'refuse-return', { note: '属供水职责' });
    await desk.done(people.dispatcher, water[2] ?? '', 'accept-return');
    await desk.done(people.dispatcher, roads, 'refuse-return', { note: '属道路职责' });
    // Its part is over before anybody decided.
    await pool.query(`update case_requests set decided_at = now(), is_granted = false where case_id = $1`, [lapsed]);

    const report = (as: Person, from = daysAgo(201), to = daysAgo(199)) => ask(origin, 'GET', `/api/reports/returns?from=${from}&to=${to}`, { as });
    for (const person of [people.water, people.operator, people.callback]) expect((await report(person)).status).toBe(403);
    expect((await report(people.manager, daysAgo(1), daysAgo(2))).status).toBe(422);
    expect((await report(people.manager, daysAgo(400), daysAgo(1))).status).toBe(422);
    const { status, body } = await report(people.manager);
    expect(status).toBe(200);
    const of = (granted: number, refused: number, lapsedCount: number, pending: number) => {
      const all = granted + refused + lapsedCount + pending;
      return { granted: { count: granted, of: all }, refused: { count: refused, of: all }, lapsed: { count: lapsedCount, of: all }, pending: { count: pending, of: all } };
    };
    expect(body['total']).toEqual(of(1, 3, 1, 1));
    expect(body['units']).toEqual([
      { unitId: units.water, code: expect.any(String) as string, nameZh: '自来水公司', ...of(1, 2, 0, 1) }, { unitId: units.roads, code: expect.any(String) as string, nameZh: '道路处', ...of(0, 1, 1, 0) },
    ]);
    expect((await report(people.dispatcher, daysAgo(300), daysAgo(260))).body).toMatchObject({ total: of(0, 0, 0, 0), units: [] });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { ask } from '../support/people.ts';

describe('a joint conference', () => {
  const city = hotline();
  const { pool, origin } = city;
  let desk: Awaited<ReturnType<typeof caseDesk>>;
  beforeAll(async () => { desk = await caseDesk(pool, origin); });
  afterAll(() => city.close());
  const dueAt = new Date(Math.floor(Date.now() / 1_000) * 1_000 + 20 * 86_400_000).toISOString();
  const hold = (caseIds: string[], more: object = {}) => desk.post(desk.people.manager, '/api/conferences', { caseIds, leadUnitId: desk.units.roads, helperUnitIds: [desk.units.water], dueAt, minutes: '由道路处牵头，自来水公司配合', participants: '道路处、自来水公司', ...more });

  it('fixes owner and deadline for 53 cases in one act', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 53; count += 1) ids.push(await desk.saved({ cause: `井盖缺失之${count}` }));
    for (const id of ids.slice(0, 20)) await desk.done(desk.people.dispatcher, id, 'dispute', { reason: '无人认领' });
    expect((await ask(origin, 'POST', '/api/conferences', { as: desk.people.dispatcher, body: { caseIds: ids, leadUnitId: desk.units.roads, dueAt, minutes: '会议' } })).status).toBe(403);
    const held = await hold(ids);
    expect(held.status).toBe(201);
    const [count] = await query<{ cases: number; parts: number; events: number }>(pool, `select (select count(*)::int from cases where id = any($1) and state = 'dispatched' and lead_unit_id = $2 and due_at = $3) as cases,
      (select count(*)::int from case_units where case_id = any($1) and ended_at is null) as parts, (select count(*)::int from case_events where case_id = any($1) and type = 'assign') as events`, [ids, desk.units.roads, dueAt]);
    expect(count).toEqual({ cases: 53, parts: 106, events: 53 });
    const { body } = await ask(origin, 'GET', `/api/conferences/${String(held.body['id'])}`, { as: desk.people.manager });
    expect(body['cases']).toHaveLength(53);
    // Nobody returns what a conference decided.
    await desk.done(desk.people.roads, ids[0] ?? '', 'sign');
    expect((await desk.act(desk.people.roads, ids[0] ?? '', 'request-return', { reason: '不属我处', legalBasis: '条例' })).body).toMatchObject({ code: 'returned_twice' });
  });

  it('changes nothing when one case stands in the way, and names every such one', async () => {
    const [good, about, done] = [await desk.saved(), await desk.saved({ type: 'complaint', aboutUnitId: desk.units.roads }), await desk.saved()];
    await desk.done(desk.people.dispatcher, done, 'dispatch', { leadUnitId: desk.units.water });
    const refused = await hold([good, about, done]);
    expect(refused.status).toBe(409);
    expect((refused.body['refused'] as { caseId: string; code: string }[]).map((one) => [one.caseId, one.code]).sort()).toEqual([[about, 'unit_is_complained_about'], [done, 'action_not_allowed']].sort());
    expect((await desk.show(good)).state).toBe('pending_dispatch');
    expect(await query(pool, 'select 1 from conference_cases where case_id = $1', [good])).toEqual([]);
    expect((await hold([good], { dueAt: new Date(Date.now() - 1_000).toISOString() })).body).toMatchObject({ code: 'reference_unknown', field: 'dueAt' });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveCitizenName } from '../../src/cases/identity/queries.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { ask, type Person } from '../support/people.ts';
import { timePasses } from '../support/time-passes.ts';
import { until } from '../support/until.ts';

type Desk = Awaited<ReturnType<typeof caseDesk>>;
type Supervision = { urgeCount: number; urges: { askedBy: string; note: string }[]; orders: { id: string; dueAt: string; answer: string | null; closedAt: string | null; escalatedAt: string | null; openedBy: string | null; closingNote: string | null; isOverdue: boolean }[];
  visits: { place: string; found: string }[]; instructions: { id: string; words: string; report: string | null; isOverdue: boolean }[]; warnings: { unitId: string; reason: string }[] };

describe('what presses a case on', () => {
  const city = hotline();
  const { pool, origin } = city;
  let desk: Desk;
  beforeAll(async () => { desk = await caseDesk(pool, origin); });
  afterAll(() => city.close());
  const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
  const supervision = async (id: string, as: Person = desk.people.dispatcher): Promise<Supervision> => (await ask(origin, 'GET', `/api/cases/${id}/supervision`, { as })).body as unknown as Supervision;
  const atWork = async (fields: object = {}) => {
    const id = await desk.saved(fields);
    await desk.done(desk.people.dispatcher, id, 'dispatch', { leadUnitId: desk.units.street });
    await desk.done(desk.people.street, id, 'sign');
    return id;
  };
  it('is urged by the citizen, by the hotline and by the clock, and the unit reads each', async () => {
    const { people } = desk;
    const id = await atWork();
    expect((await desk.act(people.street, id, 'urge', { note: '催自己' })).status).toBe(403);
    expect((await desk.act(people.operator, id, 'urge', { note: '' })).status).toBe(400);
    await desk.done(people.operator, id, 'urge', { note: '市民来电催办', isCitizensWish: true });
    await desk.done(people.dispatcher, id, 'urge', { note: '请于今日反馈' });
    await pool.query('update case_alarms set at = now() where case_id = $1 and kind = $2', [id, 'yellow']);
    await until(async () => (await supervision(id)).urgeCount === 3, 'the clock urges');
    expect((await supervision(id, people.street)).urges.map((one) => one.askedBy)).toEqual(['citizen', 'hotline', 'clock']);
    expect((await ask(origin, 'GET', `/api/cases/${id}/supervision`, { as: people.water })).status).toBe(404);
  });

  it('is put under an order with a deadline of its own by the clock, once; one that nobody answers brings in the unit above', async () => {
    const { people, units } = desk;
    const id = await atWork();
    await timePasses(pool, id, '30 days');
    const [order] = (await supervision(id)).orders;
    expect(order).toMatchObject({ openedBy: null, answer: null, isOverdue: false });
    expect(await desk.life(id)).toMatchObject({ isSupervised: true });
    expect((await desk.act(people.manager, id, 'open-order', { reason: '再督一次' })).body).toMatchObject({ code: 'order_open' });
    await timePasses(pool, id, '30 days');
    expect((await supervision(id)).orders).toMatchObject([{ escalatedAt: expect.any(String) as string }]);
    expect((await desk.life(id)).parts.filter((part) => part.endedWhy === null).map((part) => [part.unitId, part.role])).toEqual([[units.street, 'lead'], [units.roads, 'helper']]);
    const types = ((await ask(origin, 'GET', `/api/cases/${id}/events`, { as: people.dispatcher })).body['items'] as { type: string }[]).map((one) => one.type);
    expect(types.filter((type) => ['alarm_red', 'open_order', 'alarm_supervision', 'escalate'].includes(type)).slice(0, 4)).toEqual(['alarm_red', 'open_order', 'alarm_supervision', 'escalate']);
  });

  it('is answered by the unit, given back once, and closed', async () => {
    const { people } = desk;
    const id = await atWork();
    expect((await desk.act(people.manager, id, 'open-order', { reason: '群众反映强烈', dueAt: inHours(-1) })).status).toBe(422);
    await desk.done(people.manager, id, 'open-order', { reason: '群众反映强烈', dueAt: inHours(48) });
    expect((await desk.act(people.manager, id, 'return-order', { note: '尚未答复' })).body).toMatchObject({ code: 'nothing_to_decide' });
    expect((await desk.act(people.water, id, 'answer-order', { answer: '非我单位' })).status).toBe(404);
    await desk.done(people.street, id, 'answer-order', { answer: '已派工' });
    await desk.done(people.manager, id, 'return-order', { note: '请写明完成时间' });
    expect((await supervision(id)).orders).toMatchObject([{ answer: null }]);
    await desk.done(people.street, id, 'answer-order', { answer: '周五前完成' });
    await desk.done(people.manager, id, 'close-order', { note: '属实' });
    await desk.done(people.manager, id, 'open-order', { reason: '再次督办' });
    // What is done under an order ends it.
    await desk.done(people.street, id, 'hand-in', { outcome: 'solved', publicReply: '已完成' });
    await desk.done(people.dispatcher, id, 'accept-feedback');
    await desk.done(people.callback, id, 'close');
    expect((await supervision(id)).orders).toMatchObject([{ answer: '周五前完成', closingNote: '属实' }, { closingNote: '随工单办结' }]);
    expect(await query(pool, `select id from case_alarms where case_id = $1 and rung_at is null`, [id])).toEqual([]);
  });

  it('keeps visits, leaders’ instructions with who follows them up, and warning slips', async () => {
    const { people, units } = desk;
    const id = await atWork();
    expect((await desk.act(people.manager, id, 'record-visit', { visitedAt: inHours(1), place: '锦麦街18号', found: '未施工' })).status).toBe(422);
    await desk.done(people.manager, id, 'record-visit', { visitedAt: inHours(-1), place: '锦麦街18号', found: '现场未设围挡' });
    expect((await desk.act(people.dispatcher, id, 'instruct', { words: '抓紧', followerId: people.manager.id, dueAt: inHours(24) })).status).toBe(403);
    expect((await desk.act(people.leader, id, 'instruct', { words: '抓紧', followerId: people.street.id, dueAt: inHours(24) })).body).toMatchObject({ code: 'reference_unknown' });
    await desk.done(people.leader, id, 'instruct', { words: '请城管牵头，本周解决', followerId: people.manager.id, dueAt: inHours(24) });
    const [instruction] = (await supervision(id)).instructions;
    expect((await desk.act(people.dispatcher, id, 'report-instruction', { instructionId: instruction?.id, report: '已办' })).body).toMatchObject({ code: 'not_your_case' });
    await timePasses(pool, id, '25 hours');
    expect((await query(pool, `select type from case_events where case_id = $1 and type = 'alarm_instruction'`, [id])).length).toBe(1);
    await desk.done(people.manager, id, 'report-instruction', { instructionId: instruction?.id, report: '已现场督促，周五完工' });
    await desk.done(people.callback, id, 'warn-unit', { reason: '市民两次不满意' });
    expect(await supervision(id, people.street)).toMatchObject({ visits: [{ found: '现场未设围挡' }], instructions: [{ words: '请城管牵头，本周解决', report: '已现场督促，周五完工' }], warnings: [{ unitId: units.street }] });
  });

  it('tells a unit nothing of who the citizen is, whatever somebody wrote', async () => {
    const { people } = desk;
    const id = await atWork();
    await transaction(pool, (tx) => saveCitizenName(tx, id, '欧阳雪松'));
    await desk.done(people.dispatcher, id, 'urge', { note: '请联系欧阳雪松 13877770009' });
    await desk.done(people.manager, id, 'open-order', { reason: '欧阳女士多次来电' });
    const { text } = await ask(origin, 'GET', `/api/cases/${id}/supervision`, { as: people.street });
    expect(text).not.toMatch(/欧阳|雪松|13877770009/);
  });

  it('counts urgent cases that were missed or late, names them, and the counts add up', async () => {
    const { people, units } = desk;
    const from = inHours(-24 * 300);
    const urgent = async () => {
      const id = await desk.saved({ urgency: 'urgent' });
      await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.street });
      return id;
    };
    const [good, late, missed, open] = [await urgent(), await urgent(), await urgent(), await urgent()];
    // Long ago, so that no other file's cases are among them.
    await pool.query(`update cases set dispatched_at = now() - interval '299 days', due_at = now() - interval '298 days', warn_at = now() - interval '298 days 1 hour' where id = any($1)`, [[late, missed]]);
    await pool.query(`update cases set dispatched_at = now() - interval '299 days' where id = any($1)`, [[good, open]]);
    for (const id of [good, late]) {
      await desk.done(people.street, id, 'sign');
      await desk.done(people.street, id, 'hand-in', { outcome: 'solved', publicReply: '已处理' });
    }
    const report = async (as: Person) => ask(origin, 'GET', `/api/reports/urgent?from=${from}&to=${inHours(-24 * 298)}`, { as });
    expect((await report(people.street)).status).toBe(403);
    const { body } = await report(people.manager);
    expect(body).toMatchObject({ inTime: { count: 1, of: 4 }, late: { count: 1, of: 4 }, missed: { count: 1, of: 4 }, open: { count: 1, of: 4 } });
    expect((body['named'] as { id: string; verdict: string }[]).map((one) => [one.id, one.verdict]).sort()).toEqual([[late, 'late'], [missed, 'missed']].sort());
  });
});

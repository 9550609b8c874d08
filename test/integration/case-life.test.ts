import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Person } from '../support/people.ts';

type Desk = Awaited<ReturnType<typeof caseDesk>>;

describe('the life of a case after the desk', () => {
  const city = hotline();
  let desk: Desk;
  beforeAll(async () => { desk = await caseDesk(city.pool, city.origin); });
  afterAll(() => city.close());
  const { pool, origin } = city;
  /** Dispatched to the roads office and signed there. */
  const atWork = async (fields: object = {}) => {
    const id = await desk.saved(fields);
    await desk.done(desk.people.dispatcher, id, 'dispatch', { leadUnitId: desk.units.roads });
    await desk.done(desk.people.roads, id, 'sign');
    return id;
  };
  const handedIn = async () => {
    const id = await atWork();
    await desk.done(desk.people.roads, id, 'hand-in', { outcome: 'solved', publicReply: '坑已填平' });
    return id;
  };

  it('goes from the dispatcher to the archive, and its timeline tells each step', async () => {
    const { people, units } = desk;
    const id = await desk.saved();
    await desk.done(people.dispatcher, id, 'propose', { proposal: '请三日内修补' });
    await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.roads, helperUnitIds: [units.water] });
    expect(await desk.done(people.water, id, 'sign')).toMatchObject({ state: 'dispatched' });
    expect(await desk.done(people.roads, id, 'sign')).toMatchObject({ state: 'in_progress' });
    await desk.done(people.roads, id, 'note-contact', { note: '已与市民联系' });
    await desk.done(people.roads, id, 'sub-dispatch', { unitIds: [units.street] });
    await desk.done(people.street, id, 'note-progress', { note: '已派工' });
    await desk.done(people.street, id, 'finish-part', { note: '已修补' });
    await desk.done(people.water, id, 'finish-part', { note: '管道无恙' });
    expect(await desk.done(people.roads, id, 'hand-in', { outcome: 'solved', publicReply: '坑已填平' })).toMatchObject({ state: 'feedback' });
    expect(await desk.done(people.dispatcher, id, 'accept-feedback')).toMatchObject({ state: 'callback' });
    expect(await desk.done(people.callback, id, 'close')).toMatchObject({ state: 'closed' });
    expect(await desk.done(people.dispatcher, id, 'archive')).toMatchObject({ state: 'archived', allowedActions: [] });
    const life = await desk.life(id);
    expect(life).toMatchObject({ deadlineCode: 'ordinary', publicReply: '坑已填平', outcome: 'solved', light: null, feedbacks: [{ isAccepted: true, outcome: 'solved' }] });
    expect(life.parts.map((part) => [part.role, part.endedWhy])).toEqual([['lead', 'closed'], ['helper', 'handed_in'], ['helper', 'handed_in']]);
    const { body } = await ask(origin, 'GET', `/api/cases/${id}/events`, { as: people.dispatcher });
    expect((body['items'] as { type: string }[]).map((one) => one.type).slice(3)).toEqual(['propose', 'dispatch', 'sign', 'sign', 'note_contact', 'sub_dispatch', 'note_progress', 'finish_part', 'finish_part',
      'hand_in', 'accept_feedback', 'close', 'archive']);
    expect((await query(pool, 'select id from case_alarms where case_id = $1 and rung_at is null', [id])).length).toBe(0);
  });

  it('offers each unit what its own part may do, and nothing to one whose part is over', async () => {
    const { people, units } = desk;
    const id = await atWork();
    await desk.done(people.roads, id, 'sub-dispatch', { unitIds: [units.street] });
    const offered = async (as: Person) => (await ask(origin, 'GET', `/api/cases/${id}`, { as })).body['allowedActions'] as string[];
    expect(await offered(people.roads)).toEqual(expect.arrayContaining(['request_return', 'hand_in', 'request_extension', 'sub_dispatch']));
    expect(await offered(people.roads)).not.toContain('finish_part');
    expect(await offered(people.street)).toEqual(expect.arrayContaining(['sign', 'note_progress', 'finish_part']));
    expect((await offered(people.street)).filter((act) => ['request_return', 'hand_in', 'request_extension'].includes(act))).toEqual([]);
    await desk.done(people.street, id, 'finish-part', { note: '已办' });
    expect((await offered(people.street)).filter((act) => act !== 'resume')).toEqual([]);
    // The one above looks on; it has no part.
    expect((await offered(people.city)).filter((act) => act !== 'resume')).toEqual([]);
  });

  it('comes back twice at most; then the manager decides, and nobody returns it any more', async () => {
    const { people, units } = desk;
    const id = await desk.saved();
    const { dueAt } = await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.roads });
    expect((await desk.act(people.roads, id, 'request-return', { reason: '不属我处' })).status).toBe(400);
    await desk.done(people.roads, id, 'request-return', { reason: '不属我处', legalBasis: '市政条例第五条' });
    expect(await desk.done(people.dispatcher, id, 'refuse-return', { note: '属你处职责' })).toMatchObject({ state: 'dispatched' });
    await desk.done(people.roads, id, 'request-return', { reason: '不属我处', legalBasis: '市政条例第五条' });
    expect(await desk.done(people.dispatcher, id, 'accept-return')).toMatchObject({ state: 'pending_dispatch' });
    await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.water });
    await desk.done(people.water, id, 'sign');
    await desk.done(people.water, id, 'request-return', { reason: '不是水管', legalBasis: '供水条例第二条' });
    // The total clock has not moved.
    expect(await desk.done(people.dispatcher, id, 'accept-return')).toMatchObject({ state: 'disputed', dueAt });
    expect((await desk.act(people.dispatcher, id, 'assign', { leadUnitId: units.roads })).status).toBe(403);
    expect(await desk.done(people.manager, id, 'assign', { leadUnitId: units.roads })).toMatchObject({ state: 'dispatched', dueAt });
    await desk.done(people.roads, id, 'sign');
    expect((await desk.act(people.roads, id, 'request-return', { reason: '不属我处', legalBasis: '条例' })).body).toMatchObject({ code: 'returned_twice' });
    expect((await desk.life(id)).parts.map((part) => part.endedWhy)).toEqual(['returned', 'returned', null]);
  });

  it('gets more time when it is asked for before the deadline, and stands while it is suspended', async () => {
    const { people } = desk;
    const id = await atWork();
    await desk.done(people.roads, id, 'request-extension', { reason: '等待材料' });
    expect((await desk.act(people.roads, id, 'hand-in', { outcome: 'solved', publicReply: '好了' })).body).toMatchObject({ code: 'action_not_allowed' });
    const before = (await desk.life(id)).dueAt ?? '';
    const { dueAt, state } = await desk.done(people.manager, id, 'grant-extension', { workdays: 10 });
    expect([state, new Date(dueAt ?? '') > new Date(before)]).toEqual(['in_progress', true]);
    await desk.done(people.roads, id, 'request-suspension', { reason: '八周工期', reviewAt: new Date(Date.now() + 30 * 86_400_000).toISOString() });
    expect(await desk.done(people.manager, id, 'suspend')).toMatchObject({ state: 'suspended', dueAt });
    expect((await desk.life(id)).light).toBe('stopped');
    expect((await query(pool, `select kind from case_alarms where case_id = $1 and rung_at is null order by kind`, [id])).map((row) => (row as { kind: string }).kind)).toEqual(['review']);
    expect(await desk.done(people.roads, id, 'resume')).toMatchObject({ state: 'in_progress', dueAt });
    await pool.query(`update cases set due_at = now() - interval '1 minute', warn_at = now() - interval '1 hour' where id = $1`, [id]);
    expect((await desk.act(people.roads, id, 'request-extension', { reason: '仍在等待' })).body).toMatchObject({ code: 'too_late' });
  });

  it('is done once more when the citizen is not content, in three working days, and is supervised the second time', async () => {
    const { people } = desk;
    const id = await handedIn();
    await desk.done(people.dispatcher, id, 'accept-feedback');
    expect(await desk.done(people.callback, id, 'rework', { reason: '坑又出现了' })).toMatchObject({ state: 'rework' });
    expect(await desk.life(id)).toMatchObject({ deadlineCode: 'rework', isSupervised: false });
    await desk.done(people.roads, id, 'request-review', { reason: '市民要求超出职责' });
    await desk.done(people.manager, id, 'decide-review', { isGranted: true, note: '属实' });
    await desk.done(people.roads, id, 'hand-in', { outcome: 'explained', publicReply: '说明如下' });
    expect(await desk.done(people.dispatcher, id, 'send-back', { note: '请补充依据' })).toMatchObject({ state: 'rework' });
    await desk.done(people.roads, id, 'hand-in', { outcome: 'explained', publicReply: '说明与依据' });
    await desk.done(people.dispatcher, id, 'accept-feedback');
    await desk.done(people.callback, id, 'rework', { reason: '仍不满意' });
    expect(await desk.life(id)).toMatchObject({ isSupervised: true, reworkCount: 2 });
  });

  it('is closed with an explanation, opened again by the manager only', async () => {
    const { people } = desk;
    const id = await handedIn();
    expect((await desk.act(people.callback, id, 'close-explained', { explanation: '无法办理' })).status).toBe(403);
    expect(await desk.done(people.dispatcher, id, 'close-explained', { explanation: '依规不能办理，已向市民说明' })).toMatchObject({ state: 'closed' });
    expect((await desk.act(people.dispatcher, id, 'reopen', { reason: '新情况' })).status).toBe(403);
    expect(await desk.done(people.manager, id, 'reopen', { reason: '新情况' })).toMatchObject({ state: 'pending_dispatch' });
  });

  it('never reaches the unit complained about, nor one below it', async () => {
    const { people, units } = desk;
    const id = await desk.saved({ type: 'complaint', aboutUnitId: units.roads });
    for (const leadUnitId of [units.roads, units.street]) expect((await desk.act(people.dispatcher, id, 'dispatch', { leadUnitId })).body).toMatchObject({ code: 'unit_is_complained_about' });
    expect((await desk.act(people.dispatcher, id, 'dispatch', { leadUnitId: units.city, helperUnitIds: [units.street] })).body).toMatchObject({ code: 'unit_is_complained_about' });
    await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.city });
    await desk.done(people.city, id, 'sign');
    expect((await desk.act(people.city, id, 'sub-dispatch', { unitIds: [units.street] })).body).toMatchObject({ code: 'unit_is_complained_about' });
    for (const who of [people.roads, people.street]) expect((await ask(origin, 'GET', `/api/cases/${id}/life`, { as: who })).status).toBe(404);
  });

  it('is seen by the units that have a part, and by those above them', async () => {
    const { people } = desk;
    const id = await atWork();
    const status = async (as: (typeof people)['roads']) => (await ask(origin, 'GET', `/api/cases/${id}/life`, { as })).status;
    expect([await status(people.roads), await status(people.city), await status(people.street), await status(people.water)]).toEqual([200, 200, 404, 404]);
    expect((await desk.act(people.city, id, 'hand-in', { outcome: 'solved', publicReply: '好了' })).body).toMatchObject({ code: 'not_your_case' });
    expect((await desk.act(people.water, id, 'hand-in', { outcome: 'solved', publicReply: '好了' })).status).toBe(404);
  });

  it('is judged and asked about by nobody of the unit that handled it, whatever else that person may do', async () => {
    const { people, units } = desk;
    const id = await handedIn();
    const [judge, caller, above] = await Promise.all([enter(pool, ['dispatcher'], false, units.roads), enter(pool, ['callback', 'unit_handler'], false, units.street), enter(pool, ['callback'], false, units.city)]);
    expect((await desk.act(judge, id, 'accept-feedback')).body).toMatchObject({ code: 'own_unit_may_not' });
    await desk.done(people.dispatcher, id, 'accept-feedback');
    for (const one of [caller, above]) expect((await desk.act(one, id, 'close')).body).toMatchObject({ code: 'own_unit_may_not' });
    expect((await ask(origin, 'PATCH', `/api/cases/${id}`, { as: people.dispatcher, body: { version: (await desk.show(id)).version, cause: '改写' } })).body).toMatchObject({ code: 'action_not_allowed' });
    await desk.done(await enter(pool, ['callback'], false, units.water), id, 'close');
  });

  it('is taken from a unit before a complaint names that unit, and what the unit had asked for goes with its part', async () => {
    const { people, units } = desk;
    const id = await atWork({ type: 'complaint' });
    await desk.done(people.roads, id, 'request-suspension', { reason: '等待', reviewAt: new Date(Date.now() + 86_400_000).toISOString() });
    await desk.done(people.roads, id, 'request-return', { reason: '不属我处', legalBasis: '条例' });
    const about = async () => ask(origin, 'PATCH', `/api/cases/${id}`, { as: people.dispatcher, body: { version: (await desk.show(id)).version, aboutUnitId: units.roads } });
    expect((await about()).body).toMatchObject({ code: 'unit_is_complained_about' });
    await desk.done(people.dispatcher, id, 'accept-return');
    expect((await about()).status).toBe(200);
    await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.water });
    await desk.done(people.water, id, 'sign');
    await desk.done(people.water, id, 'request-suspension', { reason: '施工', reviewAt: new Date(Date.now() + 86_400_000).toISOString() });
    expect((await desk.life(id)).requests.map((one) => [one.kind, one.isGranted])).toEqual([['suspension', false], ['return', true], ['suspension', null]]);
  });

  it('waits for a leader’s answer when it was submitted, and takes one act of two at once', async () => {
    const { people, units } = desk;
    const id = await desk.saved();
    await desk.done(people.dispatcher, id, 'submit', { reason: '涉及多个部门' });
    expect((await desk.act(people.dispatcher, id, 'dispatch', { leadUnitId: units.roads })).body).toMatchObject({ code: 'request_pending' });
    await desk.done(people.leader, id, 'answer-submission', { isGranted: true, note: '由道路处牵头' });
    const { version } = await desk.show(id);
    const answers = await Promise.all([units.roads, units.water].map((leadUnitId) => desk.post(people.dispatcher, `/api/cases/${id}/acts/dispatch`, { version, leadUnitId })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
    expect(await desk.done(people.dispatcher, id, 'recall', { reason: '派错了' })).toMatchObject({ state: 'pending_dispatch' });
  });

  it('that is urgent has hours, and is supervised from birth', async () => {
    const { people, units } = desk;
    const id = await desk.saved({ urgency: 'urgent' });
    expect(await desk.life(id)).toMatchObject({ isSupervised: true });
    const from = Date.now();
    const { dueAt } = await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.water });
    expect(Math.abs(new Date(dueAt ?? '').getTime() - from - 24 * 3_600_000)).toBeLessThan(60_000);
    expect(await desk.life(id)).toMatchObject({ isSupervised: true, deadlineCode: 'urgent', light: 'green' });
  });
});

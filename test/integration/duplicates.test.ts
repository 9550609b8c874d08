import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { ask } from '../support/people.ts';

describe('several callers, one matter', () => {
  const city = hotline();
  const { pool, origin } = city;
  let desk: Awaited<ReturnType<typeof caseDesk>>;
  beforeAll(async () => { desk = await caseDesk(pool, origin); });
  afterAll(() => city.close());
  const noise = { place: '望湖路66号工地', cause: '夜间打桩噪声扰民', categoryCode: 'city-noise', districtCode: '330104' };
  const similar = async (id: string, typed: object = {}) => ((await desk.post(desk.people.operator, `/api/cases/${id}/similar`, typed)).body['items'] as { id: string; score: number; reasons: string[] }[]);
  const related = async (id: string) => (await ask(origin, 'GET', `/api/cases/${id}/related`, { as: desk.people.dispatcher })).body as { callerCount: number; items: { id: string; how: string }[] };

  it('are found while typing: same number, place, words, days; never a confidential one', async () => {
    const first = await desk.saved(noise);
    const secret = await desk.saved({ ...noise, type: 'report' });
    const elsewhere = await desk.saved({ ...noise, place: '高新区科苑路9号', cause: '路灯不亮', categoryCode: 'city-road' });
    const { body: { id } } = await desk.post(desk.people.operator, '/api/cases', { channel: 'visit', phone: '13877778888' });
    const found = await similar(String(id), { ...noise, cause: '半夜打桩太吵' });
    expect(found[0]).toMatchObject({ id: first, reasons: expect.arrayContaining(['place', 'days']) as string[] });
    expect(found.map((one) => one.id)).not.toContain(secret);
    expect(found.map((one) => one.id)).not.toContain(elsewhere);
    // The same number counts whatever is said.
    const again = await desk.saved({ place: '望湖路', cause: '噪声' });
    expect((await similar(again)).find((one) => one.id === first)?.reasons).toContain('number');
    expect((await ask(origin, 'POST', `/api/cases/${first}/similar`, { as: desk.people.roads, body: {} })).status).toBe(403);
  });

  it('are merged, counted, taken out again, and end with the main one; each has the reply', async () => {
    const { people, units } = desk;
    const main = await desk.saved(noise);
    const others = await Promise.all([1, 2, 3].map(() => desk.saved(noise)));
    await desk.done(people.dispatcher, main, 'dispatch', { leadUnitId: units.roads });
    for (const id of others) expect(await desk.done(people.dispatcher, id, 'merge', { intoId: main })).toMatchObject({ state: 'merged', allowedActions: ['unmerge'] });
    expect(await related(main)).toMatchObject({ callerCount: 4 });
    expect((await desk.act(people.dispatcher, others[0] ?? '', 'dispatch', { leadUnitId: units.water })).body).toMatchObject({ code: 'action_not_allowed' });
    expect(await desk.done(people.dispatcher, others[2] ?? '', 'unmerge', { note: '是另一处工地' })).toMatchObject({ state: 'pending_dispatch' });
    const { body: typed } = await desk.post(people.operator, '/api/cases', { channel: 'visit', phone: '13877779999' });
    await desk.done(people.operator, String(typed['id']), 'merge', { intoId: main });
    expect(await desk.done(people.dispatcher, String(typed['id']), 'unmerge')).toMatchObject({ state: 'needs_info' });
    await desk.done(people.roads, main, 'sign');
    await desk.done(people.roads, main, 'hand-in', { outcome: 'solved', publicReply: '夜间打桩已停止。' });
    await desk.done(people.dispatcher, main, 'accept-feedback');
    await desk.done(people.callback, main, 'close');
    expect(await query(pool, 'select state, public_reply from cases where merged_into_id = $1', [main])).toEqual([1, 2].map(() => ({ state: 'closed', publicReply: '夜间打桩已停止。' })));
    // What is over takes no more, what is opened again takes its own along.
    expect((await desk.act(people.dispatcher, others[2] ?? '', 'merge', { intoId: main })).body).toMatchObject({ code: 'not_mergeable' });
    await desk.done(people.manager, main, 'reopen', { reason: '又开始打桩' });
    expect((await query<{ state: string }>(pool, 'select state from cases where merged_into_id = $1', [main])).map((one) => one.state)).toEqual(['merged', 'merged']);
  });

  it('go along when the main one is merged itself, and two who merge into each other do not lock each other out', async () => {
    const { people } = desk;
    const [one, two, three] = [await desk.saved(noise), await desk.saved(noise), await desk.saved(noise)];
    await desk.done(people.dispatcher, three, 'merge', { intoId: two });
    await desk.done(people.dispatcher, two, 'merge', { intoId: one });
    expect((await related(one)).items.map((each) => each.id).sort()).toEqual([two, three].sort());
    expect((await desk.act(people.dispatcher, one, 'merge', { intoId: one })).body).toMatchObject({ code: 'reference_unknown' });
    const [left, right] = [await desk.saved(noise), await desk.saved(noise)];
    const both = await Promise.all([desk.act(people.dispatcher, left, 'merge', { intoId: right }), desk.act(people.dispatcher, right, 'merge', { intoId: left })]);
    expect(both.filter((answer) => answer.status === 200).length).toBeLessThan(2);
    expect(both.filter((answer) => answer.status >= 500)).toEqual([]);
  });

  it('stay apart where one is confidential, or complains about another unit', async () => {
    const { people, units } = desk;
    const [open, secret, about] = [await desk.saved(noise), await desk.saved({ ...noise, type: 'report' }), await desk.saved({ ...noise, type: 'complaint', aboutUnitId: units.roads })];
    expect((await desk.act(people.dispatcher, secret, 'merge', { intoId: open })).body).toMatchObject({ code: 'confidentiality_differs' });
    expect((await desk.act(people.dispatcher, open, 'link', { otherId: secret })).body).toMatchObject({ code: 'confidentiality_differs' });
    expect((await desk.act(people.dispatcher, about, 'merge', { intoId: open })).body).toMatchObject({ code: 'complaints_differ' });
    await desk.done(people.dispatcher, about, 'link', { otherId: open });
    expect((await related(open)).items).toMatchObject([{ id: about, how: 'linked' }]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noteLook, checkLooks } from '../../src/cases/identity/looks.ts';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { ownDatabase } from '../support/own-database.ts';
import { ask, enter, type Person } from '../support/people.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { transaction } from '../../src/db/transaction.ts';
import { openCase } from '../../src/cases/open-case.ts';
import { v7 as uuid } from 'uuid';

describe('looks at who a citizen is', () => {
  const city = hotline();
  const { pool, origin } = city;
  let desk: Awaited<ReturnType<typeof caseDesk>>;
  let auditor: Person;
  beforeAll(async () => {
    desk = await caseDesk(pool, origin);
    auditor = await enter(pool, ['auditor']);
  });
  afterAll(() => city.close());
  const looks = async (query: string) => (await ask(origin, 'GET', `/api/identity-looks?${query}`, { as: auditor })).body['items'] as { caseId: string; userId: string; reason: string; shown: string[] }[];

  it('are listed for the auditor, by person, case and time, with the reason; nobody else reads them', async () => {
    const id = await desk.saved({ type: 'report', citizenName: '欧阳雪松' });
    const before = (await looks(`caseId=${id}`)).length;
    expect((await ask(origin, 'POST', `/api/cases/${id}/identity`, { as: desk.people.operator, body: { reason: 'x' } })).status).toBe(400);
    expect((await looks(`caseId=${id}`)).length).toBe(before);
    expect((await ask(origin, 'POST', `/api/cases/${id}/identity`, { as: desk.people.dispatcher, body: { reason: '核实举报线索' } })).body).toMatchObject({ number: '13800005555', name: '欧阳雪松' });
    expect(await looks(`caseId=${id}&userId=${desk.people.dispatcher.id}`)).toMatchObject([{ caseId: id, reason: '核实举报线索', shown: ['number', 'name'] }]);
    expect(await looks(`caseId=${id}&to=2020-01-01T00:00:00Z`)).toEqual([]);
    for (const who of [desk.people.manager, desk.people.leader, desk.people.city]) expect((await ask(origin, 'GET', '/api/identity-looks', { as: who })).status).toBe(403);
    expect((await ask(origin, 'GET', '/api/identity-looks/check', { as: auditor })).body).toMatchObject({ isWhole: true, brokenId: null });
  });

  it('begin when the dispatcher looks through what was said: what units will not read is pointed out', async () => {
    const id = await desk.saved({ citizenName: '欧阳雪松', cause: '欧阳女士反映，电话138 7777 0001。多日未处理' });
    const { body } = await ask(origin, 'GET', `/api/cases/${id}/findings`, { as: desk.people.dispatcher });
    expect((body['items'] as { field: string; kind: string; text: string }[]).map((one) => [one.field, one.kind, one.text])).toEqual([['cause', 'name', '欧阳女士'], ['cause', 'number', '138 7777 0001']]);
    expect(await looks(`caseId=${id}&userId=${desk.people.dispatcher.id}`)).toMatchObject([{ reason: 'looked through the texts before dispatch', shown: ['number', 'name'] }]);
    expect((await ask(origin, 'GET', `/api/cases/${id}/findings`, { as: desk.people.roads })).status).toBe(403);
  });

  it('are a chain that many write at once and nobody changes unseen', async () => {
    const db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    try {
      const caseId = uuid();
      await transaction(db.pool, (tx) => openCase(tx, { caseId, channel: 'visit', phoneRaw: '13811112222', areaCode: '0571', at: new Date() }));
      await Promise.all(Array.from({ length: 40 }, (_, index) => noteLook(db.pool, null, null, { caseId, reason: `理由${index}`, number: '138', name: null }, new Date())));
      await noteLook(db.pool, null, null, { caseId, reason: '没有看到什么', number: null, name: null }, new Date());
      expect(await checkLooks(db.pool)).toMatchObject({ isWhole: true, count: 40 });
      const spoil = async (sql: string): Promise<void> => {
        await db.pool.query('alter table identity_looks disable trigger all');
        await db.pool.query(sql);
        await db.pool.query('alter table identity_looks enable trigger all');
      };
      await spoil(`update identity_looks set reason = '另一个理由' where id = (select min(id) + 20 from identity_looks)`);
      const broken = await checkLooks(db.pool);
      expect(broken).toMatchObject({ isWhole: false, count: 0 });
      const { rows: [first] } = await db.pool.query<{ id: string }>('select min(id) as id from identity_looks');
      expect(broken.brokenId).toBe(Number(first?.id) + 20);
      await spoil('delete from identity_looks where id >= (select min(id) + 20 from identity_looks)');
      expect(await checkLooks(db.pool)).toMatchObject({ isWhole: true, count: 20 });
      await spoil('delete from identity_looks where id = (select min(id) + 3 from identity_looks)');
      expect((await checkLooks(db.pool)).isWhole).toBe(false);
    } finally {
      await db.close();
    }
  });
});

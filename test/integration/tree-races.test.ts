import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query, type Tx } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import { closeUnitDown, moveUnit } from '../../src/units/change-unit.ts';
import { unitColumns } from '../../src/units/import-rules.ts';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Answer, type Person } from '../support/people.ts';
import { growUnit } from '../support/unit-tree.ts';
import { until } from '../support/until.ts';

describe('a case that is given to a unit while the tree changes', () => {
  const city = hotline();
  const { pool, origin } = city;
  let admin: Person;
  let desk: Awaited<ReturnType<typeof caseDesk>>;
  beforeAll(async () => {
    admin = await enter(pool, ['admin']);
    desk = await caseDesk(pool, origin);
    before = await faults();
  });
  afterAll(() => city.close());
  const send = (path: string, body: object): Promise<Answer> => ask(origin, 'POST', path, { as: admin, body });
  const move = (unitId: string, parentId: string): Promise<Answer> => send(`/api/units/${unitId}/move`, { version: 1, parentId });
  const moveByFile = async (unitId: string, parentId: string): Promise<Answer> => {
    const [codes] = await query<{ code: string; parent: string }>(pool, 'select u.code, p.code as parent from units u, units p where u.id = $1 and p.id = $2', [unitId, parentId]);
    const body = [unitColumns, [codes?.code, '移动', '', '部门', codes?.parent, '', '0', '', '']].map((row) => row.join(',')).join('\n');
    return ask(origin, 'POST', '/api/units/import', { as: admin, raw: body, headers: { 'content-type': 'text/csv' } });
  };
  /** Cases that lie with a unit that is closed, or with one below whom they complain about; and where the table of ancestors is not what the parents say. */
  const faults = async (): Promise<object[][]> => [
    await query(pool, 'select p.case_id from case_units p join units u on u.id = p.unit_id where p.ended_at is null and u.closed_at is not null order by p.id'),
    await query(pool, `select p.case_id from case_units p join cases k on k.id = p.case_id join unit_ancestors a on a.unit_id = p.unit_id and a.ancestor_id = k.about_unit_id where p.ended_at is null order by p.id`),
    await query(pool, `with recursive above as (select id as unit_id, id as ancestor_id, 0 as depth from units union all select a.unit_id, u.parent_id, a.depth + 1 from above a join units u on u.id = a.ancestor_id where u.parent_id is not null)
      select * from ((select * from above except select * from unit_ancestors) union all (select * from unit_ancestors except select * from above)) f order by 1, 2`),
  ];
  /** Other files that share the database put some there by hand. */
  let before: object[][];
  const holds = async () => expect(await faults()).toEqual(before);
  const statuses = (answers: readonly Answer[]): number[] => answers.map((answer) => answer.status);
  /** What somebody does while `change` has changed the tree and not committed yet. */
  const meanwhile = async (change: (tx: Tx) => Promise<unknown>, act: () => Promise<Answer>): Promise<Answer> => {
    const { answer } = await transaction(pool, async (tx) => {
      await change(tx);
      const given = act();
      const waits = until(async () => (await query(pool, `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory' and query like '%_shared%'`)).length > 0, 'the act waits for the tree');
      // One that answers did not wait, and its answer says why.
      await Promise.race([waits, given.then((one) => { throw new Error(`answered before the tree was there: ${one.text}`); })]);
      return { answer: given };
    });
    return answer;
  };
  const dispatch = (id: string, leadUnitId: string) => desk.act(desk.people.dispatcher, id, 'dispatch', { leadUnitId });

  it('waits for the change, and goes by the tree of then', async () => {
    const [about, above] = [await growUnit(pool, '被投诉局'), await growUnit(pool, '承办处')];
    const below = await growUnit(pool, '承办科', above);
    const id = await desk.saved({ type: 'complaint', aboutUnitId: about });
    expect((await meanwhile((tx) => moveUnit(tx, above, 1, about), () => dispatch(id, below))).body).toMatchObject({ code: 'unit_is_complained_about' });
    const closing = await growUnit(pool, '将撤单位');
    const close = (tx: Tx) => closeUnitDown(tx, closing, 1, { casesTo: null, at: new Date(), handOver: () => Promise.reject(new Error('it has no case')) });
    expect((await meanwhile(close, () => dispatch(id, closing))).body).toMatchObject({ code: 'reference_unknown' });
    // From the other side: whom the citizen complains about comes out while the unit that has the case is moved there.
    const [other, old] = [await growUnit(pool, '他局'), await growUnit(pool, '原处')];
    await desk.done(desk.people.dispatcher, id, 'dispatch', { leadUnitId: old });
    const staff = await enter(pool, ['unit_handler'], false, old);
    await desk.done(staff, id, 'request-return', { reason: '不属我处', legalBasis: '条例' });
    const { version } = await desk.show(id);
    expect((await meanwhile((tx) => moveUnit(tx, old, 1, other), () => ask(origin, 'PATCH', `/api/cases/${id}`, { as: desk.people.operator, body: { version, aboutUnitId: other } }))).body).toMatchObject({ code: 'unit_is_complained_about' });
    await holds();
  });

  it('is at a unit or the unit has moved, never both, however the two meet', async () => {
    for (let round = 0; round < 24; round += 1) {
      const [about, above] = [await growUnit(pool, '被投诉局'), await growUnit(pool, '承办处')];
      const below = await growUnit(pool, '承办科', above);
      const id = await desk.saved({ type: 'complaint', aboutUnitId: about });
      const { version } = await desk.show(id);
      const give = () => ask(origin, 'POST', `/api/cases/${id}/acts/dispatch`, { as: desk.people.dispatcher, body: { version, leadUnitId: below } });
      const change = () => (round % 2 === 0 ? move : moveByFile)(above, about);
      const answers = await Promise.all(round % 4 < 2 ? [give(), change()] : [change(), give()]);
      expect(answers.filter(({ status }) => ![200, 409].includes(status)).map(({ text }) => text)).toEqual([]);
      expect(statuses(answers).sort()).toEqual([200, 409]);
      expect(answers.find((answer) => answer.status === 409)?.body).toMatchObject({ code: 'unit_is_complained_about' });
      await holds();
    }
  });

  it('is passed on, escalated and warned of while its units close and move, and nothing waits for ever', async () => {
    const { people } = desk;
    for (let round = 0; round < 12; round += 1) {
      const top = await growUnit(pool, '上级局');
      const [lead, next] = [await growUnit(pool, '主办处', top), await growUnit(pool, '承接处', top)];
      const below = await growUnit(pool, '下属科', lead);
      const staff = await enter(pool, ['unit_handler'], false, lead);
      const id = await desk.saved();
      await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: lead });
      await desk.done(staff, id, 'sign');
      const { version } = await desk.show(id);
      const act = (as: Person, name: string, body: object) => ask(origin, 'POST', `/api/cases/${id}/acts/${name}`, { as, body: { version, ...body } });
      const first = await Promise.all([act(staff, 'sub-dispatch', { unitIds: [below] }), send(`/api/units/${below}/close`, { version: 1 })]);
      expect(statuses(first).filter((status) => status === 200)).toHaveLength(1);
      await holds();
      // The lead unit closes, if it may, while its case is warned of and the unit above is brought in.
      await query(pool, `update case_units set ended_at = now(), ended_why = 'handed_in' where unit_id = $1 and ended_at is null`, [below]);
      await query(pool, 'update units set closed_at = now() where id = $1 and closed_at is null', [below]);
      const now = (await desk.show(id)).version;
      const second = await Promise.all([
        send(`/api/units/${lead}/close`, { version: 1, casesTo: next }),
        ask(origin, 'POST', `/api/cases/${id}/acts/warn-unit`, { as: people.manager, body: { version: now, reason: '办理迟缓' } }),
        ask(origin, 'POST', `/api/cases/${id}/acts/escalate`, { as: people.manager, body: { version: now, reason: '请上级督促' } }),
        send(`/api/units/${top}/close`, { version: 1 }),
        move(next, desk.units.city),
      ]);
      expect(second.filter(({ status }) => ![200, 409, 422].includes(status)).map(({ text }) => text)).toEqual([]);
      expect(second[0]?.status).toBe(200);
      expect((await desk.life(id)).leadUnitId).toBe(next);
      await holds();
    }
  });

  it('is brought to the unit above by the clock while the lead unit closes', async () => {
    const top = await growUnit(pool, '上级局');
    const [lead, next] = [await growUnit(pool, '主办处', top), await growUnit(pool, '承接处', top)];
    const ids: string[] = [];
    for (let count = 0; count < 6; count += 1) {
      const id = await desk.saved();
      await desk.done(desk.people.dispatcher, id, 'dispatch', { leadUnitId: lead });
      await desk.done(desk.people.manager, id, 'open-order', { reason: '督办' });
      ids.push(id);
    }
    const due = query(pool, `with late as (update case_orders set due_at = now() where case_id = any($1)) update case_alarms set at = now() where kind = 'supervision' and case_id = any($1)`, [ids]);
    const closed = await send(`/api/units/${lead}/close`, { version: 1, casesTo: next });
    await due;
    expect(closed.body).toEqual({ movedCases: 6 });
    await until(async () => (await query(pool, `select 1 from case_units where unit_id = $1 and ended_at is null and case_id = any($2)`, [top, ids])).length === 6, 'the unit above has them all');
    await holds();
  });
});

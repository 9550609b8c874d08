import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { openCase } from '../../src/cases/open-case.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Answer, type Person } from '../support/people.ts';
import { listOwnNumbers } from '../../src/units/duty-queries.ts';
import { unitColumns } from '../../src/units/import-rules.ts';

type UnitShown = { id: string; code: string; version: number; parentId: string | null; closedAt: string | null };

describe('the tree of units', () => {
  const city = hotline();
  const { pool, origin } = city;
  let admin: Person;
  let desk: Awaited<ReturnType<typeof caseDesk>>;
  beforeAll(async () => {
    admin = await enter(pool, ['admin']);
    desk = await caseDesk(pool, origin);
  });
  afterAll(() => city.close());
  let next = 0;
  const send = (method: string, path: string, body?: object, as = admin): Promise<Answer> => ask(origin, method, path, { as, ...(body ? { body } : {}) });
  const make = async (nameZh: string, parentId: string | null = null, more: object = {}): Promise<UnitShown> => {
    next += 1;
    const answer = await send('POST', '/api/units', { code: `U${Date.now().toString(36)}-${next}`, nameZh, kind: 'department', parentId, ...more });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body as unknown as UnitShown;
  };
  const show = async (id: string): Promise<UnitShown & { path: { id: string }[]; openCases: number }> => (await send('GET', `/api/units/${id}`)).body as unknown as UnitShown & { path: { id: string }[]; openCases: number };
  const agree = async () => expect(await query(pool, `with recursive above as (select id as unit_id, id as ancestor_id, 0 as depth from units union all select a.unit_id, u.parent_id, a.depth + 1 from above a join units u on u.id = a.ancestor_id where u.parent_id is not null)
    (select * from above except select * from unit_ancestors) union all (select * from unit_ancestors except select * from above)`)).toEqual([]);
  const upload = (type: string, body: Buffer | string, dryRun: boolean): Promise<Answer> => fetch(`${origin}/api/units/import?dryRun=${String(dryRun)}`, { method: 'POST', body: typeof body === 'string' ? body : new Uint8Array(body), headers: { 'content-type': type, cookie: admin.cookie } })
    .then(async (answer) => { const text = await answer.text(); return { status: answer.status, type: '', headers: answer.headers, text, body: JSON.parse(text) as Record<string, unknown> }; });
  const csv = (rows: readonly (readonly string[])[]): string => [unitColumns, ...rows].map((row) => row.join(',')).join('\r\n');

  it('of a first run is an invented city of some 180 units on four levels, with whose what is', async () => {
    const [count] = await query<{ units: number; levels: number; rules: number }>(pool, `select (select count(*)::int from units where code ~ '^(C|X|Q)') as units,
      (select max(depth) + 1 from unit_ancestors a join units u on u.id = a.unit_id where u.code ~ '^Q') as levels, (select count(*)::int from responsibility_rules where version_id = 1) as rules`);
    expect(count?.units).toBeGreaterThan(170);
    expect(count).toMatchObject({ levels: 4 });
    expect(count?.rules).toBeGreaterThan(30);
    await agree();
    const { body } = await send('GET', '/api/units?parent=top&q=云州市');
    expect(body['items']).toMatchObject([{ nameZh: '云州市人民政府', childCount: expect.any(Number) as number }]);
  });

  it('is made, edited and moved by an admin, never below itself, and stale edits are refused', async () => {
    const top = await make('市甲局', null, { phones: [{ number: '0571-00001234', note: '值班' }], liaisons: [{ name: '钱联络', phone: '0571-00001235' }] });
    const below = await make('甲一处', top.id);
    const deep = await make('甲一科', below.id);
    const other = await make('市乙局');
    expect((await send('POST', '/api/units', { code: top.code, nameZh: '重名', kind: 'department' })).body).toMatchObject({ code: 'already_exists' });
    expect((await send('POST', '/api/units', { code: 'X-3-PEOPLE', nameZh: '三人', kind: 'department', liaisons: [1, 2, 3].map(() => ({ name: '某', phone: '123' })) })).status).toBe(400);
    expect((await send('POST', `/api/units/${top.id}/move`, { version: top.version, parentId: deep.id })).body).toMatchObject({ code: 'unit_below_itself' });
    expect((await send('POST', `/api/units/${below.id}/move`, { version: below.version, parentId: other.id })).body).toMatchObject({ parentId: other.id, version: 2 });
    expect((await show(deep.id)).path.map((one) => one.id)).toEqual([other.id, below.id, deep.id]);
    await agree();
    expect((await send('PUT', `/api/units/${below.id}`, { version: 1, code: below.code, nameZh: '乙一处', kind: 'department' })).body).toMatchObject({ code: 'stale_version' });
    expect((await send('PUT', `/api/units/${below.id}`, { version: 2, code: below.code, nameZh: '乙一处', kind: 'department' })).status).toBe(200);
    expect((await send('POST', '/api/units', { code: 'X-NO', nameZh: '无权', kind: 'department' }, desk.people.roads)).status).toBe(403);
    // Two that would each go below the other: one is refused.
    const [one, two] = [await make('丙'), await make('丁')];
    const moves = await Promise.all([send('POST', `/api/units/${one.id}/move`, { version: 1, parentId: two.id }), send('POST', `/api/units/${two.id}/move`, { version: 1, parentId: one.id })]);
    expect(moves.map((answer) => answer.status).sort()).toEqual([200, 422]);
    await agree();
    // Two that would each take the other's code, or the same one.
    const edits = await Promise.all([one, two].map(({ id }) => send('PUT', `/api/units/${id}`, { version: id === one.id ? moves[0]?.status === 200 ? 2 : 1 : moves[1]?.status === 200 ? 2 : 1, code: 'X-SAME', nameZh: '同码', kind: 'department' })));
    expect(edits.map((answer) => answer.status).sort()).toEqual([200, 409]);
  });

  it('never comes to stand, with a complaint under way, below the unit that is complained about', async () => {
    const [about, handles] = [await make('被投诉局'), await make('承办处')];
    const below = await make('承办科', handles.id);
    const id = await desk.saved({ type: 'complaint', aboutUnitId: about.id });
    await desk.done(desk.people.dispatcher, id, 'dispatch', { leadUnitId: below.id });
    expect((await send('POST', `/api/units/${handles.id}/move`, { version: 1, parentId: about.id })).body).toMatchObject({ code: 'unit_is_complained_about', units: [below.code], openCases: 1 });
    expect((await upload('text/csv', csv([[handles.code, '承办处', '', '部门', about.code, '', '0', '', '']]), false)).body).toMatchObject({ code: 'unit_is_complained_about', openCases: 1 });
    expect((await show(below.id)).path.map((one) => one.id)).toEqual([handles.id, below.id]);
    await desk.done(desk.people.dispatcher, id, 'recall', { reason: '另派他处' });
    expect((await send('POST', `/api/units/${handles.id}/move`, { version: 1, parentId: about.id })).status).toBe(200);
    await agree();
  });

  it('may be behind a hotline of old, whose callers’ cases tell so', async () => {
    const unit = await make('市场监管局');
    const put = (unitId: string) => send('PUT', '/api/configuration/hotline-numbers/12388', { nameZh: '举报热线', kind: 'merged', unitId });
    expect((await put(uuid())).body).toMatchObject({ code: 'configuration_invalid', errors: [{ path: 'hotline-number/12388/unitId' }] });
    expect((await put(unit.id)).body).toMatchObject({ item: { unitId: unit.id } });
    const open = (calledNumber: string) => transaction(pool, (tx) => openCase(tx, { caseId: uuid(), channel: 'phone', phoneRaw: '', areaCode: '0571', calledNumber, at: new Date() }));
    const origin = async (id: string) => (await send('GET', `/api/cases/${id}`, undefined, desk.people.dispatcher)).body['originNumber'];
    expect(await origin((await open('12388')).id)).toBe('12388');
    expect(await origin((await open('12345')).id)).toBeNull();
    expect((await send('DELETE', '/api/configuration/hotline-numbers/12388?version=1')).status).toBe(200);
  });

  it('asks where the cases go when a unit closes, and they go on there as they stand', async () => {
    const { people } = desk;
    const old = await make('旧街道');
    const staff = await enter(pool, ['unit_handler'], false, old.id);
    const [signed, returned] = [await desk.saved(), await desk.saved()];
    for (const id of [signed, returned]) {
      await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: old.id });
      await desk.done(staff, id, 'sign');
    }
    await desk.done(staff, returned, 'request-return', { reason: '不属我处', legalBasis: '条例' });
    const before = await desk.life(signed);
    expect((await send('POST', `/api/units/${old.id}/close`, { version: 1 })).body).toMatchObject({ code: 'unit_has_cases', openCases: 2 });
    expect((await send('POST', `/api/units/${old.id}/close`, { version: 1, casesTo: old.id })).status).toBe(422);
    expect((await send('POST', `/api/units/${old.id}/close`, { version: 1, casesTo: desk.units.street })).body).toEqual({ movedCases: 2 });
    const after = await desk.life(signed);
    expect(after).toMatchObject({ leadUnitId: desk.units.street, dueAt: before.dueAt });
    expect(after.parts.map((part) => [part.unitId, part.endedWhy, part.signedAt === null])).toEqual([[old.id, 'replaced', false], [desk.units.street, null, false]]);
    // What the old unit asked for is decided for the new one.
    expect(await desk.done(people.dispatcher, returned, 'refuse-return', { note: '属街道职责' })).toMatchObject({ state: 'in_progress' });
    await desk.done(people.street, signed, 'hand-in', { outcome: 'solved', publicReply: '已办' });
    expect((await send('POST', `/api/units/${old.id}/close`, { version: 2 })).body).toMatchObject({ code: 'unit_closed' });
    expect((await desk.act(people.dispatcher, await desk.saved(), 'dispatch', { leadUnitId: old.id })).body).toMatchObject({ code: 'reference_unknown' });
  });

  it('closes no unit whose cases may not go to the one that is named, nor one with others below it', async () => {
    const { people } = desk;
    const old = await make('被并单位');
    const id = await desk.saved({ type: 'complaint', aboutUnitId: desk.units.roads });
    await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: old.id });
    expect((await send('POST', `/api/units/${old.id}/close`, { version: 1, casesTo: desk.units.street })).body).toMatchObject({ code: 'unit_is_complained_about' });
    expect((await show(old.id)).closedAt).toBeNull();
    await make('被并单位下属', old.id);
    expect((await send('POST', `/api/units/${old.id}/close`, { version: 1, casesTo: desk.units.water })).body).toMatchObject({ code: 'in_use' });
  });

  it('has duty rosters of names and of accounts, which go in as they come out; an account’s phone is the one of now', async () => {
    const [unit, other] = [await make('值班单位'), await make('别的单位')];
    const below = await make('值班单位一科', unit.id);
    const at = (hours: number) => new Date(Math.floor(Date.now() / 1_000) * 1_000 + hours * 3_600_000).toISOString();
    const [staff, stranger] = [await enter(pool, ['unit_handler'], false, below.id), await enter(pool, ['unit_handler'], false, other.id)];
    const edit = async (fields: object) => {
      const { version } = (await send('GET', `/api/users/${staff.id}`)).body;
      return send('PATCH', `/api/users/${staff.id}`, { version, ...fields });
    };
    expect((await edit({ phone: '0571-00001240', displayName: '李值班' })).body).toMatchObject({ phone: '0571-00001240' });
    expect((await edit({ phone: '电话' })).status).toBe(400);
    const put = (duties: object[]) => send('PUT', `/api/units/${unit.id}/duties`, { from: at(-1), to: at(24), duties });
    const roster = async () => (await send('GET', `/api/units/${unit.id}/duties`, undefined, desk.people.dispatcher)).body['items'] as object[];
    const named = [{ startsAt: at(1), endsAt: at(9), userId: null, name: '孙值班', phone: '0571-00001236' }, { startsAt: at(9), endsAt: at(17), userId: null, name: '周值班', phone: null }];
    expect((await put([{ ...named[0], endsAt: at(0.5) }])).status).toBe(422);
    expect((await put([{ startsAt: at(1), endsAt: at(9), phone: '0571-00001236' }])).body).toMatchObject({ code: 'reference_unknown', field: 'duties/0/name' });
    for (const userId of [stranger.id, uuid()]) expect((await put([{ startsAt: at(1), endsAt: at(9), userId }])).body).toMatchObject({ code: 'reference_unknown', field: 'duties/0/userId' });
    const account = { startsAt: at(-0.5), endsAt: at(0.9), userId: staff.id };
    expect((await put([account, ...named])).status).toBe(204);
    const first = await roster();
    expect(first).toEqual([{ ...account, name: '李值班', phone: '0571-00001240' }, ...named]);
    expect((await put(first)).status).toBe(204);
    expect(await roster()).toEqual(first);

    // The phone counts as one of the unit's as long as the account is good and the person works there.
    const numbers = async () => (await listOwnNumbers(pool, unit.id, new Date())).sort();
    expect(await numbers()).toEqual(['0571-00001240']);
    await edit({ phone: '0571-00001241' });
    expect([await numbers(), (await roster())[0]]).toEqual([['0571-00001241'], { ...account, name: '李值班', phone: '0571-00001241' }]);
    for (const [away, back] of [[{ isDisabled: true }, { isDisabled: false }], [{ endsAt: at(-0.1) }, { endsAt: null }], [{ unitId: other.id }, { unitId: below.id }]] as const) {
      expect((await edit(away)).status).toBe(200);
      expect([await numbers(), (await roster())[0]]).toEqual([[], { ...account, name: '李值班', phone: null }]);
      await edit(back);
    }
    expect(await numbers()).toEqual(['0571-00001241']);
    await edit({ phone: null });
    expect(await numbers()).toEqual([]);
  });

  it('comes from a file: a dry run names every bad row, a bad file changes nothing, 3,015 units take seconds', async () => {
    const bad = csv([['A1', '好单位', '', '部门', '', '', '1', '', ''], ['坏 编码', '', '', '宗门', 'NOBODY', '999', 'x', '电话', '甲:1234;乙:1234;丙:1234'], ['A1', '重复', '', '部门', '', '', '', '', ''], ['A2', '自己之下', '', '部门', 'A2', '', '', '', '']]);
    const dry = await upload('text/csv', bad, true);
    expect(dry.status).toBe(200);
    expect((dry.body['faults'] as { row: number; column: string }[]).map((one) => `${one.row} ${one.column}`)).toEqual(
      expect.arrayContaining(['3 编码', '3 名称', '3 类别', '3 区划', '3 顺序', '3 电话', '3 联络员', '3 上级编码', '4 编码', '5 上级编码']));
    expect((await upload('text/csv', bad, false)).body).toMatchObject({ code: 'import_invalid' });
    expect(await query(pool, `select id from units where code in ('A1', 'A2')`)).toEqual([]);
    expect((await upload('text/csv', 'not,a,table', true)).body).toMatchObject({ faults: [{ row: 1 }] });
    expect((await upload('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', Buffer.from('no zip'), true)).body).toMatchObject({ code: 'file_unusable' });

    // Children before their parents, as files come.
    const rows = Array.from({ length: 3_015 }, (_, index) => [`F${index}`, `导入单位${index}`, '', '社区', index === 0 ? '' : `F${Math.floor((index - 1) / 6)}`, '330102', String(index % 7), `0571-0000${String(index).padStart(4, '0')}:值班`, '']).reverse();
    const started = performance.now();
    expect((await upload('text/csv', csv(rows), true)).body).toMatchObject({ isDryRun: true, created: 3_015, faults: [] });
    expect(await query(pool, `select id from units where code = 'F0'`)).toEqual([]);
    expect((await upload('text/csv', `\uFEFF${csv(rows)}`, false)).body).toMatchObject({ created: 3_015, changed: 0 });
    expect(performance.now() - started).toBeLessThan(60_000);
    await agree();
    const changed = csv([['F1', '改名单位', '', '街道', 'F7', '', '0', '', '']]);
    expect((await upload('text/csv', changed, false)).body).toMatchObject({ faults: [{ column: '上级编码' }], code: 'import_invalid' }); // which stands below it
  });

  it('goes out as a file and comes in again unchanged', async () => {
    for (const format of ['csv', 'xlsx'] as const) {
      const answer = await fetch(`${origin}/api/units/export?format=${format}`, { headers: { cookie: admin.cookie } });
      const file = Buffer.from(await answer.arrayBuffer());
      const again = await upload((answer.headers.get('content-type') ?? '').split(';')[0] ?? '', file, true);
      expect(again.body).toMatchObject({ created: 0, changed: 0, faults: [] });
      expect(again.body['unchanged']).toBeGreaterThan(3_000);
    }
  });
});

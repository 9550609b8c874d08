import ExcelJS from 'exceljs';
import { Readable } from 'node:stream';
import { v7 as uuid } from 'uuid';
import WebSocket from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { liveChannel } from '../../src/events/publish.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Answer, type Person } from '../support/people.ts';
import { growUnit } from '../support/unit-tree.ts';
import { until } from '../support/until.ts';

type Item = { id: string; number: string; state: string; caller: unknown; call: unknown; light: string | null; course: string | null };
type Said = { citizenName?: string; phone?: string; type?: string; place?: string; cause?: string; course?: string; categoryCode?: string; districtCode?: string };

describe('lists of cases', () => {
  const city = hotline();
  let [operator, dispatcher, manager, callback, quality] = [] as unknown as [Person, Person, Person, Person, Person];
  let [street, office, other, head, top] = [] as unknown as [Person, Person, Person, Person, Person];
  let [topUnit, middleUnit, lowUnit] = ['', '', ''];
  /** In every text of this file, so that other files' cases stay out of the lists. */
  const mark = `zz${Date.now().toString(36).replaceAll(/\d/g, (digit) => 'klmnopqrst'[Number(digit)] ?? '')}`;

  beforeAll(async () => {
    [operator, dispatcher, manager, callback, quality] = await Promise.all((['operator', 'dispatcher', 'supervisor', 'callback', 'quality'] as const).map((role) => enter(city.pool, [role]))) as [Person, Person, Person, Person, Person];
    [street, office, other, head, top] = await Promise.all((['unit_handler', 'unit_handler', 'unit_handler', 'unit_head', 'unit_handler'] as const).map((role) => enter(city.pool, [role]))) as [Person, Person, Person, Person, Person];
    topUnit = await growUnit(city.pool, '云溪区');
    middleUnit = await growUnit(city.pool, '金麦街道', topUnit);
    lowUnit = await growUnit(city.pool, '长虹社区', middleUnit);
    const elsewhere = await growUnit(city.pool, '翠苑区');
    for (const [person, unit] of [[street, lowUnit], [office, middleUnit], [head, middleUnit], [top, topUnit], [other, elsewhere]] as const) await city.pool.query('update users set unit_id = $2 where id = $1', [person.id, unit]);
  });
  afterAll(() => city.close());

  const get = (as: Person, path: string): Promise<Answer> => ask(city.origin, 'GET', path, { as });
  const list = async (as: Person, filter: Record<string, string>): Promise<Item[]> => {
    const answer = await get(as, `/api/cases?${new URLSearchParams(filter).toString()}`);
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.body['items'] as Item[];
  };
  const search = async (as: Person, q: string): Promise<string[]> => (await list(as, { q: `${mark} ${q}` })).map((one) => one.id);
  /** A case that says this, of a citizen on the phone. */
  const said = async ({ phone = '13911119001', ...fields }: Said): Promise<string> => {
    const opened = (await ask(city.origin, 'POST', '/api/cases', { as: operator, body: { channel: 'phone', phone } })).body as { id: string; version: number };
    const saved = await ask(city.origin, 'PATCH', `/api/cases/${opened.id}`, { as: operator, body: { version: opened.version, ...fields, course: `${fields.course ?? ''} ${mark}` } });
    expect(saved.status).toBe(200);
    return opened.id;
  };
  /** As it stands once a unit has it. `dueInHours`: from now. */
  const give = async (caseId: string, unitId: string, { state = 'in_progress', dueInHours = 100, warnInHours = 50 } = {}): Promise<void> => {
    await city.pool.query(`update cases set state = $2, lead_unit_id = $3, dispatched_at = now(), warn_at = now() + $4 * interval '1 hour', due_at = now() + $5 * interval '1 hour' where id = $1`, [caseId, state, unitId, warnInHours, dueInHours]);
    await city.pool.query(`insert into case_units (id, case_id, unit_id, role, arrived_at, sign_due_at, due_at) values ($1, $2, $3, 'lead', now(), now(), now())`, [uuid(), caseId, unitId]);
  };

  it('finds words within longer ones, single letters, Latin words, short numbers, whatever their width', async () => {
    const id = await said({ course: '夜间施工噪声严重扰民', place: '金麦路３号ＥＴＣ收费站', cause: '107路公交' });
    for (const q of ['噪声扰民', '扰民', '噪', '夜间 收费站', 'etc', 'ＥＴＣ', '107', '１０７路', '施工噪声']) expect([q, await search(dispatcher, q)]).toEqual([q, [id]]);
    for (const q of ['噪音', '声噪', '10', '锅炉']) expect([q, (await search(dispatcher, q)).includes(id)]).toEqual([q, false]);
  });

  it('finds a changed case by its new words only', async () => {
    const id = await said({ cause: '路灯不亮' });
    const { version } = (await get(operator, `/api/cases/${id}`)).body as { version: number };
    await ask(city.origin, 'PATCH', `/api/cases/${id}`, { as: operator, body: { version, cause: '井盖缺失' } });
    expect([await search(quality, '路灯不亮'), await search(quality, '井盖缺失')]).toEqual([[], [id]]);
  });

  it('finds a case by its number and by the beginning of it', async () => {
    const id = await said({ cause: '查编号' });
    const { number } = (await get(quality, `/api/cases/${id}`)).body as { number: string };
    for (const q of [number, number.replace('-', ''), number.slice(0, 14)]) expect((await list(quality, { q })).map((one) => one.id)).toContain(id);
    expect((await list(quality, { q: '19990101' })).length + (await list(quality, { q: '20990101-000001' })).length).toBe(0);
  });

  it('finds nobody by name or number, also where the text names them and the name is known later', async () => {
    const id = await said({ type: 'report', citizenName: '欧阳雪峰', phone: '13911119002', course: '举报人欧阳雪峰，电话13911119002、139 1111 9002，收受礼品' });
    const later = await said({ course: '来电人司马青衫反映占道' });
    const { version } = (await get(operator, `/api/cases/${later}`)).body as { version: number };
    await ask(city.origin, 'PATCH', `/api/cases/${later}`, { as: operator, body: { version, citizenName: '司马青衫' } });
    for (const q of ['欧阳雪峰', '阳雪', '13911119002', '9002', '司马青衫', '青衫']) for (const reader of [dispatcher, quality, operator]) expect([q, await search(reader, q)]).toEqual([q, []]);
    expect((await list(dispatcher, { q: '13911119002' })).length).toBe(0);
    expect([await search(quality, '收受礼品'), await search(quality, '占道')]).toEqual([[id], [later]]);
    expect((await list(quality, { q: `${mark} 收受礼品` }))[0]?.caller).toBeNull();
  });

  it('shows a unit its own cases and those below it, without the citizen, and none about it or from elsewhere', async () => {
    const low = await said({ cause: '单位可见甲', citizenName: '甲某' });
    await give(low, lowUnit);
    const middle = await said({ cause: '单位可见乙' });
    await give(middle, middleUnit);
    const about = await said({ type: 'complaint', cause: '单位可见丙' });
    await give(about, lowUnit);
    await city.pool.query('update cases set about_unit_id = $2 where id = $1', [about, middleUnit]);
    const found = (reader: Person): Promise<string[]> => search(reader, '单位可见');
    expect([await found(street), await found(office), await found(top), await found(other)]).toEqual([[low], [middle, low], [about, middle, low], []]);
    const listed = (await list(street, { box: 'unit' })).filter((one) => [low, middle, about].includes(one.id));
    expect(listed).toMatchObject([{ id: low, caller: null, call: null }]);
    expect((await list(office, { box: 'subtree' })).map((one) => one.id).filter((id) => [low, middle, about].includes(id)).sort()).toEqual([low, middle].sort());
    expect((await list(street, {})).map((one) => one.id)).not.toContain(middle);
    expect((await list(dispatcher, { unitId: middleUnit, q: mark })).map((one) => one.id)).toEqual(expect.arrayContaining([low, middle, about]) as string[]);
    expect((await list(top, { unitId: lowUnit, q: mark })).map((one) => one.id)).not.toContain(middle);
    expect((await get(street, '/api/cases?phone=13911119001')).status).toBe(403);
    expect((await get(street, '/api/cases?box=dispatch')).status).toBe(403);
  });

  it('counts what lies in the boxes, by its light', async () => {
    const before = await boxesOf(street);
    const cases = [{ dueInHours: -5, warnInHours: -20 }, { dueInHours: 60, warnInHours: -1 }, { dueInHours: 200, warnInHours: 100 }];
    for (const clock of cases) await give(await said({ cause: '计数' }), lowUnit, clock);
    const after = await boxesOf(street);
    const grown = (box: string) => Object.fromEntries(['count', 'yellow', 'red'].map((name) => [name, (after[box]?.[name] ?? 0) - (before[box]?.[name] ?? 0)]));
    expect([grown('unit'), grown('subtree')]).toEqual([{ count: 3, yellow: 1, red: 1 }, { count: 3, yellow: 1, red: 1 }]);
    const lights = (await list(street, { box: 'unit', q: '计数' })).map((one) => one.light);
    expect(lights).toEqual(['red', 'yellow', 'green']);
    for (const light of ['red', 'yellow', 'green']) expect((await list(street, { box: 'unit', light, q: '计数' })).length).toBe(1);
    expect((await list(dispatcher, { overdue: 'true', q: `${mark} 计数` })).map((one) => one.light)).toEqual(['red']);
  });

  const boxesOf = async (as: Person): Promise<Record<string, Record<string, number>>> =>
    Object.fromEntries(((await get(as, '/api/inbox')).body['boxes'] as ({ box: string } & Record<string, number>)[]).map((one) => [one.box, one]));

  it('gives each role its boxes', async () => {
    const names = async (as: Person) => Object.keys(await boxesOf(as));
    expect([await names(operator), await names(dispatcher), await names(manager), await names(callback), await names(quality), await names(street)])
      .toEqual([['mine'], ['mine', 'dispatch', 'decide', 'review'], ['mine', 'decide'], ['mine', 'callback'], [], ['mine', 'unit', 'subtree']]);
  });

  it('keeps what waits for a decision with whoever decides it', async () => {
    const id = await said({ cause: '待审批' });
    await give(id, lowUnit, { state: 'return_requested' });
    await city.pool.query(`insert into case_requests (id, case_id, kind, asked_at, reason, legal_basis) values ($1, $2, 'return', now(), '非本单位职责', '三定方案')`, [uuid(), id]);
    const disputed = await said({ cause: '待审批' });
    await city.pool.query(`update cases set state = 'disputed' where id = $1`, [disputed]);
    const waiting = async (as: Person) => (await list(as, { box: 'decide', q: '待审批' })).map((one) => one.id);
    expect([await waiting(dispatcher), await waiting(manager)]).toEqual([[id], [disputed]]);
    const closed = await said({ cause: '待审批' });
    await give(closed, lowUnit, { state: 'in_progress' });
    await city.pool.query(`update cases set state = 'closed', closed_at = now(), public_reply = '已处理' where id = $1`, [closed]);
    await city.pool.query(`insert into case_requests (id, case_id, kind, asked_at, reason) values ($1, $2, 'review', now(), '评价与事实不符')`, [uuid(), closed]);
    expect([await waiting(dispatcher), await waiting(manager)]).toEqual([[id], [disputed, closed]]);
    expect((await boxesOf(manager))['decide']?.['count']).toBeGreaterThanOrEqual(2);
  });

  it.each([['newest'], ['due']])('pages through everything once, %s', async (sort) => {
    const word = sort === 'due' ? '翻页甲' : '翻页乙';
    const ids: string[] = [];
    for (let index = 0; index < 9; index += 1) {
      const id = await said({ cause: word });
      ids.push(id);
      // Two deadlines for all, and none for some.
      if (index < 6) await give(id, lowUnit, { dueInHours: index % 2 === 0 ? 10 : 20 });
    }
    for (const reader of [dispatcher, street]) {
      const all = (await list(reader, { sort, q: `${mark} ${word}` })).map((one) => one.id);
      expect([...all].sort()).toEqual((reader === street ? ids.slice(0, 6) : ids).sort());
      const paged: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: Answer = await get(reader, `/api/cases?${new URLSearchParams({ sort, q: `${mark} ${word}`, limit: '2', ...(cursor === '' ? {} : { cursor }) }).toString()}`);
        paged.push(...(page.body['items'] as Item[]).map((one) => one.id));
        cursor = page.body['nextCursor'] as string | null;
      }
      expect(paged).toEqual(all);
    }
    expect((await get(dispatcher, `/api/cases?sort=${sort}&cursor=${Buffer.from('x').toString('base64url')}`)).status).toBe(400);
  });

  it('limits a list by what is asked', async () => {
    const id = await said({ cause: '筛选项', type: 'help', categoryCode: 'city-noise', districtCode: '330102' });
    await give(id, lowUnit);
    const hits = async (filter: Record<string, string>) => (await list(quality, { q: `${mark} 筛选项`, ...filter })).length;
    for (const filter of [{ category: 'city' }, { category: 'city-noise' }, { district: '330102' }, { type: 'help,complaint' }, { state: 'in_progress' }, { urgency: 'normal' }, { channel: 'phone' }, { light: 'green' }, { supervised: 'false' },
      { from: '2020-01-01T00:00:00Z' }, { dueFrom: '2020-01-01T00:00:00Z' }, { confidential: 'false' }, { unitId: topUnit }] as Record<string, string>[]) expect([filter, await hits(filter)]).toEqual([filter, 1]);
    for (const filter of [{ category: 'traffic' }, { district: '330103' }, { type: 'complaint' }, { state: 'closed' }, { urgency: 'urgent' }, { channel: 'web' }, { light: 'red' }, { overdue: 'true' }, { supervised: 'true' },
      { to: '2020-01-01T00:00:00Z' }, { dueTo: '2020-01-01T00:00:00Z' }, { confidential: 'true' }, { unitId: uuid() }] as Record<string, string>[]) expect([filter, await hits(filter)]).toEqual([filter, 0]);
  });

  it('tells a unit of its cases when they change, and of no others', async () => {
    const heard = new Map<Person, Set<string>>();
    const sockets = await Promise.all([street, top, other, dispatcher].map(async (person) => {
      const socket = new WebSocket(`${city.origin.replace('http', 'ws')}/api/events`, { headers: { cookie: person.cookie } });
      const ids = new Set<string>();
      heard.set(person, ids);
      socket.on('message', (data: Buffer) => { ids.add((JSON.parse(data.toString()) as { caseId?: string }).caseId ?? 'hello'); });
      await until(() => ids.has('hello'), 'the socket is open');
      return socket;
    }));
    const [own, about] = [await said({ cause: '推送' }), await said({ cause: '推送' })];
    for (const id of [own, about]) await give(id, lowUnit);
    await city.pool.query('update cases set about_unit_id = $2 where id = $1', [about, middleUnit]);
    for (const caseId of [own, about]) await city.pool.query('select pg_notify($1, $2)', [liveChannel, JSON.stringify({ type: 'case.changed', caseId })]);
    await until(() => heard.get(top)?.has(about) === true, 'the unit above heard of it');
    expect([street, top, other].map((person) => [own, about].map((id) => heard.get(person)?.has(id)))).toEqual([[true, false], [true, true], [false, false]]);
    for (const socket of sockets) socket.terminate();
  });

  it('keeps filters for their owner and, shared, for the unit', async () => {
    const body = { name: `本周红灯 ${mark}`, filter: { light: 'red', sort: 'due' }, isShared: false };
    const made = (await ask(city.origin, 'POST', '/api/case-filters', { as: office, body })).body as { id: string; version: number };
    const seen = async (as: Person) => ((await get(as, '/api/case-filters')).body['items'] as { id: string; isOwn: boolean }[]).filter((one) => one.id === made.id).map((one) => one.isOwn);
    expect([await seen(office), await seen(head), await seen(street)]).toEqual([[true], [], []]);
    expect((await ask(city.origin, 'POST', '/api/case-filters', { as: office, body })).body).toMatchObject({ code: 'already_exists' });
    expect((await ask(city.origin, 'POST', '/api/case-filters', { as: office, body: { ...body, name: 'x', filter: { light: 'blue' } } })).status).toBe(400);
    // A number is asked for and not kept.
    expect((await ask(city.origin, 'POST', '/api/case-filters', { as: office, body: { ...body, name: 'x', filter: { phone: '13911119003' } } })).status).toBe(400);
    const path = `/api/case-filters/${made.id}`;
    expect((await ask(city.origin, 'PUT', path, { as: office, body: { ...body, isShared: true, version: made.version } })).status).toBe(200);
    expect([await seen(office), await seen(head), await seen(street), await seen(dispatcher)]).toEqual([[true], [false], [], []]);
    expect((await ask(city.origin, 'PUT', path, { as: office, body: { ...body, version: made.version } })).body).toMatchObject({ code: 'stale_version', current: { isShared: true } });
    expect([(await ask(city.origin, 'DELETE', path, { as: head })).status, (await ask(city.origin, 'DELETE', path, { as: office })).status]).toEqual([404, 204]);
  });

  it('exports a list with masked numbers, nothing of a confidential case’s citizen, and writes it down', async () => {
    await said({ cause: '导出一', phone: '13911119003', citizenName: '乙某某', course: '=1+1' });
    await said({ cause: '导出二', phone: '13911119004', type: 'report', citizenName: '丙某某' });
    const q = encodeURIComponent(`${mark} 导出`);
    const csv = await get(dispatcher, `/api/cases/export?format=csv&q=${q}`);
    expect([csv.status, csv.type, csv.text.split('\r\n').length]).toEqual([200, 'text/csv; charset=utf-8', 4]);
    expect(csv.text).toMatch(/139\*\*\*\*9003/);
    expect(csv.text).toMatch(/"'=1\+1/);
    expect(csv.text).not.toMatch(/某某|13911119|9004/);
    const file = await fetch(`${city.origin}/api/cases/export?format=xlsx&q=${q}`, { headers: { cookie: dispatcher.cookie } });
    const book = new ExcelJS.Workbook();
    await book.xlsx.read(Readable.from(Buffer.from(await file.arrayBuffer())));
    const rows = book.worksheets[0]?.getSheetValues().slice(1) as string[][];
    expect(rows.map((row) => row[14])).toEqual(['事由', '导出二', '导出一']);
    expect(rows.map((row) => row[12])).toEqual(['来电号码', undefined, '139****9003']);
    const looks = await query<{ details: object }>(city.pool, `select details from audit_log where user_id = $1 and action = 'case.exported' order by id`, [dispatcher.id]);
    expect(looks.map((one) => one.details)).toEqual(['csv', 'xlsx'].map((format) => ({ format, filter: { q: `${mark} 导出` }, byPhone: false, rows: 2 })));
    expect((await get(quality, `/api/cases/export?format=csv&q=${q}`)).status).toBe(403);
    expect((await get(head, `/api/cases/export?format=csv&q=${q}`)).text.split('\r\n').length).toBe(2);
  });
});

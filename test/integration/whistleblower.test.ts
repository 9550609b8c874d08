import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { permissionsOf, roles } from '../../src/auth/permissions.ts';
import { query } from '../../src/db/query.ts';
import { caseDesk } from '../support/case-desk.ts';
import { dumpDatabase } from '../support/dump-database.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Person } from '../support/people.ts';
import { story } from '../support/story.ts';
import { until } from '../support/until.ts';

type Document = { paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>> };

/** A report of wrongdoing by somebody whose name and number stand in it in several forms. */
describe('a whistle-blower', () => {
  const city = hotline();
  const { pool, origin } = city;
  const secrets = ['13877770001', '138 7777 0001', '欧阳雪松', '雪松', '欧阳女士'];
  let desk: Awaited<ReturnType<typeof caseDesk>>;
  let caseId = '';
  const heard: string[] = [];
  const sockets: WebSocket[] = [];
  beforeAll(async () => {
    desk = await caseDesk(pool, origin);
    for (const who of [desk.people.roads, desk.people.city, desk.people.street]) {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/events`, { headers: { cookie: who.cookie } });
      socket.on('message', (data: Buffer) => heard.push(data.toString('utf8')));
      sockets.push(socket);
    }
    const opened = await desk.post(desk.people.operator, '/api/cases', { channel: 'visit', phone: '13877770001' });
    caseId = String(opened.body['id']);
    const { rows: [district] } = await pool.query<{ code: string }>('select code from districts limit 1');
    const edited = await ask(origin, 'PATCH', `/api/cases/${caseId}`, { as: desk.people.operator, body: { version: opened.body['version'], type: 'report', citizenName: '欧阳雪松', categoryCode: 'city-road', districtCode: district?.code,
      cause: '欧阳女士举报道路处虚报工程量', course: '举报人雪松，电话138 7777 0001，请保密', place: '锦麦街，联系13877770001' } });
    expect(edited.status).toBe(200);
    const saved = await desk.post(desk.people.operator, `/api/cases/${caseId}/actions/save_for_dispatch`, { version: edited.body['version'] });
    expect(saved.status).toBe(200);
    await desk.done(desk.people.dispatcher, caseId, 'dispatch', { leadUnitId: desk.units.roads, proposal: '请核查欧阳女士所述，必要时拨打13877770001' });
    await desk.done(desk.people.roads, caseId, 'sign');
    await desk.done(desk.people.roads, caseId, 'note-progress', { note: '正在核查' });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.terminate();
    await city.close();
  });

  const leaks = (text: string): string[] => secrets.filter((secret) => text.includes(secret));
  /** Every address that can be read, with this case wherever one is asked for. */
  const everything = async (): Promise<string[]> => {
    const { paths } = (await (await fetch(`${origin}/api/openapi.json`)).json()) as Document;
    return Object.entries(paths).filter(([, methods]) => 'get' in methods).map(([path]) => path.replaceAll(/\{\w+\}/g, caseId));
  };
  const readAll = async (who: Person): Promise<string[]> => {
    const found: string[] = [];
    for (const path of (await everything()).filter((one) => !one.startsWith('/api/events'))) {
      const answer = await ask(origin, 'GET', path, { as: who });
      found.push(...leaks(answer.text).map((secret) => `${path}: ${secret}`));
    }
    return found;
  };

  it('is hidden from the units that work on the case, wherever they look', async () => {
    const { body } = await ask(origin, 'GET', `/api/cases/${caseId}`, { as: desk.people.roads });
    expect(body).toMatchObject({ caller: null, progressCode: null, cause: '〔姓名已隐去〕举报道路处虚报工程量', course: '举报人〔姓名已隐去〕，电话〔号码已隐去〕，请保密' });
    for (const who of [desk.people.roads, desk.people.city, desk.people.street]) expect(await readAll(who)).toEqual([]);
  });

  it.each(roles.filter((role) => !permissionsOf([role]).has('identity.read')))('is hidden from %s', async (role) => {
    expect(await readAll(await enter(pool, [role]))).toEqual([]);
  });

  it('is not told by a refusal, by a live event or by the log', async () => {
    const refused = await ask(origin, 'POST', `/api/cases/${caseId}/acts/hand-in`, { as: desk.people.roads, body: { version: 1, outcome: 'nothing', publicReply: '' } });
    const stale = await ask(origin, 'POST', `/api/cases/${caseId}/acts/hand-in`, { as: desk.people.roads, body: { version: 1, outcome: 'solved', publicReply: '已核查' } });
    expect([refused.status, stale.status]).toEqual([400, 409]);
    expect(leaks(refused.text + stale.text + heard.join())).toEqual([]);
    const folder = join(city.dataDir, 'log');
    for (const file of readdirSync(folder).filter((name) => name.startsWith('service'))) expect(leaks(readFileSync(join(folder, file), 'utf8'))).toEqual([]);
  });

  it('stays hidden whatever the rules say of its type; those of other cases are given to who works on them, and looks are written down', async () => {
    const { people, units } = desk;
    await pool.query(`insert into identity_rules (type, is_number_shown) values ('help', true), ('complaint', true) on conflict (type) do update set is_number_shown = true`);
    try {
      expect(await readAll(people.roads)).toEqual([]);
      const id = await desk.saved();
      await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.street });
      const seen = async (who: Person) => (await ask(origin, 'GET', `/api/cases/${id}`, { as: who })).body['caller'];
      expect([await seen(people.street), await seen(people.roads)]).toMatchObject([{ number: '13800005555', name: null }, null]);
      const secret = await desk.saved({ isConfidential: true });
      await desk.done(people.dispatcher, secret, 'dispatch', { leadUnitId: units.street });
      expect((await ask(origin, 'GET', `/api/cases/${secret}`, { as: people.street })).body['caller']).toBeNull();
      const { rows } = await pool.query<{ reason: string }>('select reason from identity_looks where case_id = $1 and user_id = $2', [id, people.street.id]);
      expect(rows).toMatchObject([{ reason: 'units see the number by the rule of its type' }]);
    } finally {
      await pool.query('delete from identity_rules');
    }
  });

  it('is found by nobody who looks for the number', async () => {
    const { body } = await ask(origin, 'GET', '/api/cases?phone=13877770001', { as: desk.people.dispatcher });
    expect(body['items']).toEqual([]);
  });
});

/** A report on the phone, by somebody who says neither name nor number: both stand nowhere but under seal. */
describe('a whistle-blower who calls', () => {
  const { city, told, call, edit, act, hungUp } = story();
  const caller = '13877770042';
  const numbersOf = async (callId: string): Promise<string> => JSON.stringify(await query(city.pool, `select c.caller_raw, c.caller_number, c.called_number, l.number from calls c join call_legs l on l.call_id = c.id where c.id = $1`, [callId]));
  const sealed = (callId: string) => until(async () => (await query(city.pool, 'select 1 from sealed_callers where call_id = $1', [callId])).length === 1, 'the numbers of the call are sealed');

  it('is known by a keyed hash alone once the calls are over: a dump of the database has the number nowhere', async () => {
    const one = await call(caller);
    await edit(one.desk.api, one.caseId, { type: 'report', citizenName: '慕容听雪', categoryCode: 'city-road', districtCode: '330102', cause: '虚报工程量', course: '愿意提供单据' });
    await act(one.desk.api, one.caseId, 'actions/save_for_dispatch');
    // While they talk the number is needed, and shown to nobody.
    expect(await numbersOf(one.callId)).toContain(caller);
    expect((await ask(city.origin, 'GET', `/api/calls/${one.callId}`, { as: told.people.operator })).body).toMatchObject({ state: 'talking', callerNumber: null });
    await hungUp(one);
    await sealed(one.callId);

    // The case is opened again, and the citizen is called: by the number that is under seal.
    const { people, units } = told;
    await told.done(people.dispatcher, one.caseId, 'dispatch', { leadUnitId: units.water, proposal: '请核查' });
    await told.done(people.water, one.caseId, 'sign');
    await told.done(people.water, one.caseId, 'hand-in', { outcome: 'solved', publicReply: '已核查处理。' });
    await told.done(people.dispatcher, one.caseId, 'accept-feedback');
    await told.done(people.callback, one.caseId, 'close');
    await told.done(people.manager, one.caseId, 'reopen', { reason: '举报人补充线索' });
    const desk = await city.seat(1, 'seat-answers');
    await city.party('seat-answers');
    const { callId } = await desk.api.post<{ callId: string }>('/api/calls', { caseId: one.caseId });
    await until(async () => (await query(city.pool, `select 1 from calls where id = $1 and state = 'talking' and called_number = $2`, [callId, caller])).length === 1, 'the citizen is reached');
    await desk.api.post(`/api/calls/${callId}/hang-up`);
    await city.endOf(callId);
    await sealed(callId);
    await desk.act('sign_out');

    const found = (await dumpDatabase(city.pool)).filter(({ text }) => [caller, '慕容听雪'].some((secret) => text.includes(secret)));
    expect(found).toEqual([]);
    const folder = join(city.dataDir, 'log');
    for (const file of readdirSync(folder).filter((name) => name.startsWith('service'))) expect(readFileSync(join(folder, file), 'utf8')).not.toContain(caller);
    for (const id of [one.callId, callId]) {
      const seen = await ask(city.origin, 'POST', `/api/calls/${id}/identity`, { as: told.people.dispatcher, body: { reason: '核实举报线索' } });
      expect([seen.status, seen.text.includes(caller)]).toEqual([200, true]);
      expect((await ask(city.origin, 'POST', `/api/calls/${id}/identity`, { as: people.dispatcher, body: { reason: '' } })).status).toBe(400);
      for (const who of [people.water, await enter(city.pool, ['quality']), await enter(city.pool, ['admin'])]) expect((await ask(city.origin, 'POST', `/api/calls/${id}/identity`, { as: who, body: { reason: '核实举报线索' } })).status).toBe(403);
    }
    const looks = await query<{ shown: string[] }>(city.pool, `select shown from identity_looks where case_id = $1 and user_id = $2 and reason = '核实举报线索'`, [one.caseId, people.dispatcher.id]);
    expect(looks.map((look) => look.shown)).toEqual([['number'], ['number']]);
    expect((await ask(city.origin, 'GET', '/api/identity-looks/check', { as: await enter(city.pool, ['auditor']) })).body).toMatchObject({ isWhole: true });
  });
});

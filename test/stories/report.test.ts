import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { query } from '../../src/db/query.ts';
import { ask, enter } from '../support/people.ts';
import { story } from '../support/story.ts';

describe('the report of wrongdoing', () => {
  const { city, told, call, edit, act, hungUp } = story();
  const secrets = ['13800041200', '司马清源', '司马先生', '清源'];
  const sockets: WebSocket[] = [];
  afterAll(() => { for (const socket of sockets) socket.terminate(); });
  const leaks = (text: string): string[] => secrets.filter((secret) => text.includes(secret));

  it('goes its way to the archive, past the unit it is about, and who reported stays unknown to all who handle it', async () => {
    const { people, units } = told;
    const heard: string[] = [];
    for (const who of [people.roads, people.street, people.city, people.water]) {
      const socket = new WebSocket(`${city.origin.replace('http', 'ws')}/api/events`, { headers: { cookie: who.cookie } });
      socket.on('message', (data: Buffer) => heard.push(data.toString('utf8')));
      sockets.push(socket);
    }
    const one = await call('13800041200');
    const { caseId } = one;
    const { version } = await edit(one.desk.api, caseId, { type: 'report', categoryCode: 'city-road', districtCode: '330102', citizenName: '司马清源', aboutUnitId: units.roads, cause: '道路处虚报工程量', course: '司马先生称可提供单据，电话13800041200，勿让单位知道' });
    expect(version).toBeGreaterThan(1);
    await act(one.desk.api, caseId, 'actions/save_for_dispatch');
    await hungUp(one);

    // Never to the unit it is about, nor below it; not even by the back door of a merge, an order or an escalation.
    for (const leadUnitId of [units.roads, units.street]) expect((await told.act(people.dispatcher, caseId, 'dispatch', { leadUnitId })).body).toMatchObject({ code: 'unit_is_complained_about' });
    await told.done(people.dispatcher, caseId, 'dispatch', { leadUnitId: units.water, proposal: '请核查，司马清源提供线索' });
    await told.done(people.water, caseId, 'sign');
    await told.done(people.manager, caseId, 'open-order', { reason: '司马先生催问' });
    await told.done(people.water, caseId, 'answer-order', { answer: '正在核查' });
    await told.done(people.manager, caseId, 'escalate', { reason: '线索重大' });
    for (const who of [people.roads, people.street]) expect((await ask(city.origin, 'GET', `/api/cases/${caseId}`, { as: who })).status).toBe(404);
    await told.done(people.water, caseId, 'hand-in', { outcome: 'solved', publicReply: '已核查处理。' });
    await told.done(people.dispatcher, caseId, 'accept-feedback');
    await told.done(people.callback, caseId, 'close');
    await told.done(people.dispatcher, caseId, 'archive');

    for (const who of [people.water, people.city, await enter(city.pool, ['leader']), await enter(city.pool, ['admin']), await enter(city.pool, ['quality'])]) {
      for (const path of [`/api/cases/${caseId}`, `/api/cases/${caseId}/events`, `/api/cases/${caseId}/life`, `/api/cases/${caseId}/supervision`, `/api/cases/${caseId}/related`, '/api/cases?q=虚报工程量', '/api/cases', `/api/calls/${one.callId}`, '/api/calls', '/api/units', '/api/case-options']) {
        const answer = await ask(city.origin, 'GET', path, { as: who });
        // A number that somebody wrote into the list of calls is masked there.
        expect([path, leaks(answer.text)]).toEqual([path, []]);
      }
    }
    expect(leaks(heard.join())).toEqual([]);
    const folder = join(city.dataDir, 'log');
    for (const file of readdirSync(folder).filter((name) => name.startsWith('service'))) expect([file, leaks(readFileSync(join(folder, file), 'utf8'))]).toEqual([file, []]);
    // Who has the database but not the key learns no name.
    const rows = await query<{ line: string }>(city.pool, 'select i::text as line from case_identities i where case_id = $1 union all select encode(sealed, \'escape\') from case_identities where case_id = $1', [caseId]);
    expect(leaks(rows.map((row) => row.line).join())).toEqual([]);
    // And every look stands in the chain.
    const looks = await query<{ reason: string }>(city.pool, 'select reason from identity_looks where case_id = $1 order by id', [caseId]);
    expect(looks.length).toBeGreaterThan(0);
    expect((await ask(city.origin, 'GET', '/api/identity-looks/check', { as: await enter(city.pool, ['auditor']) })).body).toMatchObject({ isWhole: true });
  });
});

import ExcelJS from 'exceljs';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vault } from '../../src/cases/identity/vault.ts';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter } from '../support/people.ts';
import { pollDesk } from '../support/poll-desk.ts';
import { growUnit } from '../support/unit-tree.ts';
import { until } from '../support/until.ts';

describe('a campaign', () => {
  const city = hotline();
  let desk: Awaited<ReturnType<typeof pollDesk>>;
  beforeAll(async () => {
    desk = await pollDesk(city.pool, city.origin, 'draw');
  });
  afterAll(async () => {
    await city.pool.query('update survey_rules set max_lines = 0, windows = default');
    await city.close();
  });

  it('is made, started and stopped by supervisors, read by leaders too, heard by who may listen', async () => {
    const id = await desk.make();
    const rights = async (as: typeof desk.people.leader) => Promise.all([
      desk.call('POST', '', {}, as), desk.call('GET', '', undefined, as), desk.call('GET', `/${id}/results`, undefined, as), desk.call('GET', `/${id}/results.xlsx`, undefined, as),
      desk.call('POST', `/${id}/preview`, {}, as), desk.call('GET', `/${id}/answers/${id}/audio`, undefined, as)].map(async (one) => (await one).status));
    expect(await rights(desk.people.supervisor)).toEqual([400, 200, 200, 200, 200, 404]);
    expect(await rights(desk.people.leader)).toEqual([403, 200, 200, 200, 403, 403]);
    expect(await rights(desk.people.operator)).toEqual([403, 403, 403, 403, 403, 403]);
    expect(await rights(desk.people.quality)).toEqual([403, 403, 403, 403, 403, 404]);
    expect(await query(city.pool, `select count(*)::integer from audit_log where action = 'recording.refused' and entity = 'survey_answer' and entity_id = $1`, [id])).toEqual([{ count: 2 }]);
    await desk.done('POST', `/${id}/stop`);
  });

  it('refuses what does not exist: questionnaires, districts, times, versions of before', async () => {
    const filter = { closedFrom: '2026-01-01T00:00:00Z', closedTo: '2026-02-01T00:00:00Z' };
    const body = { name: 'x', questionnaireCode: desk.code, sampleSize: 1, seed: 1, filter };
    const refused = async (more: object) => (await desk.call('POST', '', { ...body, ...more })).body['code'];
    expect(await refused({ questionnaireCode: 'nothing' })).toBe('reference_unknown');
    expect(await refused({ filter: { ...filter, districts: ['nowhere'] } })).toBe('reference_unknown');
    expect(await refused({ filter: { ...filter, closedTo: '2025-12-01T00:00:00Z' } })).toBe('reference_unknown');
    expect(await refused({ filter: { ...filter, types: ['report'] } })).toBe('bad_request');
    expect(await refused({ quota: { by: 'district', most: 1, cells: { nowhere: 1 } } })).toBe('reference_unknown');
    expect(await refused({ questionnaireVersion: 99 })).toBe('stale_version');
    const key = (kind: string, questions: object[]) => ask(city.origin, 'PUT', `/api/configuration/questionnaires/draw-${kind}`, { as: desk.people.admin, body: { nameZh: 'x', nameEn: 'x', questions } });
    const [choice, mark, opinion] = desk.questions;
    expect((await key('choice', [{ ...choice, options: [{ key: '9', value: 'no', textZh: '否' }] }])).body).toMatchObject({ code: 'configuration_invalid' });
    expect((await key('voice', [{ ...mark, maxSec: 20 }, opinion ?? {}])).body).toMatchObject({ code: 'configuration_invalid' });
    expect((await key('words', [{ ...choice, code: 'words' }])).body).toMatchObject({ code: 'bad_request' });
  });

  it('can be written anew while it is a draft, by who knows its last version', async () => {
    const id = await desk.make({ quota: { by: 'district', most: 5, cells: {} } });
    const filter = { closedFrom: '2026-01-01T00:00:00.000Z', closedTo: '2026-02-01T00:00:00.000Z', types: ['complaint'] };
    const plan = { name: '改', questionnaireCode: desk.code, sampleSize: 7, seed: 3, quietDays: 0, maxLines: 2, filter };
    const edit = (more: object, as = desk.people.supervisor) => desk.call('PUT', `/${id}`, { ...plan, ...more }, as);
    expect((await edit({ version: 1 }, desk.people.leader)).status).toBe(403);
    expect((await edit({})).status).toBe(400);
    expect((await edit({ version: 1, filter: { ...filter, districts: ['nowhere'] } })).body).toMatchObject({ code: 'reference_unknown' });
    expect((await edit({ version: 1 })).body).toMatchObject({ ...plan, quota: null, state: 'draft', version: 2 });
    expect((await edit({ version: 1 })).body).toMatchObject({ code: 'stale_version', version: 2 });
    await desk.done('POST', `/${id}/stop`);
    expect((await edit({ version: 3 })).body).toMatchObject({ code: 'action_not_allowed', state: 'ended' });
    expect((await desk.show(id))).toMatchObject(plan);
  });

  it('draws each number once; nobody who refused, reported, was asked lately, or works for a unit; nobody outside of its filter', async () => {
    const { east, west } = desk.districts;
    const unitId = await growUnit(city.pool, '热线科');
    await city.pool.query(`update units set phones = '[{"number": "139 0004 8001", "note": ""}]', liaisons = '[{"name": "李", "phone": "13900048002"}]' where id = $1`, [unitId]);
    const [first, last] = [await desk.closed({ phone: '13900048010', district: east }), await desk.closed({ phone: '13900048010', district: west })];
    const other = await desk.closed({ phone: '0571-88001234', district: east });
    for (const phone of ['13900048001', '13900048002', '', '110']) await desk.closed({ phone, district: east });
    await desk.closed({ phone: '13900048003', district: east });
    await desk.closed({ phone: '13900048003', district: east, isConfidential: true });
    await desk.closed({ phone: '13900048004', district: east, closedAt: new Date(Date.now() - 5 * 86_400_000) });
    const refused = await desk.closed({ phone: '13900048005', district: east });
    const asked = await desk.closed({ phone: '13900048006', district: east });
    const survey = `insert into surveys (id, case_id, round, state, created_at, ended_at, settled_at) values (gen_random_uuid(), $1, 1, $2, now(), now(), now()) returning id`;
    const [{ id: no = '' } = {}] = (await city.pool.query<{ id: string }>(survey, [refused, 'refused'])).rows;
    await city.pool.query('insert into survey_refusals (phone_index, survey_id, at) values ($1, $2, now())', [vault().indexOf('13900048005'), no]);
    const [{ id: lately = '' } = {}] = (await city.pool.query<{ id: string }>(survey, [asked, 'completed'])).rows;
    await city.pool.query(`insert into survey_tries (survey_id, no, by, at) values ($1, 1, 'person', now() - interval '20 days')`, [lately]);
    const id = await desk.make({ quota: { by: 'district', most: 5, cells: { [west]: 2 } } });
    expect(await desk.done('POST', `/${id}/preview`)).toEqual({ citizens: 2, drawn: 2, cells: [{ cell: east, citizens: 1, most: 5 }, { cell: west, citizens: 1, most: 2 }] });
    const sooner = await desk.make({ quietDays: 10 });
    expect(await desk.done('POST', `/${sooner}/preview`)).toMatchObject({ citizens: 3 });
    const none = await desk.make({ quota: { by: 'district', most: 0, cells: { [west]: 2 } } });
    expect(await desk.done('POST', `/${none}/preview`)).toMatchObject({ citizens: 1, cells: [{ cell: west }] });
    await desk.done('POST', `/${id}/start`);
    expect((await desk.drawn(id)).sort()).toEqual([last, other].sort());
    expect(await desk.drawn(id)).not.toContain(first);
    // Who is drawn already is not drawn by another.
    expect((await desk.call('POST', `/${none}/start`)).body).toMatchObject({ code: 'campaign_empty' });
    await desk.done('POST', `/${id}/stop`);
    for (const draft of [sooner, none]) await desk.done('POST', `/${draft}/stop`);
  });

  it('runs, rests, goes on and ends as its supervisor says, and draws the same again by the same seed', async () => {
    for (let index = 0; index < 12; index += 1) await desk.closed({ phone: `139000490${String(index).padStart(2, '0')}`, district: desk.districts.east });
    const filter = { districts: [desk.districts.east], closedFrom: new Date(Date.now() - 3_600_000).toISOString(), closedTo: new Date(Date.now() + 3_600_000).toISOString() };
    const [one, again, other] = [await desk.make({ sampleSize: 5, filter }), await desk.make({ sampleSize: 5, filter }), await desk.make({ sampleSize: 5, seed: 8, filter })];
    const started = (await desk.done('POST', `/${one}/start`)) as unknown as Awaited<ReturnType<typeof desk.show>>;
    expect(started).toMatchObject({ state: 'running', progress: { sampled: 5, open: 5, calling: 0 }, expectedEnd: null, allowedActions: ['pause', 'stop'], cells: [{ cell: '', drawn: 5, most: null, isFull: false }] });
    const act = async (name: string) => (await desk.call('POST', `/${one}/${name}`)).body;
    expect(await act('start')).toMatchObject({ code: 'action_not_allowed', allowed: ['pause', 'stop'] });
    expect(await act('pause')).toMatchObject({ state: 'paused' });
    expect(await act('resume')).toMatchObject({ state: 'running' });
    expect(await act('preview')).toMatchObject({ code: 'action_not_allowed' });
    expect(await act('stop')).toMatchObject({ state: 'ended', endedWhy: 'stopped', progress: { sampled: 5, open: 0, withdrawn: 5 }, allowedActions: [] });
    for (const id of [again, other]) {
      await desk.done('POST', `/${id}/start`);
      await desk.done('POST', `/${id}/stop`);
    }
    expect(await desk.drawn(again)).toEqual(await desk.drawn(one));
    expect(await desk.drawn(other)).not.toEqual(await desk.drawn(one));
    expect((await desk.done('GET', '?limit=2')).items).toMatchObject([{ id: other, progress: { withdrawn: 5 } }, { id: again }]);
    expect((await desk.done('GET', `/${one}/results`)).responseRate).toEqual({ count: 0, of: 0, share: null, interval: null });
    expect(await query(city.pool, `select action from audit_log where entity = 'campaign' and entity_id = $1 order by id`, [one])).toEqual(['created', 'start', 'pause', 'resume', 'stop'].map((name) => ({ action: `campaign.${name}` })));
  });

  it('is answered by link until its cells are full; its results count who answered, and tell nobody who it was', async () => {
    const poll = await pollDesk(city.pool, city.origin, 'link');
    const { east, west } = poll.districts;
    const phones = ['13900050001', '13900050002', '13900050003', '13900050004'];
    const cases = [];
    for (const [index, phone] of phones.entries()) cases.push(await poll.closed({ phone, district: index < 3 ? east : west }));
    await city.pool.query(`update survey_rules set max_lines = 4, windows = '[]', link_days = 3`);
    const id = await poll.make({ quota: { by: 'district', most: 1, cells: {} } });
    await poll.done('POST', `/${id}/start`);
    const linkTo = async (phone: string): Promise<string> => {
      const file = join(city.dataDir, 'sms.jsonl');
      const text = await until(() => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').findLast((line) => line.includes(phone)) : undefined), 'the message is sent');
      expect(text).toContain('民意调查');
      return /\/s\/[A-Za-z0-9_-]{22}/.exec(text)?.[0] ?? '';
    };
    await poll.when(id, (one) => one.progress['open'] === 4, 'four are open');
    const links = [];
    for (const phone of phones) links.push(await linkTo(phone));
    const page = await (await fetch(city.origin + (links[0] ?? ''))).text();
    expect(page).toContain('您给热线打几分？');
    expect(page).toMatch(/<textarea name="opinion"/);
    expect(page).not.toMatch(/<script|139000|反映的/);
    const submit = (link: string | undefined, form: Record<string, string>) => fetch(city.origin + (link ?? ''), { method: 'POST', body: new URLSearchParams(form) });
    expect((await submit(links[0], { known: 'yes' })).status).toBe(422);
    expect((await submit(links[0], { known: 'yes', mark: '7' })).status).toBe(422);
    // Two of one cell at the same moment: one place.
    const both = await Promise.all([submit(links[0], { known: 'yes', mark: '9', opinion: '=1+1 路灯再亮些' }), submit(links[1], { known: 'no', mark: '9', opinion: '=1+1 路灯再亮些' })]);
    expect(both.map((one) => one.status).sort()).toEqual([200, 410]);
    await poll.when(id, (one) => one.progress['quotaFull'] === 2, 'whoever waits in the full cell is withdrawn');
    expect((await submit(links[2], { known: 'yes', mark: '0' })).status).toBe(410);
    expect((await submit(links[3], { known: 'yes', mark: '2', opinion: ' ' })).status).toBe(200);
    const ended = await poll.when(id, (one) => one.state === 'ended', 'nobody is left');
    expect(ended).toMatchObject({ endedWhy: 'done', population: 4, progress: { sampled: 4, open: 0, answered: 2, quotaFull: 2, refused: 0 }, cells: [{ cell: east, drawn: 3, answered: 1, isFull: true }, { cell: west, drawn: 1, answered: 1, isFull: true }] });
    const results = await poll.done('GET', `/${id}/results`) as { questions: { code: string; answered: number; options: { value: string; count: number; of: number }[] }[] };
    expect(results).toMatchObject({ responseRate: { count: 2, of: 4, share: 0.5 }, brokenOff: 0 });
    expect(results.questions.map(({ code, answered }) => [code, answered])).toEqual([['known', 2], ['mark', 2], ['opinion', 1]]);
    expect(results.questions[1]).toMatchObject({ options: [{ value: '1', count: 0 }, { value: '2', count: 1, of: 2, share: 0.5 }, { value: '0', count: 0 }, { value: '9', count: 1 }], mean: { mean: 5.5, of: 2 } });
    // Cell by cell it is the same, and adds up.
    const of = async (cell: string) => poll.done('GET', `/${id}/results?cell=${cell}`);
    expect([await of(east), await of(west)]).toMatchObject([
      { cell: east, responseRate: { count: 1, of: 3 }, questions: [{ answered: 1 }, { mean: { mean: 9, of: 1 } }, { answered: 1 }] }, { cell: west, responseRate: { count: 1, of: 1 }, questions: [{ answered: 1 }, { mean: { mean: 2, of: 1 } }, { answered: 0 }] }]);
    expect((await poll.call('GET', `/${id}/results?cell=nowhere`)).status).toBe(404);
    expect((await poll.done('GET', `/${id}/answers?question=opinion`)).items).toEqual([expect.objectContaining({ text: '=1+1 路灯再亮些', cell: east, by: 'web', spokenSec: null })]);
    expect((await poll.call('GET', `/${id}/answers?question=known`)).status).toBe(404);
    const file = await fetch(`${city.origin}/api/campaigns/${id}/results.xlsx`, { headers: { cookie: poll.people.leader.cookie } });
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(await file.arrayBuffer());
    const rows: unknown[] = [];
    book.worksheets[0]?.eachRow((row) => rows.push((row.values as unknown[]).slice(1)));
    expect(rows[1]).toEqual(['应答率', '完成 / 已联系', 2, 4, 0.5, expect.closeTo(0.15, 2) as number, expect.closeTo(0.85, 2) as number]);
    expect(rows).toContainEqual(['您给热线打几分？', '2分', 1, 2, 0.5, expect.any(Number) as number, expect.any(Number) as number]);
    // What was asked of a case for a campaign changes nothing of it.
    expect(await query(city.pool, 'select distinct state from cases where id = any($1)', [cases])).toEqual([{ state: 'closed' }]);
    const survey = (await query<{ id: string; version: number }>(city.pool, 'select id, version from surveys where campaign_id = $1 limit 1', [id]))[0];
    const callback = await ask(city.origin, 'POST', `/api/surveys/${survey?.id ?? ''}/end`, { as: await enter(city.pool, ['callback']), body: { version: survey?.version, outcome: 'not_reached' } });
    expect(callback.body).toMatchObject({ code: 'action_not_allowed' });
  });
});

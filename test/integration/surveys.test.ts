import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter } from '../support/people.ts';
import { surveyDesk } from '../support/survey-desk.ts';
import { until } from '../support/until.ts';

describe('surveys by link and by a person', () => {
  const city = hotline();
  let desk: Awaited<ReturnType<typeof surveyDesk>>;
  beforeAll(async () => {
    desk = await surveyDesk(city.pool, city.origin);
    await city.pool.query(`update survey_rules set max_lines = 1, windows = '[]'`);
  });
  afterAll(async () => {
    await city.pool.query('update survey_rules set max_lines = 0, windows = default');
    await city.close();
  });
  const list = (path: string, as = desk.people.callback) => ask(city.origin, 'GET', `/api/surveys${path}`, { as });
  /** Where nobody may be called, whoever is due gets a link; which one stands in the file of the development's gateway. */
  const linked = async (phone: string, fields: object = {}) => {
    const caseId = await desk.accepted(phone, fields);
    await desk.surveyOf(caseId, (one) => one.state === 'by_person');
    await city.pool.query(`update surveys set state = 'due', next_try_at = now() where case_id = $1 and state = 'by_person'`, [caseId]);
    const survey = await desk.surveyOf(caseId, (one) => one.state === 'by_sms');
    const file = join(city.dataDir, 'sms.jsonl');
    const text = await until(() => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').findLast((line) => line.includes(phone)) : undefined), 'the message is sent');
    return { caseId, survey, text, path: /\/s\/[A-Za-z0-9_-]{22}/.exec(text)?.[0] ?? '' };
  };
  const submit = (path: string, form: Record<string, string>) => fetch(city.origin + path, { method: 'POST', body: new URLSearchParams(form) });

  it('are answered once by whoever has the link, on a page without a script', async () => {
    const { caseId, survey, text, path } = await linked('13800046001');
    expect(text).not.toContain('坑');
    const page = await (await fetch(city.origin + path)).text();
    expect(page).toContain('您反映的问题是否得到解决？');
    expect(page).not.toContain('<script');
    expect(page).not.toContain('13800046001');
    const english = await (await fetch(`${city.origin}${path}?lang=en`)).text();
    expect([/Has your problem been solved\?/, /Mostly satisfied/, /that you reported on \d{4}-\d\d-\d\d/].filter((one) => !one.test(english))).toEqual([]);
    expect(await (await submit(`${path}?lang=en`, { contacted: 'yes' })).text()).toContain('Please answer every question');
    expect((await fetch(`${city.origin}${path}?lang=xx`)).status).toBe(400);
    expect((await submit(path, { contacted: 'yes', solved: 'yes' })).status).toBe(422);
    expect((await submit(path, { contacted: 'yes', solved: 'perhaps', satisfied: 'satisfied' })).status).toBe(422);
    expect((await submit(path, { contacted: 'yes', solved: 'no', satisfied: 'dissatisfied', words: '晚上还是很吵' })).status).toBe(200);
    expect((await submit(path, { contacted: 'yes', solved: 'yes', satisfied: 'satisfied' })).status).toBe(410);
    expect((await fetch(city.origin + path)).status).toBe(410);
    expect(await desk.surveyOf(caseId, (one) => one.settledAt !== null)).toMatchObject({ id: survey.id, state: 'completed', endedBy: 'web', words: '晚上还是很吵' });
    expect(await desk.show(caseId)).toMatchObject({ state: 'rework' });
    expect(await query(city.pool, `select data->>'reason' as reason from case_events where case_id = $1 and type = 'rework'`, [caseId])).toEqual([{ reason: '市民回访：问题未解决，不满意。市民原话：晚上还是很吵' }]);
  });

  it('tell nothing of a confidential case, and a link that is over goes to a person', async () => {
    const { survey, caseId, text, path } = await linked('13800046002', { type: 'report' });
    const page = await (await fetch(city.origin + path)).text();
    const english = await (await fetch(`${city.origin}${path}?lang=en`)).text();
    for (const word of ['道路', 'Road', 'report', '坑', '13800046002', '举报']) expect(page + english + text.replace('13800046002', '')).not.toContain(word);
    await city.pool.query(`update surveys set link_expires_at = now() - interval '1 second' where id = $1`, [survey.id]);
    expect((await fetch(city.origin + path)).status).toBe(410);
    await desk.surveyOf(caseId, (one) => one.state === 'by_person');
    expect((await fetch(`${city.origin}/s/${'x'.repeat(22)}`)).status).toBe(410);
    expect((await fetch(`${city.origin}/s/short`)).status).toBe(400);
  });

  it('are asked by the callback group, which sees the questions, and never by the unit that handled the case', async () => {
    const caseId = await desk.accepted('');
    const one = await desk.surveyOf(caseId, (survey) => survey.state === 'by_person');
    expect((await list('?state=by_person')).body['items']).toEqual(expect.arrayContaining([expect.objectContaining({ id: one.id, caseId })]));
    expect((await list('', desk.people.roads)).body).toMatchObject({ code: 'forbidden' });
    const shown = (await list(`/${one.id}`)).body as { version: number; questions: { code: string }[] };
    expect(shown.questions.map((question) => question.code)).toEqual(['contacted', 'solved', 'satisfied']);
    const answer = (body: object, as = desk.people.callback) => ask(city.origin, 'POST', `/api/surveys/${one.id}/answers`, { as, body: { version: shown.version, ...body } });
    const insider = await enter(city.pool, ['callback'], false, desk.units.street);
    expect((await answer({ answers: { contacted: 'yes', solved: 'yes', satisfied: 'satisfied' } }, insider)).body).toMatchObject({ code: 'own_unit_may_not' });
    expect((await answer({ answers: { contacted: 'yes' } })).body).toMatchObject({ code: 'fields_missing', fields: ['solved', 'satisfied'] });
    expect((await answer({ answers: { contacted: 'yes', solved: 'maybe', satisfied: 'satisfied' } })).body).toMatchObject({ code: 'reference_unknown' });
    expect((await answer({ answers: { contacted: 'yes', solved: 'yes', satisfied: 'basically_satisfied' } })).status).toBe(204);
    expect((await answer({ answers: { contacted: 'yes', solved: 'yes', satisfied: 'basically_satisfied' } })).body).toMatchObject({ code: 'stale_version' });
    await desk.surveyOf(caseId, (survey) => survey.settledAt !== null);
    expect(await desk.show(caseId)).toMatchObject({ state: 'closed' });
  });

  it('are paused and resumed by a supervisor, who sees how they get on', async () => {
    const pause = (name: string, as = desk.people.manager) => ask(city.origin, 'POST', `/api/surveys/${name}`, { as });
    expect((await pause('pause', desk.people.callback)).body).toMatchObject({ code: 'forbidden' });
    expect((await pause('pause')).status).toBe(204);
    expect((await list('/progress', desk.people.manager)).body).toMatchObject({ pausedAt: expect.any(String) as string, lines: { most: 1 } });
    expect((await pause('resume')).status).toBe(204);
    expect((await list('/progress', desk.people.manager)).body).toMatchObject({ pausedAt: null });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hotline } from '../support/hotline.ts';
import { ask, enter } from '../support/people.ts';
import { surveyDesk } from '../support/survey-desk.ts';

type Rate = { count: number; of: number };
type Group = Record<'reached' | 'satisfied' | 'satisfiedAdjusted' | 'solved' | 'solvedAdjusted', Rate> & Record<'completed' | 'refused' | 'notReached' | 'open', number> & { key: string | null };
type Row = { state: string; isReached: boolean; satisfied: string | null; solved: string | null; isRatingExcused: boolean; isSolutionExcused: boolean };

describe('what the citizens said, counted', () => {
  const city = hotline();
  let desk: Awaited<ReturnType<typeof surveyDesk>>;
  const from = new Date().toISOString();
  beforeAll(async () => {
    desk = await surveyDesk(city.pool, city.origin);
    await city.pool.query(`update survey_rules set windows = '[]', link_days = 0`);
  });
  afterAll(async () => {
    await city.pool.query('update survey_rules set windows = default, link_days = default');
    await city.close();
  });
  const get = async (path: string, as = desk.people.manager) => (await ask(city.origin, 'GET', path, { as })).body;
  const post = (path: string, body: object, as = desk.people.callback) => ask(city.origin, 'POST', path, { as, body });
  const period = () => `from=${from}&to=${new Date(Date.now() + 60_000).toISOString()}`;
  const report = async (by = 'all') => (await get(`/api/reports/surveys?${period()}&by=${by}`))['groups'] as Group[];
  let number = 13_800_047_000;
  /** A citizen asked by hand; null: not reached. */
  const answered = async (answers: { contacted: string; solved: string; satisfied: string } | 'refused' | 'not_reached') => {
    const caseId = await desk.accepted(String((number += 1)));
    const { id } = await desk.surveyOf(caseId, (survey) => survey.state === 'by_person');
    const { version } = (await ask(city.origin, 'GET', `/api/surveys/${id}`, { as: desk.people.callback })).body as { version: number };
    const done = await (typeof answers === 'string' ? post(`/api/surveys/${id}/end`, { version, outcome: answers }) : post(`/api/surveys/${id}/answers`, { version, answers }));
    expect(done.status).toBe(204);
    await desk.surveyOf(caseId, (survey) => survey.settledAt !== null);
    return { caseId, surveyId: id };
  };
  const content = { contacted: 'yes', solved: 'yes', satisfied: 'satisfied' };

  it('gives each rate with numerator and denominator, raw and without what was decided not to count; everybody can count again', async () => {
    await answered(content);
    await answered({ ...content, satisfied: 'basically_satisfied' });
    await answered({ ...content, satisfied: 'no_opinion' });
    await answered('refused');
    await answered('not_reached');
    const { caseId } = await answered({ contacted: 'yes', solved: 'no', satisfied: 'dissatisfied' });
    await desk.accepted(String((number += 1)));
    const before = { reached: { count: 5, of: 7 }, satisfied: { count: 2, of: 3 }, satisfiedAdjusted: { count: 2, of: 3 }, solved: { count: 3, of: 4 }, solvedAdjusted: { count: 3, of: 4 }, completed: 4, refused: 1, notReached: 1, open: 1 };
    await desk.surveyOf(await desk.accepted(''), (survey) => survey.state === 'by_person');
    expect(await report()).toMatchObject([{ ...before, reached: { count: 5, of: 8 }, open: 2 }]);
    await desk.done(desk.people.roads, caseId, 'request-review', { reason: '市民要求超出职责' });
    expect(await report()).toMatchObject([{ satisfiedAdjusted: { count: 2, of: 3 } }]);
    await desk.done(desk.people.manager, caseId, 'decide-review', { isGranted: true, note: '属实' });
    const [all] = await report();
    expect(all).toMatchObject({ satisfied: { count: 2, of: 3 }, satisfiedAdjusted: { count: 2, of: 2 }, solved: { count: 3, of: 4 }, solvedAdjusted: { count: 3, of: 3 } });

    const rows = (await get(`/api/reports/surveys/rows?${period()}&limit=200`))['items'] as Row[];
    const count = (test: (row: Row) => boolean) => rows.filter(test).length;
    const isHappy = (row: Row) => row.satisfied === 'satisfied' || row.satisfied === 'basically_satisfied';
    expect(all).toMatchObject({
      reached: { count: count((row) => row.isReached), of: rows.length }, satisfied: { count: count(isHappy), of: count((row) => row.satisfied !== null) },
      satisfiedAdjusted: { count: count(isHappy), of: count((row) => row.satisfied !== null && !row.isRatingExcused) },
      solvedAdjusted: { count: count((row) => row.solved === 'yes'), of: count((row) => row.solved !== null && !row.isSolutionExcused) },
    });
    for (const by of ['unit', 'type', 'district']) {
      const groups = await report(by);
      expect(groups.reduce((sum, group) => sum + group.satisfied.of, 0)).toBe(all?.satisfied.of);
      expect(groups.reduce((sum, group) => sum + group.reached.of, 0)).toBe(all?.reached.of);
    }
    expect((await report('unit')).map((group) => group.key)).toEqual([desk.units.roads]);
  });

  it('pages the rows, refuses a period that is none, and who may not read reports', async () => {
    const first = await get(`/api/reports/surveys/rows?${period()}&limit=3`);
    const second = await get(`/api/reports/surveys/rows?${period()}&limit=200&cursor=${first['nextCursor'] as string}`);
    expect([(first['items'] as Row[]).length, (second['items'] as Row[]).length, second['nextCursor']]).toEqual([3, 5, null]);
    expect(await get(`/api/reports/surveys?from=${from}&to=${from}`)).toMatchObject({ code: 'reference_unknown' });
    expect(await get(`/api/reports/surveys?${period()}`, desk.people.roads)).toMatchObject({ code: 'forbidden' });
  });

  it('asks a sample again, by people who do not see what was answered, and tells how far the two agree', async () => {
    const pairs = [await answered(content), await answered(content), await answered({ ...content, satisfied: 'basically_satisfied' })];
    const ids = pairs.map((pair) => pair.surveyId);
    await city.pool.query(`update surveys set ended_by = 'phone', ended_at = '2020-01-01T10:00:00Z' where id = any($1)`, [ids]);
    await city.pool.query(`update survey_answers set by = 'phone' where survey_id = any($1)`, [ids]);
    const draw = (size: number) => post('/api/survey-checks', { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z', size, seed: 7 }, desk.people.manager);
    expect((await post('/api/survey-checks', { from, to: from, size: 1 })).body).toMatchObject({ code: 'forbidden' });
    expect((await draw(2)).body).toEqual({ drawn: 2 });
    expect((await draw(2)).body).toEqual({ drawn: 0 });
    expect((await draw(3)).body).toEqual({ drawn: 1 });

    const open = (await get('/api/survey-checks?state=open', desk.people.callback))['items'] as { id: string; caseId: string; version: number }[];
    expect(open.map((one) => one.caseId).sort()).toEqual(pairs.map((pair) => pair.caseId).sort());
    const ofCase = (at: number) => { const one = open.find((check) => check.caseId === pairs[at]?.caseId); if (!one) throw new Error('no check'); return one; };
    expect(JSON.stringify(await get(`/api/survey-checks/${ofCase(2).id}`, desk.people.callback))).not.toMatch(/"answers"|ended_by|words/);
    expect(await get(`/api/surveys/${ids[2] ?? ''}`, desk.people.callback)).toMatchObject({ answers: [], words: null });
    expect(await get(`/api/surveys/${ids[2] ?? ''}`, await enter(city.pool, ['supervisor', 'callback']))).toMatchObject({ answers: [{}, {}, {}] });
    const end = (at: number, answers: object | null, as = desk.people.callback) => post(`/api/survey-checks/${ofCase(at).id}/end`, { version: ofCase(at).version, answers }, as);
    expect((await end(0, { solved: 'yes' })).body).toMatchObject({ code: 'fields_missing', fields: ['contacted', 'satisfied'] });
    expect((await end(0, content, await enter(city.pool, ['callback'], false, desk.units.street))).body).toMatchObject({ code: 'own_unit_may_not' });
    expect((await post(`/api/survey-checks/${ofCase(0).id}/call`, {})).body).toMatchObject({ code: 'seat_not_signed_in' });
    for (const [at, answers] of [content, null, { ...content, satisfied: 'dissatisfied' }].entries()) expect((await end(at, answers)).status).toBe(204);
    expect((await end(0, content)).body).toMatchObject({ code: 'stale_version' });
    expect(await get(`/api/survey-checks/agreement?${period()}`)).toEqual({
      questions: [{ code: 'contacted', same: 2, of: 2, kappa: null }, { code: 'satisfied', same: 1, of: 2, kappa: 1 / 3 }, { code: 'solved', same: 2, of: 2, kappa: null }],
      different: [{ surveyId: ids[2], code: 'satisfied', byMachine: 'basically_satisfied', byPerson: 'dissatisfied' }],
    });
    expect(await get(`/api/surveys/${ids[2] ?? ''}`, desk.people.callback)).toMatchObject({ answers: [{}, {}, {}] });
  });
});

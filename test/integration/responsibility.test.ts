import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Answer, type Person } from '../support/people.ts';

type Proposal = { versionId: number | null; units: { unitId: string; basis: string; why: object }[]; left: { unitId: string; why: string }[] };

describe('whose a case is', () => {
  const city = hotline();
  const { pool, origin } = city;
  let admin: Person;
  let desk: Awaited<ReturnType<typeof caseDesk>>;
  beforeAll(async () => {
    admin = await enter(pool, ['admin']);
    desk = await caseDesk(pool, origin);
  });
  afterAll(() => city.close());
  const send = (method: string, path: string, body?: object): Promise<Answer> => ask(origin, method, path, { as: admin, ...(body ? { body } : {}) });
  const draft = (rules: object[], note = '') => send('PUT', '/api/responsibility-versions/draft', { rules, note });
  const proposal = async (id: string): Promise<Proposal> => (await ask(origin, 'GET', `/api/cases/${id}/unit-proposal`, { as: desk.people.dispatcher })).body as unknown as Proposal;

  it('is proposed by the rules of the first run at once', async () => {
    const id = await desk.saved({ categoryCode: 'utilities-water', districtCode: '330102' });
    const { units, versionId } = await proposal(id);
    expect(versionId).not.toBeNull();
    expect(units[0]).toMatchObject({ nameZh: '云州水务集团', why: { categoryCode: 'utilities-water', categoryLevel: 0, isDistrict: false } });
  });

  it('is what the published version says, the most specific rule first; drafts count for nothing, and old versions stay as they were', async () => {
    const { units } = desk;
    const rules = [
      { categoryCode: null, districtCode: null, unitId: units.city, basis: '兜底' }, { categoryCode: 'city', districtCode: null, unitId: units.roads, basis: '三定方案' },
      { categoryCode: 'city-road', districtCode: '330102', unitId: units.street, basis: '属地管理' },
    ];
    const before = (await proposal(await desk.saved({ categoryCode: 'city-road', districtCode: '330102' }))).versionId;
    expect((await draft([...rules, rules[0] ?? {}])).body).toMatchObject({ code: 'already_exists' });
    expect((await draft([{ categoryCode: 'no-such', districtCode: null, unitId: units.city }])).body).toMatchObject({ code: 'reference_unknown', unknown: { categories: ['no-such'] } });
    expect((await draft(rules, '二〇二六版')).body).toMatchObject({ publishedAt: null, ruleCount: 3 });
    const id = await desk.saved({ categoryCode: 'city-road', districtCode: '330102' });
    expect((await proposal(id)).versionId).toBe(before);
    const { body: published } = await send('POST', '/api/responsibility-versions/draft/publish');
    expect(await proposal(id)).toMatchObject({ versionId: published['id'], units: [{ unitId: units.street, why: { categoryLevel: 0, isDistrict: true } }, { unitId: units.roads, why: { categoryLevel: 1, isDistrict: false } }, { unitId: units.city, why: { categoryLevel: null } }] });
    // What it was given by is written down; one that no rule names was chosen by the dispatcher.
    const behind = async (caseId: string, leadUnitId: string) => {
      await desk.done(desk.people.dispatcher, caseId, 'dispatch', { leadUnitId });
      const { body } = await ask(origin, 'GET', `/api/cases/${caseId}/events`, { as: desk.people.dispatcher });
      return (body['items'] as { type: string; data: { rule?: object } }[]).find((one) => one.type === 'dispatch')?.data.rule;
    };
    expect(await behind(id, units.roads)).toEqual({ versionId: published['id'], categoryCode: 'city', districtCode: null });
    expect(await behind(await desk.saved({ categoryCode: 'city-road', districtCode: '330102' }), units.water)).toBeNull();
    expect((await send('POST', '/api/responsibility-versions/draft/publish')).status).toBe(409);
    expect((await send('GET', `/api/responsibility-versions/${String(before)}`)).body['rules']).not.toHaveLength(3);
  });

  it('is never the unit that is complained about, nor one below it, and says so', async () => {
    const { units } = desk;
    const id = await desk.saved({ type: 'complaint', categoryCode: 'city-road', districtCode: '330102', aboutUnitId: units.roads });
    expect(await proposal(id)).toMatchObject({ units: [{ unitId: units.city }], left: [{ unitId: units.street, why: 'complained_about' }, { unitId: units.roads, why: 'complained_about' }] });
    expect((await ask(origin, 'GET', `/api/cases/${id}/unit-proposal`, { as: desk.people.roads })).status).toBe(403);
  });
});

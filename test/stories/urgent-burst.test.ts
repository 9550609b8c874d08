import { describe, expect, it } from 'vitest';
import type { Shown } from '../support/case-desk.ts';
import { query } from '../../src/db/query.ts';
import { ask, type Person } from '../support/people.ts';
import { story } from '../support/story.ts';
import { until } from '../support/until.ts';

const cases = 1_000;
const seatCount = 10;
/** So many people work on them at once. */
const hands = 12;

describe('the urgent burst of a thousand in a day', () => {
  const { city, told } = story();

  it('is registered, dispatched, signed and handled without one missed or late, and each case is that of its call', async () => {
    await city.pool.query(`update queues set max_waiting = 2000, wrap_up_sec = 0, announce_every_sec = 0, ring_timeout_sec = 60`);
    const before = new Date();
    const plenty = { calls: cases };
    const seats = await Promise.all(Array.from({ length: seatCount }, (_, index) => city.seat(index, 'seat-hangs-up', { RING_MS: 20, TALK_MS: 150 }, plenty)));
    const citizens = city.citizen('citizen-waits', '13800041007', {}, '12345', { ...plenty, rate: 20, atOnce: 40 });
    const called = () => query<{ caseId: string }>(city.pool, `select case_id from calls where caller_number = '13800041007' and state = 'ended' and outcome = 'answered' and offered_at >= $1 order by id`, [before]);
    await until(async () => (await called()).length === cases, 'every call is over', 900_000);
    expect(await citizens.done).toBe(0);
    for (const seat of seats) await seat.act('sign_out');
    const ids = (await called()).map((call) => call.caseId);
    expect(new Set(ids).size).toBe(cases);

    const district = (await query<{ code: string }>(city.pool, 'select code from districts order by position limit 1'))[0]?.code;
    await inHands(ids, async (id) => {
      const { people, units } = told;
      const step = async (as: Person, method: string, path: string, body: object): Promise<number> => {
        const answer = await ask(city.origin, method, `/api/cases/${id}${path}`, { as, body });
        if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
        return (answer.body as unknown as Shown).version;
      };
      const { version: first } = await told.show(id);
      let version = await step(people.dispatcher, 'PATCH', '', { version: first, type: 'help', categoryCode: 'city-road', districtCode: district, cause: '小区被封控，急需药品', urgency: 'urgent' });
      version = await step(people.dispatcher, 'POST', '/actions/save_for_dispatch', { version });
      version = await step(people.dispatcher, 'POST', '/acts/dispatch', { version, leadUnitId: units.roads });
      version = await step(people.roads, 'POST', '/acts/sign', { version });
      version = await step(people.roads, 'POST', '/acts/note-contact', { version, note: '已电话联系' });
      version = await step(people.roads, 'POST', '/acts/hand-in', { version, outcome: 'solved', publicReply: '药品已送达。' });
      version = await step(people.dispatcher, 'POST', '/acts/accept-feedback', { version });
      version = await step(people.callback, 'POST', '/acts/close', { version });
      await step(people.dispatcher, 'POST', '/acts/archive', { version });
    });

    // 漏办 0, 延办 0: counted from the rows themselves.
    const [count] = await query<{ archived: number; missed: number; late: number; supervised: number; numbers: number }>(city.pool, `select
        count(*) filter (where k.state = 'archived')::int as archived, count(*) filter (where k.is_supervised)::int as supervised, count(distinct k.number)::int as numbers,
        count(*) filter (where not exists (select from case_feedbacks f where f.case_id = k.id))::int as missed,
        count(*) filter (where exists (select from case_feedbacks f where f.case_id = k.id and f.at > f.due_at) or exists (select from case_units u where u.case_id = k.id and u.signed_at > u.sign_due_at))::int as late
      from cases k where k.id = any($1)`, [ids]);
    expect(count).toEqual({ archived: cases, supervised: cases, numbers: cases, missed: 0, late: 0 });
    const report = await ask(city.origin, 'GET', `/api/reports/urgent?from=${before.toISOString()}&to=${new Date(Date.now() + 60_000).toISOString()}`, { as: told.people.manager });
    expect(report.body).toMatchObject({ missed: { count: 0 }, late: { count: 0 }, open: { count: 0 }, named: [] });
    expect((report.body['inTime'] as { of: number }).of).toBe(cases);
    expect(await query(city.pool, 'select id from case_alarms where case_id = any($1) and (rung_at is not null or not is_off)', [ids])).toEqual([]);
  });
});

/** Each once, some at a time. */
async function inHands(ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
  const left = [...ids];
  await Promise.all(Array.from({ length: hands }, async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) await work(id);
  }));
}

import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createYearWatch } from '../../src/calendar/watch-years.ts';
import { createCalendarFollower, followCalendar } from '../../src/cases/deadlines/follow-calendar.ts';
import { applyCaseAct } from '../../src/cases/life/apply-case-act.ts';
import { openCase } from '../../src/cases/open-case.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import { capturedLog } from '../support/captured-log.ts';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { ownDatabase } from '../support/own-database.ts';
import { ask, enter } from '../support/people.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { growUnit } from '../support/unit-tree.ts';
import { until } from '../support/until.ts';

describe('a year whose official days are not known', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  let unitId: string;
  let now = new Date();
  const captured = capturedLog();
  const woken: string[] = [];
  const deps = () => ({ pool: db.pool, log: captured.log, now: () => now, jobs: { wake: (_name: string, { alarmId }: { alarmId: string }) => { woken.push(alarmId); return Promise.resolve(); } } }) as unknown as Deps;
  beforeAll(async () => {
    db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    unitId = await growUnit(db.pool, '道路处');
  });
  afterAll(() => db.close());
  const enterDays = (days: readonly string[], kind = 'holiday') => db.pool.query(`insert into calendar_days (day, kind, name_zh) select day::date, $2, '元旦' from unnest($1::text[]) as day`, [days, kind]);
  const china = (text: string) => new Date(`${text}+08:00`);
  type Row = { dueAt: Date; warnAt: Date; version: number };
  const clockOf = async (caseId: string) => (await query<Row>(db.pool, 'select due_at, warn_at, version from cases where id = $1', [caseId]))[0];
  const alarmsOf = (caseId: string) => query<{ id: string; kind: string; at: Date }>(db.pool, 'select id, kind, at from case_alarms where case_id = $1 and rung_at is null order by at, kind', [caseId]);

  it('is logged once a day: this year always, the next from 1 November on', async () => {
    const watch = createYearWatch();
    const said = async (at: string) => {
      now = china(at);
      captured.lines.length = 0;
      await watch(deps());
      return captured.lines.map((line) => (line as unknown as { year: number }).year);
    };
    expect([await said('2026-10-31T12:00'), await said('2026-11-01T00:30'), await said('2026-11-01T09:00'), await said('2026-11-02T00:01')]).toEqual([[], [2027], [], [2027]]);
    expect(await said('2028-03-01T09:00')).toEqual([2028]);
  });

  it('moves, when they are entered, every deadline that counted its days, with its alarms, and no other', async () => {
    now = china('2026-12-28T10:00'); // Monday: five working days end on Monday 4 January as long as 1 January counts as one
    const dispatched = async (more = '') => {
      const caseId = uuid();
      await transaction(db.pool, (tx) => openCase(tx, { caseId, channel: 'visit', phoneRaw: '13811112222', areaCode: '0571', at: now }));
      await db.pool.query(`update cases set state = 'pending_dispatch', type = 'help' ${more} where id = $1`, [caseId]);
      await applyCaseAct(deps(), { userId: null, unitId: null }, { caseId, act: 'dispatch', given: { leadUnitId: unitId } });
      return caseId;
    };
    const [ordinary, urgent, suspended, ordered] = [await dispatched(), await dispatched(`, urgency = 'urgent'`), await dispatched(), await dispatched()];
    now = china('2026-12-31T10:00');
    await applyCaseAct(deps(), { userId: null, unitId: null }, { caseId: ordered, act: 'open_order', given: { reason: '督办' } });
    for (const caseId of [ordinary, suspended]) await applyCaseAct(deps(), { userId: null, unitId }, { caseId, act: 'sign', given: {} });
    await applyCaseAct(deps(), { userId: null, unitId }, { caseId: ordinary, act: 'request_extension', given: { reason: '需要时间' } });
    await applyCaseAct(deps(), { userId: null, unitId }, { caseId: suspended, act: 'request_suspension', given: { reason: '等待施工', reviewAt: china('2027-03-01T09:00').toISOString() } });
    await applyCaseAct(deps(), { userId: null, unitId: null }, { caseId: suspended, act: 'suspend', given: {} });
    const urgentDue = (await clockOf(urgent))?.dueAt;
    expect([await clockOf(ordinary), await clockOf(suspended)]).toMatchObject([{ dueAt: china('2027-01-05T00:00') }, { dueAt: china('2027-01-05T00:00') }]);

    woken.length = 0;
    const follow = createCalendarFollower();
    await follow(deps()); // nothing new
    expect(woken).toEqual([]);
    await enterDays(['2027-01-01', '2027-01-02', '2027-01-03']);
    await follow(deps());
    expect(await clockOf(ordinary)).toMatchObject({ dueAt: china('2027-01-06T00:00'), warnAt: china('2027-01-05T00:00') });
    expect((await clockOf(suspended))?.dueAt).toEqual(china('2027-01-06T00:00'));
    expect((await clockOf(urgent))?.dueAt).toEqual(urgentDue);
    // Contact in one working day from Thursday, a decision in two, an order in three: 1 January was none.
    expect((await alarmsOf(ordinary)).map(({ kind, at }) => [kind, at])).toEqual([['contact', china('2027-01-05T00:00')], ['yellow', china('2027-01-05T00:00')], ['decision', china('2027-01-06T00:00')], ['red', china('2027-01-06T00:00')]]);
    expect((await alarmsOf(ordered)).find(({ kind }) => kind === 'supervision')?.at).toEqual(china('2027-01-07T00:00'));
    expect(woken).toEqual(expect.arrayContaining((await alarmsOf(ordinary)).map(({ id }) => id)));
    const told = await query<{ data: { dueAt: string; before: string } }>(db.pool, `select data from case_events where case_id = $1 and type = 'deadline_counted_anew'`, [ordinary]);
    expect(told.map((one) => one.data)).toEqual([{ dueAt: china('2027-01-06T00:00').toISOString(), before: china('2027-01-05T00:00').toISOString() }]);

    // A day of work instead, and that once more changes nothing; what was decided on by people stays.
    now = china('2027-01-02T10:00');
    await applyCaseAct(deps(), { userId: null, unitId: null }, { caseId: suspended, act: 'resume', given: {} });
    await enterDays(['2027-01-09'], 'workday');
    await followCalendar(deps());
    // Thursday's day is used up, two were left when the clock stopped: 4 and 5 January.
    expect((await clockOf(suspended))?.dueAt).toEqual(china('2027-01-06T00:00'));
    const before = await query(db.pool, 'select count(*) from case_events');
    await followCalendar(deps());
    expect(await query(db.pool, 'select count(*) from case_events')).toEqual(before);
  });

  it('leaves what was counted by the days of before to the next look', async () => {
    now = china('2027-01-11T10:00');
    const follow = createCalendarFollower();
    await follow(deps());
    await enterDays(['2027-01-13']);
    await follow(deps());
    const caseId = uuid();
    await transaction(db.pool, (tx) => openCase(tx, { caseId, channel: 'visit', phoneRaw: '13811112222', areaCode: '0571', at: now }));
    await db.pool.query(`update cases set state = 'pending_dispatch', type = 'help' where id = $1`, [caseId]);
    await applyCaseAct(deps(), { userId: null, unitId: null }, { caseId, act: 'dispatch', given: { leadUnitId: unitId } });
    // As an act would have left it that had read the calendar before the day was entered.
    await db.pool.query(`update cases set due_at = due_at - interval '1 day' where id = $1`, [caseId]);
    await follow(deps());
    expect((await clockOf(caseId))?.dueAt).toEqual(china('2027-01-19T00:00'));
    now = new Date(now.getTime() + 61_000);
    await follow(deps());
    expect((await clockOf(caseId))?.dueAt).toEqual(china('2027-01-20T00:00'));
  });
});

describe('a year whose official days are not known, on a running service', () => {
  const city = hotline();
  const { pool, origin } = city;
  afterAll(() => city.close());

  it('shows in the configuration and the metrics, makes deadlines provisional, and no longer once it is published', async () => {
    const admin = await enter(pool, ['admin']);
    const desk = await caseDesk(pool, origin);
    const status = async () => (await ask(origin, 'GET', '/api/configuration/calendar-status', { as: admin })).body as { years: { year: number; isPublished: boolean }[]; missingYears: number[] };
    const metrics = async () => (await ask(origin, 'GET', '/metrics', { as: admin })).text;
    const [thisYear] = (await status()).years;
    const year = thisYear?.year ?? 0;
    const { rows: kept } = await pool.query<{ day: string; kind: string; nameZh: string }>(`with gone as (delete from calendar_days where extract(year from day) = $1 returning to_char(day, 'YYYY-MM-DD') as day, kind, name_zh) select day, kind, name_zh as "nameZh" from gone`, [year]);
    expect((await status()).missingYears).toContain(year);
    expect(await metrics()).toContain(`hotline_calendar_published{year="${year}"} 0`);
    await pool.query(`insert into calendar_days (day, kind, name_zh) select day::date, kind, "nameZh" from jsonb_to_recordset($1) as d (day text, kind text, "nameZh" text)`, [JSON.stringify(kept)]);
    expect((await status()).missingYears.includes(year)).toBe(kept.length === 0);
    expect(await metrics()).toContain(`hotline_calendar_published{year="${year}"} ${kept.length === 0 ? 0 : 1}`);
    expect((await ask(origin, 'GET', '/api/configuration/calendar-status', { as: desk.people.roads })).status).toBe(403);

    // A case of 2098 that is due in 2099: Monday 29 December and five working days.
    const id = await desk.saved();
    await desk.done(desk.people.dispatcher, id, 'dispatch', { leadUnitId: desk.units.water });
    await pool.query(`update cases set counted_from = '2098-12-29T02:00:00Z', counted_workdays = 5, due_at = '2099-01-05T16:00:00Z' where id = $1`, [id]);
    await pool.query(`update case_units set counted_from = null, sign_workdays = null, due_workdays = null where case_id = $1`, [id]);
    const life = async () => (await desk.life(id)) as unknown as { isProvisional: boolean; dueAt: string; parts: { isProvisional: boolean }[] };
    expect(await life()).toMatchObject({ isProvisional: true, parts: [{ isProvisional: false }] });
    const publish = (day: string) => ask(origin, 'PUT', `/api/configuration/calendar-days/${day}`, { as: admin, body: { kind: 'holiday', nameZh: '假日' } });
    expect((await publish('2098-10-01')).status).toBe(201);
    expect(await life()).toMatchObject({ isProvisional: true });
    expect((await publish('2099-01-01')).status).toBe(201);
    expect(await life()).toMatchObject({ isProvisional: false });
    await until(async () => (await life()).dueAt === '2099-01-06T16:00:00.000Z', 'the service counts it anew by itself');
    for (const day of ['2098-10-01', '2099-01-01']) expect((await ask(origin, 'DELETE', `/api/configuration/calendar-days/${day}?version=1`, { as: admin })).status).toBe(200);
    await until(async () => (await life()).dueAt === '2099-01-05T16:00:00.000Z', 'and back');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { ringAlarm, ringDueAlarms } from '../../src/cases/deadlines/ring-alarm.ts';
import type { Deps } from '../../src/deps.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import { applyCaseAct } from '../../src/cases/life/apply-case-act.ts';
import { openCase } from '../../src/cases/open-case.ts';
import { v7 as uuid } from 'uuid';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { growUnit } from '../support/unit-tree.ts';
import { ownDatabase } from '../support/own-database.ts';

const hourMs = 3_600_000;

describe('the alarms of a case, with or without Redis', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  let unitId: string;
  let now = new Date('2026-09-25T02:00:00Z');
  const woken: { alarmId: string; at: Date }[] = [];
  const depsAt = (): Deps => ({ pool: db.pool, log: pino({ level: 'silent' }), now: () => now, jobs: { wake: (_name: string, payload: { alarmId: string }, at: Date) => { woken.push({ ...payload, at }); return Promise.resolve(); } } }) as unknown as Deps;
  beforeAll(async () => {
    db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    unitId = await growUnit(db.pool, '道路处');
  });
  afterAll(() => db.close());

  /** Dispatched on Friday 25 September 2026, 10:00 in China; due after five working days, with National Day between. */
  const dispatched = async (more = '') => {
    now = new Date('2026-09-25T02:00:00Z');
    const caseId = uuid();
    await transaction(db.pool, (tx) => openCase(tx, { caseId, channel: 'visit', phoneRaw: '13811112222', areaCode: '0571', at: now }));
    await db.pool.query(`update cases set state = 'pending_dispatch', type = 'help' ${more} where id = $1`, [caseId]);
    await applyCaseAct(depsAt(), { userId: null, unitId: null }, { caseId, act: 'dispatch', given: { leadUnitId: unitId } });
    return caseId;
  };
  const rung = async (caseId: string) => (await query<{ type: string }>(db.pool, `select type from case_events where case_id = $1 and type like 'alarm%' order by id`, [caseId])).map((row) => row.type);

  it('are set for yellow, red and the signature, by the official calendar', async () => {
    woken.length = 0;
    const caseId = await dispatched();
    const rows = await query<{ kind: string; at: Date }>(db.pool, 'select kind, at from case_alarms where case_id = $1 order by at', [caseId]);
    // 28, 29, 30 September, 8 and 9 October are the five; 1 to 7 October are holidays, and so is 25 September (Mid-Autumn), which does not count anyway.
    expect(rows.map((row) => [row.kind, row.at.toISOString()])).toEqual([
      ['sign', '2026-09-28T16:00:00.000Z'], ['yellow', '2026-10-08T16:00:00.000Z'], ['red', '2026-10-09T16:00:00.000Z']]);
    expect(woken.length).toBe(3);
  });

  it('ring each once, also when all of them were missed over a long weekend and several processes look at once', async () => {
    const caseId = await dispatched();
    now = new Date('2026-10-20T02:00:00Z');
    await Promise.all([1, 2, 3].map(() => ringDueAlarms(depsAt())));
    expect((await rung(caseId)).sort()).toEqual(['alarm_red', 'alarm_sign', 'alarm_yellow']);
    expect((await query(db.pool, 'select 1 from cases where id = $1 and is_supervised', [caseId])).length).toBe(1);
    await ringDueAlarms(depsAt());
    expect((await rung(caseId)).length).toBe(3);
  });

  it('do not ring before their time, nor for what was done meanwhile', async () => {
    woken.length = 0;
    const caseId = await dispatched();
    for (const { alarmId } of woken) await ringAlarm(depsAt(), alarmId);
    expect(await rung(caseId)).toEqual([]);
    await applyCaseAct(depsAt(), { userId: null, unitId }, { caseId, act: 'sign', given: {} });
    now = new Date('2026-09-29T02:00:00Z');
    for (const { alarmId } of [...woken]) await ringAlarm(depsAt(), alarmId);
    // Nobody spoke with the citizen within a working day.
    expect(await rung(caseId)).toEqual(['alarm_contact']);
  });

  it('ring again when the ringing was not committed', async () => {
    const caseId = await dispatched();
    now = new Date('2026-09-29T02:00:00Z');
    const [alarm] = await query<{ id: string }>(db.pool, `select id from case_alarms where case_id = $1 and kind = 'sign'`, [caseId]);
    await db.pool.query(`create function refuse_alarm() returns trigger language plpgsql as $$ begin raise exception 'killed here'; end $$;
      create trigger refuse_alarm before insert on case_events for each row when (new.type = 'alarm_sign') execute function refuse_alarm()`);
    await expect(ringAlarm(depsAt(), alarm?.id ?? '')).rejects.toThrow('killed here');
    await db.pool.query('drop trigger refuse_alarm on case_events; drop function refuse_alarm');
    await ringDueAlarms(depsAt());
    expect(await rung(caseId)).toEqual(['alarm_sign']);
  });

  it('of an urgent case run by the clock, through night and holiday', async () => {
    const caseId = await dispatched(`, urgency = 'urgent'`);
    const [row] = await query<{ dueAt: Date; warnAt: Date }>(db.pool, 'select due_at, warn_at from cases where id = $1', [caseId]);
    expect([row?.dueAt.getTime(), row?.warnAt.getTime()]).toEqual([now.getTime() + 24 * hourMs, now.getTime() + 19.2 * hourMs]);
  });
});

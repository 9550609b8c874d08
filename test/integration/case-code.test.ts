import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newCall } from '../../src/calls/call.ts';
import { insertCall } from '../../src/calls/queries.ts';
import { caseCode, unitCode } from '../../src/cases/case-code.ts';
import { checkCaseCode } from '../../src/cases/check-case-code.ts';
import { checkUnitCode } from '../../src/cases/check-unit-code.ts';
import { openCase } from '../../src/cases/open-case.ts';
import { write } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { growUnit } from '../support/unit-tree.ts';

const key = 'a key of a test only';
const day = new Date('2031-07-01T04:00:00Z');

describe('the code of a case, keyed by a caller', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  let clock = day;
  const deps = { config: { HOTLINE_CASE_CODE_KEY: key } as Deps['config'], now: () => clock };
  beforeAll(async () => { db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? ''); });
  afterAll(() => db.close());

  const open = () => transaction(db.pool, (tx) => openCase(tx, { caseId: uuid(), channel: 'phone', phoneRaw: '', areaCode: '0571', at: day }));
  const ring = async (callerNumber: string | null) => {
    const { id: caseId } = await open();
    const call = newCall({ id: uuid(), direction: 'inbound', calledNumber: '12345', callerRaw: '', callerNumber, callerKind: 'mobile', legs: [] }, day);
    await transaction(db.pool, (tx) => write(tx, insertCall({ ...call, queueId: '12345', caseId })));
    return { callId: call.id, callerNumber };
  };
  const check = (caller: Awaited<ReturnType<typeof ring>>, caseNumber: string, code: string) => transaction(db.pool, (tx) => checkCaseCode(deps, tx, { ...caller, caseNumber, code }));
  const wrongOf = (id: string) => (caseCode(key, id) === '000000' ? '000001' : '000000');

  it('follows from the case and the key alone, six digits, another for each', async () => {
    const ids = Array.from({ length: 200 }, () => uuid());
    expect(ids.every((id) => /^\d{6}$/.test(caseCode(key, id)) && caseCode(key, id) === caseCode(key, id))).toBe(true);
    expect(new Set(ids.map((id) => caseCode(key, id))).size).toBeGreaterThan(190);
    expect(ids.filter((id) => caseCode(key, id) === caseCode(`${key}.`, id)).length).toBeLessThan(5);
  });

  it('is right for its own case only, and a case that does not exist is answered like a wrong code', async () => {
    const [caller, one, other] = [await ring('13900000001'), await open(), await open()];
    expect(await check(caller, one.number, caseCode(key, one.id))).toMatchObject({ result: 'right', found: { id: one.id } });
    expect(await check(caller, other.number, caseCode(key, one.id))).toEqual({ result: 'wrong' });
    expect(await check(caller, '20310701-999999', caseCode(key, one.id))).toEqual({ result: 'wrong' });
  });

  it('is not looked at after five wrong ones for the case within an hour, by whomever and however many at once', async () => {
    const one = await open();
    const callers = await Promise.all(Array.from({ length: 8 }, (_, index) => ring(`1390000010${index}`)));
    const answers = await Promise.all(callers.map((caller) => check(caller, one.number, wrongOf(one.id))));
    expect(answers.filter(({ result }) => result === 'wrong')).toHaveLength(5);
    const citizen = await ring('13900000200');
    expect(await check(citizen, one.number, caseCode(key, one.id))).toEqual({ result: 'locked' });
    clock = new Date(day.getTime() + 3_600_001);
    expect(await check(citizen, one.number, caseCode(key, one.id))).toMatchObject({ result: 'right' });
  });

  it('is not looked at after ten wrong ones of one caller, for whatever cases', async () => {
    const caller = await ring('13900000300');
    for (let tried = 0; tried < 10; tried += 1) {
      const one = await open();
      expect(await check(caller, one.number, wrongOf(one.id))).toEqual({ result: 'wrong' });
    }
    const last = await open();
    expect(await check(caller, last.number, caseCode(key, last.id))).toEqual({ result: 'locked' });
    expect(await check(await ring('13900000301'), last.number, caseCode(key, last.id))).toMatchObject({ result: 'right' });
  });

  describe('by a unit that wants to reach the citizen', () => {
    /** A case with a part of a unit that is known by these numbers. */
    const atUnit = async (phone = '13911110001') => {
      const one = await transaction(db.pool, (tx) => openCase(tx, { caseId: uuid(), channel: 'phone', phoneRaw: phone, areaCode: '0571', at: day }));
      const unitId = await growUnit(db.pool, '承办单位');
      await db.pool.query(`update units set phones = '[{"number":"87650001","note":""}]', liaisons = '[{"name":"甲","phone":"13900000501"}]' where id = $1`, [unitId]);
      await db.pool.query(`insert into case_units (id, case_id, unit_id, role, arrived_at, sign_due_at, due_at) values (gen_random_uuid(), $1, $2, 'lead', $3, $3, $3)`, [one.id, unitId, day]);
      return { ...one, unitId };
    };
    const reach = (caller: Awaited<ReturnType<typeof ring>>, caseNumber: string, code: string) => transaction(db.pool, (tx) => checkUnitCode(unitDeps, tx, { ...caller, caseNumber, code }));
    const unitDeps = { config: { HOTLINE_CASE_CODE_KEY: key, HOTLINE_AREA_CODE: '0571' } as Deps['config'], now: () => clock };

    it('is another than the citizen’s own, which puts nobody through', async () => {
      const one = await atUnit();
      expect(unitCode(key, one.id)).not.toBe(caseCode(key, one.id));
      const caller = await ring('057187650001');
      expect(await reach(caller, one.number, caseCode(key, one.id))).toEqual({ result: 'wrong' });
      expect(await check(caller, one.number, unitCode(key, one.id))).toEqual({ result: 'wrong' });
      expect(await reach(caller, one.number, unitCode(key, one.id))).toEqual({ result: 'admitted', caseId: one.id, unitId: one.unitId, number: '13911110001' });
    });

    it('is right from phones, liaisons and whoever is on duty of a unit that works on the case, and from nobody else', async () => {
      const one = await atUnit();
      await db.pool.query(`insert into unit_duties (id, unit_id, starts_at, ends_at, name, phone) values (gen_random_uuid(), $1, $2::timestamptz - interval '1 hour', $2::timestamptz + interval '8 hours', '乙', '13900000502'),
        (gen_random_uuid(), $1, $2::timestamptz - interval '9 hours', $2::timestamptz - interval '1 hour', '丙', '13900000503')`, [one.unitId, clock]);
      const from = async (number: string | null) => (await reach(await ring(number), one.number, unitCode(key, one.id))).result;
      expect([await from('057187650001'), await from('13900000501'), await from('13900000502')]).toEqual(['admitted', 'admitted', 'admitted']);
      expect([await from('13900000503'), await from('13900000599'), await from(null)]).toEqual(['wrong', 'wrong', 'wrong']);
      await db.pool.query(`update case_units set ended_at = now(), ended_why = 'returned' where case_id = $1`, [one.id]);
      expect(await from('13900000501')).toBe('wrong');
      // Each counted like a wrong code, and with the next one the case is locked.
      expect(await from('13900000501')).toBe('wrong');
      expect(await from('13900000501')).toBe('locked');
    });

    it('puts nobody through where the citizen left no number', async () => {
      const one = await atUnit('');
      expect(await reach(await ring('057187650001'), one.number, unitCode(key, one.id))).toEqual({ result: 'no_number' });
    });
  });
});

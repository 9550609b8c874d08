import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { openKeypad } from '../support/keypad.ts';
import { ask } from '../support/people.ts';
import { talks } from '../support/talks.ts';
import { until } from '../support/until.ts';

const [unitPhone, citizenPhone] = ['057100001234', '13800041300'];
/** A phone fails when who calls it is named by either number, wherever callers are named. */
const named = `(From|P-Asserted-Identity|Remote-Party-ID|Diversion): *[^>]*(${unitPhone}|${citizenPhone})`;

describe('a masked call, on the real Asterisk', () => {
  const city = hotline();
  const { untilHeard } = talks(city);
  let desk: Awaited<ReturnType<typeof caseDesk>>;
  let caseId = '';
  beforeAll(async () => {
    desk = await caseDesk(city.pool, city.origin);
    await city.pool.query(`update units set phones = $2 where id = $1`, [desk.units.street, JSON.stringify([{ number: unitPhone, note: '值班' }])]);
    const opened = await desk.post(desk.people.operator, '/api/cases', { channel: 'visit', phone: citizenPhone });
    caseId = String(opened.body['id']);
    const { rows: [district] } = await city.pool.query<{ code: string }>('select code from districts limit 1');
    const edited = await ask(city.origin, 'PATCH', `/api/cases/${caseId}`, { as: desk.people.operator, body: { version: opened.body['version'], type: 'report', categoryCode: 'city-road', districtCode: district?.code, cause: '举报偷工减料' } });
    await desk.post(desk.people.operator, `/api/cases/${caseId}/actions/save_for_dispatch`, { version: edited.body['version'] });
    await desk.done(desk.people.dispatcher, caseId, 'dispatch', { leadUnitId: desk.units.street });
    await desk.done(desk.people.street, caseId, 'sign');
  });
  const dial = (as = desk.people.street, number = unitPhone) => desk.post(as, `/api/cases/${caseId}/masked-call`, { number });
  const stateOf = async (callId: string) => (await query<{ state: string; outcome: string | null }>(city.pool, 'select state, outcome from calls where id = $1', [callId]))[0];

  it('rings the unit, then the citizen; they talk and are recorded, and neither phone is told the other’s number', async () => {
    const phones = await city.party('phone-learns-no-number', { RING_MS: 300, NAMED: named }, { calls: 2 });
    const { status, body } = await dial();
    expect(status).toBe(202);
    const callId = String(body['callId']);
    expect(Object.keys(body)).toEqual(['callId']);
    await until(async () => (await stateOf(callId))?.state === 'talking', 'unit and citizen talk');
    await untilHeard(callId, ['citizen', 'operator']);
    expect((await dial()).body).toMatchObject({ code: 'call_is_live' });
    await desk.post(desk.people.manager, `/api/calls/${callId}/hang-up`);
    expect(await city.endOf(callId)).toMatchObject({ outcome: 'answered', caseId });
    expect(await phones.done).toBe(0);
    await until(async () => (await query(city.pool, 'select 1 from recordings where call_id = $1 and stored_at is not null', [callId])).length === 1, 'it is recorded');
    // Neither number is left in the call.
    await until(async () => (await query(city.pool, 'select 1 from sealed_callers where call_id = $1', [callId])).length === 1, 'the numbers are sealed');
    expect(await query(city.pool, `select c.called_number, l.number from calls c join call_legs l on l.call_id = c.id where c.id = $1 and (c.called_number <> '' or l.number is not null)`, [callId])).toEqual([]);
    expect((await desk.post(desk.people.dispatcher, `/api/calls/${callId}/identity`, { reason: '核实举报线索' })).body).toMatchObject({ callerNumber: null, calledNumber: citizenPhone });
    // The case stays whose it was, and its timeline tells of the talk without a number.
    const { text } = await ask(city.origin, 'GET', `/api/cases/${caseId}/events`, { as: desk.people.street });
    expect(text).toContain('masked_call');
    expect(text).not.toMatch(new RegExp(`${unitPhone}|${citizenPhone}`));
    expect((await desk.life(caseId)).leadUnitId).toBe(desk.units.street);
    await city.quiet();
  });

  it('ends by itself where nobody lifts, and is for phones and cases of the own unit only', async () => {
    expect((await dial(desk.people.street, '057199998888')).body).toMatchObject({ code: 'number_not_of_unit' });
    expect((await dial(desk.people.water)).status).toBe(404);
    expect((await dial(desk.people.roads)).body).toMatchObject({ code: 'not_your_case' });
    expect((await dial(desk.people.dispatcher)).status).toBe(403);
    await city.party('phone-refuses');
    const { body } = await dial();
    expect(await city.endOf(String(body['callId']))).toMatchObject({ outcome: 'seat_no_answer' });
    await city.quiet();
  });

  describe('by a call to the hotline and a code', () => {
    const hotlineNumber = '96003';
    const keypads: Awaited<ReturnType<typeof openKeypad>>[] = [];
    const shown = async (as = desk.people.street) => (await ask(city.origin, 'GET', `/api/cases/${caseId}`, { as })).body as { number: string; maskedCallCode: string | null };
    beforeAll(async () => {
      await city.pool.query(`update menus set prompts = '{number-1}', timeout_sec = 10 where id = 'masked'`);
      await city.pool.query(`insert into numbers (number, queue_id, greeting_prompts, menu_id) values ($1, '12345', '{}', 'masked')`, [hotlineNumber]);
    });
    afterEach(() => { for (const keypad of keypads.splice(0)) keypad.close(); });
    afterAll(() => city.pool.query('delete from numbers where number = $1', [hotlineNumber]));

    const call = async (caller: string, named = `(${citizenPhone})`) => {
      const before = (await query<{ id: string }>(city.pool, 'select id from calls where caller_number = $1', [caller])).map((row) => row.id);
      const keypad = await openKeypad();
      keypads.push(keypad);
      const phone = city.citizen('unit-keys', caller, { NAMED: named }, hotlineNumber, { mediaPort: keypad.port });
      type Row = { id: string; state: string; outcome: string | null; direction: string; caseId: string; menu: { step: string; wrongCodes: number } | null };
      // By its id: once it is over, the number of a call about a confidential case stands nowhere.
      const id = await until(async () => (await query<{ id: string }>(city.pool, 'select id from calls where caller_number = $1 order by id desc limit 1', [caller])).find((one) => !before.includes(one.id))?.id, 'the call is there');
      const row = async () => (await query<Row>(city.pool, 'select id, state, outcome, direction, case_id, menu from calls where id = $1', [id]))[0];
      const when = (test: (one: Row) => boolean, what: string) => until(async () => [await row()].find((one) => one && test(one)), what);
      const key = async (number: string, code: string) => {
        await when((one) => one.menu?.step === 'case_number', 'the number is asked for');
        await keypad.press(number.replace('-', ''));
        await when((one) => one.menu?.step === 'case_code', 'the code is asked for');
        await keypad.press(code);
      };
      return { phone, row, when, key };
    };

    it('puts the unit’s phone through to the citizen, recorded, and neither phone is told the other’s number', async () => {
      const { number, maskedCallCode } = await shown();
      expect(maskedCallCode).toMatch(/^\d{6}$/);
      expect((await shown(desk.people.dispatcher)).maskedCallCode).toBeNull();
      const citizen = await city.party('phone-learns-no-number', { RING_MS: 300, NAMED: named });
      const unit = await call(unitPhone);
      const { id: callId, caseId: ownCaseId } = await unit.when((one) => one.state === 'menu', 'the number is asked for');
      await unit.key(number, maskedCallCode ?? '');
      expect(await unit.when((one) => one.state === 'talking', 'unit and citizen talk')).toMatchObject({ id: callId, direction: 'outbound', caseId });
      // The row comes first; then they are bridged.
      await until(async () => (await city.ari<{ channels?: string[] }>(`/bridges/${callId}`)).channels?.length === 2, 'the two hear each other');
      expect((await dial()).body).toMatchObject({ code: 'call_is_live' });
      await desk.post(desk.people.manager, `/api/calls/${callId}/hang-up`);
      expect(await city.endOf(callId)).toMatchObject({ outcome: 'answered', caseId });
      expect([await unit.phone.done, await citizen.done]).toEqual([0, 0]);
      await until(async () => (await query(city.pool, 'select 1 from recordings where call_id = $1 and stored_at is not null', [callId])).length === 1, 'it is recorded');
      const events = await query<{ type: string; data: Record<string, unknown> }>(city.pool, `select type, data from case_events where case_id = $1 and data->>'callId' = $2 order by id`, [caseId, callId]);
      expect(events).toMatchObject([{ type: 'masked_call', data: { unitId: desk.units.street, isByCode: true } }, { type: 'talked', data: { parties: [{ role: 'operator' }, { role: 'citizen' }] } }]);
      const { text } = await ask(city.origin, 'GET', `/api/cases/${caseId}/events`, { as: desk.people.street });
      expect(text).not.toMatch(new RegExp(`${unitPhone}|${citizenPhone}`));
      // The case that every call opens is none of a citizen's: done, and confidential as the one it was about.
      expect(await query(city.pool, 'select state, is_confidential from cases where id = $1', [ownCaseId])).toEqual([{ state: 'answered', isConfidential: true }]);
      const written = JSON.stringify(await query(city.pool, 'select data from call_events where call_id = $1', [callId]));
      expect(written).not.toContain(maskedCallCode);
      await city.quiet();
    });

    it('tells the unit why the citizen is not there', async () => {
      const { number, maskedCallCode } = await shown();
      await city.party('phone-refuses', { STATUS: '486 Busy Here' });
      const unit = await call(unitPhone);
      await unit.key(number, maskedCallCode ?? '');
      expect(await unit.when((one) => one.state === 'ended', 'it was told')).toMatchObject({ outcome: 'busy', caseId });
      expect(await unit.phone.done).toBe(0);
      await city.quiet();
    });

    it('answers the right code from a phone that is not the unit’s like a wrong one, and looks at none after too many', async () => {
      const { number, maskedCallCode } = await shown();
      // No citizen is called: whoever answered would be one.
      const other = await call('057100009999');
      for (let tried = 1; tried <= 2; tried += 1) {
        await other.key(number, maskedCallCode ?? '');
        await other.when((one) => one.menu?.wrongCodes === tried, 'the code is a wrong one');
      }
      await other.key(number, maskedCallCode ?? '');
      await other.when((one) => one.state === 'waiting' || one.state === 'ended', 'an operator helps, if any is there');
      other.phone.hangUp();
      const unit = await call(unitPhone);
      for (let tried = 1; tried <= 2; tried += 1) {
        await unit.key(number, maskedCallCode === '000000' ? '000001' : '000000');
        await unit.when((one) => one.menu?.wrongCodes === tried, 'the code is wrong');
      }
      // Five within an hour for the case: the right one is not looked at any more.
      await unit.key(number, maskedCallCode ?? '');
      const { id } = await unit.when((one) => one.state === 'waiting' || one.state === 'ended' || one.state === 'dismissing', 'an operator helps, if any is there');
      expect(await query(city.pool, `select data->>'code' as code from call_events where call_id = $1 and data ? 'code' order by id`, [id])).toEqual([{ code: 'wrong' }, { code: 'wrong' }, { code: 'locked' }]);
      unit.phone.hangUp();
      await city.quiet();
      expect(await query(city.pool, `select 1 from calls where case_id = $1 and id = $2`, [caseId, id])).toEqual([]);
    });
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
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
});

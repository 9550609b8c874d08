import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { openKeypad } from '../support/keypad.ts';
import { keys, surveyDesk } from '../support/survey-desk.ts';
import { until } from '../support/until.ts';

describe('citizens are asked what came of their matter, on the real Asterisk', () => {
  const city = hotline();
  let desk: Awaited<ReturnType<typeof surveyDesk>>;
  beforeAll(async () => {
    desk = await surveyDesk(city.pool, city.origin);
    await city.pool.query(`update survey_rules set max_lines = 5, link_days = 0, windows = '[{"from": "00:00", "to": "24:00"}]'`);
  });
  afterEach(() => city.quiet());
  afterAll(async () => {
    await city.pool.query('update survey_rules set max_lines = 0');
    await city.close();
  });
  const citizen = (pressed: string, everyMs?: number) => city.party('phone-keys', {}, { presses: keys(pressed, everyMs) });

  it('presses 1 for being the right person, answers the three questions, and the case is closed', async () => {
    const phone = await citizen('1 1 1 1');
    const caseId = await desk.accepted('13800043001');
    const survey = await desk.surveyOf(caseId, (one) => one.settledAt !== null);
    expect(survey).toMatchObject({ state: 'completed', endedBy: 'phone', tries: 1 });
    expect(await phone.done).toBe(0);
    expect(await desk.answersOf(survey.id)).toEqual({ contacted: 'yes', solved: 'yes', satisfied: 'satisfied' });
    expect(await city.endOf(String(survey.callId))).toMatchObject({ outcome: 'surveyed', caseId, seatId: null });
    expect(await desk.show(caseId)).toMatchObject({ state: 'closed' });
    expect(await query(city.pool, 'select count(*)::integer from calls where survey_id = $1', [survey.id])).toEqual([{ count: 1 }]);
  });

  it('is not content: the case goes back to the unit once, then under supervision', async () => {
    await citizen('1 2 2 3');
    const caseId = await desk.accepted('13800043002');
    const first = await desk.surveyOf(caseId, (one) => one.settledAt !== null);
    expect(await desk.show(caseId)).toMatchObject({ state: 'rework' });
    expect(await query(city.pool, `select data->>'reason' as reason from case_events where case_id = $1 and type = 'rework'`, [caseId])).toEqual([{ reason: '市民回访：承办单位未联系，问题未解决，不满意。' }]);
    await citizen('1 1 2 3');
    await desk.done(desk.people.roads, caseId, 'hand-in', { outcome: 'solved', publicReply: '又填了一遍' });
    await desk.done(desk.people.dispatcher, caseId, 'accept-feedback');
    const second = await desk.surveyOf(caseId, (one) => one.id !== first.id && one.settledAt !== null);
    expect(second).toMatchObject({ state: 'completed' });
    expect(await desk.life(caseId)).toMatchObject({ isSupervised: true });
    expect(await desk.show(caseId)).toMatchObject({ state: 'rework' });
    expect((await query(city.pool, 'select 1 from case_orders where case_id = $1 and closed_at is null', [caseId])).length).toBe(1);
  });

  it('presses wrong keys, nothing, and hears a question again: all of it is asked three times at most', async () => {
    const phone = await citizen('7 1 5 * 1 !2 4', 900);
    const caseId = await desk.accepted('13800043003');
    const survey = await desk.surveyOf(caseId, (one) => one.settledAt !== null);
    expect(await phone.done).toBe(0);
    expect(survey.state).toBe('completed');
    expect(await desk.answersOf(survey.id)).toEqual({ contacted: 'yes', solved: 'no', satisfied: 'no_opinion' });
    expect(await desk.show(caseId)).toMatchObject({ state: 'rework' });
  });

  it('does not want to be asked, and never is again', async () => {
    await citizen('9');
    const caseId = await desk.accepted('13800043004');
    const survey = await desk.surveyOf(caseId, (one) => one.state === 'refused');
    expect(survey).toMatchObject({ endedBy: 'phone' });
    expect(await desk.show(caseId)).toMatchObject({ state: 'callback' });
    const other = await desk.surveyOf(await desk.accepted('13800043004'));
    expect(other).toMatchObject({ state: 'refused', endedBy: 'system', tries: 0, callId: null });
  });

  it('is busy, hangs up halfway, lets a voicemail answer: three days, three hours, half the answers kept; then a person asks', async () => {
    await city.party('phone-refuses', { STATUS: '486 Busy Here' });
    const caseId = await desk.accepted('13800043005');
    const busy = await desk.surveyOf(caseId, (one) => one.tries === 1);
    expect(busy.state).toBe('due');
    expect(busy.nextTryAt?.getTime()).toBeGreaterThan(Date.now());
    const half = await citizen('1 1 BYE', 1_500);
    await desk.now(busy.id);
    expect(await half.done).toBe(0);
    const second = await desk.surveyOf(caseId, (one) => one.tries === 2);
    expect(await desk.answersOf(second.id)).toEqual({ contacted: 'yes' });
    await city.party('seat-answers', { TALK_MS: 120_000 });
    await desk.now(busy.id);
    expect(await desk.surveyOf(caseId, (one) => one.state === 'by_person')).toMatchObject({ tries: 3 });
    expect(await desk.triesOf(busy.id)).toEqual([{ by: 'phone', outcome: 'busy' }, { by: 'phone', outcome: 'broken_off' }, { by: 'phone', outcome: 'not_confirmed' }]);
  });

  it('asks for a person and talks with an operator, whose screen shows the case', async () => {
    const seat = await city.seat(0, 'seat-answers');
    const screen = await city.listen(seat.api);
    await citizen('1 0');
    const caseId = await desk.accepted('13800043006');
    const survey = await desk.surveyOf(caseId, (one) => one.state === 'calling');
    await until(async () => (await query<{ state: string }>(city.pool, 'select state from calls where id = $1', [survey.callId]))[0]?.state === 'talking', 'the two talk');
    await seat.api.post(`/api/calls/${String(survey.callId)}/hang-up`);
    await city.endOf(String(survey.callId)).then((call) => expect(call).toMatchObject({ outcome: 'answered', seatId: seat.seatId, caseId }));
    expect(screen.events.find((event) => event.type === 'call.ringing')).toMatchObject({ callId: survey.callId, caseId });
    screen.close();
    const given = await desk.surveyOf(caseId, (one) => one.state === 'by_person');
    expect(given.assignedTo).toBe((await query<{ id: string }>(city.pool, `select id from users where login = 'operator1'`))[0]?.id);
    await seat.act('sign_out');
  });

  it('rates the operator who hangs up first, by one digit, and the call was answered all the same', async () => {
    await city.pool.query(`update queues set asks_rating = true where id = '12345'; update numbers set greeting_prompts = '{}'`);
    const seat = await city.seat(1, 'seat-answers', { TALK_MS: 60_000 });
    const caller = '13800043007';
    const pad = await openKeypad();
    const phone = city.citizen('citizen-keys', caller, {}, '12345', { mediaPort: pad.port });
    const call = await city.callOf(caller, (one) => one.state === 'talking');
    await seat.api.post(`/api/calls/${call.id}/hang-up`);
    await city.callOf(caller, (one) => one.state === 'surveying');
    expect((await seat.state()).callId).toBeNull();
    await pad.press('2');
    expect(await city.endOf(call.id)).toMatchObject({ outcome: 'answered', endedBy: 'operator', seatId: seat.seatId });
    expect(await query(city.pool, 'select value from call_ratings where call_id = $1', [call.id])).toEqual([{ value: 'basically_satisfied' }]);
    expect(await phone.done).toBe(0);
    pad.close();
    await city.pool.query(`update queues set asks_rating = false where id = '12345'; update numbers set greeting_prompts = default`);
    await seat.act('sign_out');
  });
});

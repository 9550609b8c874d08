import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runEffect } from '../../src/calls/run-effects.ts';
import { query } from '../../src/db/query.ts';
import type { Deps } from '../../src/deps.ts';
import { ask, enter, type Person } from '../support/people.ts';
import { hotline } from '../support/hotline.ts';

type CaseView = { id: string; version: number; caller: object | null; history: { count: number; items: { id: string }[] } };

describe('who reported wrongdoing is kept apart from what was said', () => {
  const city = hotline();
  let [operator, other, quality, leader, admin]: Person[] = [];
  beforeAll(async () => {
    operator = await enter(city.pool, ['operator']);
    other = await enter(city.pool, ['operator']);
    quality = await enter(city.pool, ['quality']);
    leader = await enter(city.pool, ['leader']);
    admin = await enter(city.pool, ['admin']);
  });
  afterAll(() => city.close());
  const send = (as: Person | undefined, method: string, path: string, body?: unknown) => ask(city.origin, method, path, { as, body });
  const open = async (phone: string) => (await send(operator, 'POST', '/api/cases', { channel: 'visit', phone })).body as CaseView;
  const edit = async (as: Person | undefined, one: CaseView, fields: object) => send(as, 'PATCH', `/api/cases/${one.id}`, { version: one.version, ...fields });
  const report = async (phone: string) => {
    const edited = await edit(operator, await open(phone), { type: 'report', citizenName: '举报人甲', course: '收受礼品', categoryCode: 'city', districtCode: '330102', cause: '举报' });
    return edited.body as CaseView;
  };

  it('does not count confidential cases among the earlier ones of a number', async () => {
    await report('13911117001');
    const plain = await open('13911117001');
    const next = await open('13911117001');
    expect(next.history).toMatchObject({ count: 1, items: [{ id: plain.id }] });
  });

  it('knows no earlier cases of callers who withheld their number', async () => {
    await open('anonymous');
    await open('');
    expect((await open('anonymous')).history.count).toBe(0);
  });

  it('shows no digit of the caller in calls of a confidential case, to nobody', async () => {
    const one = await report('13911117002');
    const callId = uuid();
    await city.pool.query(`insert into calls (id, direction, state, called_number, caller_raw, caller_number, caller_kind, case_id, offered_at, ended_at, outcome, ended_by)
      values ($1, 'inbound', 'ended', '12345', '13911117002', '13911117002', 'mobile', $2, now(), now(), 'answered', 'citizen')`, [callId, one.id]);
    await city.pool.query(`insert into call_events (call_id, at, type, to_state) values ($1, now(), 'offered', 'ended')`, [callId]);
    const shown = [await send(admin, 'GET', '/api/calls'), await send(operator, 'GET', `/api/calls/${callId}`), await send(leader, 'GET', `/api/calls/${callId}/events`)];
    // Masked or whole; four digits alone stand in many an id.
    for (const answer of shown) expect([answer.status, /\*7002|1117002/.test(answer.text)]).toEqual([200, false]);
    expect(shown[1]?.body).toMatchObject({ callerNumber: null, caseId: one.id });
  });

  it('shows of a number that was dialled freely as little as of the caller’s, and of the directory’s all', async () => {
    for (const [phone, isSecret] of [['13911117020', false], ['13911117021', true]] as const) {
      const { id } = isSecret ? await report(phone) : await open(phone);
      const callId = uuid();
      await city.pool.query(`insert into calls (id, direction, state, called_number, caller_kind, case_id, offered_at, ended_at, outcome, ended_by)
        values ($1, 'inbound', 'ended', '12345', 'withheld', $2, now(), now(), 'answered', 'citizen')`, [callId, id]);
      await city.pool.query(`insert into call_legs (id, call_id, role, number, directory_code, state, started_at, ended_at)
        values ($1 || '-a', $1::uuid, 'unit', '13911118002', null, 'ended', now(), now()), ($1 || '-b', $1::uuid, 'unit', '119', '119', 'ended', now(), now())`, [callId]);
      const { legs } = (await send(leader, 'GET', `/api/calls/${callId}`)).body as { legs: { directoryCode: string | null; number: string | null }[] };
      expect(legs.map((leg) => leg.number).sort()).toEqual(isSecret ? ['119', null] : ['119', '139****8002']);
    }
  });

  it('shows the citizen’s number on no seat’s phone', async () => {
    const shown: string[] = [];
    const telephony = { ringSeat: async ({ callerNumber }: { callerNumber: string }) => { shown.push(callerNumber); }, hangup: async () => undefined };
    const deps = { pool: city.pool, telephony } as unknown as Deps;
    for (const [phone, isSecret] of [['13911117040', false], ['13911117041', true]] as const) {
      const { id } = isSecret ? await report(phone) : await open(phone);
      const [callId, legId] = [uuid(), uuid()];
      await city.pool.query(`insert into calls (id, direction, state, called_number, caller_kind, case_id, offered_at) values ($1, 'outbound', 'dialing_seat', $2, 'unknown', $3, now())`, [callId, phone, id]);
      await city.pool.query(`insert into call_legs (id, call_id, role, state, started_at) values ($1, $2, 'operator', 'dialing', now())`, [legId, callId]);
      await runEffect(deps, callId, { type: 'ring_seat', channelId: legId, seatId: '8010', callerNumber: phone, timeoutSec: 5 });
      await city.pool.query(`update call_legs set state = 'ended', ended_at = now() where id = $1`, [legId]);
      await city.pool.query(`update calls set state = 'ended', ended_at = now(), outcome = 'cancelled', ended_by = 'system' where id = $1`, [callId]);
    }
    expect(shown).toEqual(['13911117040', '']);
  });

  it('is called at its own number only, and by nobody who would own it by that', async () => {
    const { id } = await report('13911117030');
    await city.pool.query(`update seats set state = 'not_ready', not_ready_reason = 'break', operator_id = $1, is_registered = true where id = '8009'`, [operator?.id]);
    expect((await send(operator, 'POST', '/api/calls', { number: '13911117031', caseId: id })).body).toMatchObject({ status: 422, code: 'confidential_number' });
    await city.pool.query(`update seats set state = 'signed_out', not_ready_reason = null, operator_id = null, is_registered = false where id = '8009'`);
  });

  it('stays confidential against everyone but the operator who handles it in the call', async () => {
    const one = await report('13911117003');
    expect((await edit(other, one, { type: 'complaint', isConfidential: false })).body).toMatchObject({ status: 403, code: 'confidential_stays' });
    const dispatched = await send(operator, 'POST', `/api/cases/${one.id}/actions/save_for_dispatch`, { version: one.version });
    expect((await edit(operator, dispatched.body as CaseView, { type: 'complaint', isConfidential: false })).status).toBe(403);
    const mistaken = await report('13911117004');
    expect((await edit(operator, mistaken, { type: 'complaint', isConfidential: false })).body).toMatchObject({ isConfidential: false, caller: { number: '13911117004' } });
  });

  it('does not name the citizen to a stale editor who may not see them, and does to one who may', async () => {
    const one = await report('13911117005');
    const stale = { ...one, version: one.version - 1 };
    const refused = await edit(other, stale, { course: 'x' });
    expect(refused.body).toMatchObject({ code: 'stale_version', current: { id: one.id, course: '收受礼品', caller: null } });
    expect(refused.text).not.toMatch(/举报人甲|13911117005/);
    expect((await edit(operator, stale, { course: 'x' })).body).toMatchObject({ current: { version: one.version, caller: { name: '举报人甲' } } });
  });

  it('keeps what was said and who said it out of the timeline', async () => {
    const one = await report('13911117006');
    await send(operator, 'POST', `/api/cases/${one.id}/actions/answer`, { version: one.version, answer: '已告知举报人甲' });
    const events = await send(quality, 'GET', `/api/cases/${one.id}/events`);
    expect(events.body['items']).toMatchObject([{ type: 'opened' }, { type: 'edited', data: { fields: ['categoryCode', 'cause', 'citizenName', 'course', 'districtCode', 'type'] } },
      { type: 'answer', data: { fields: ['answer'] } }]);
    expect(events.text).not.toMatch(/举报人甲|收受礼品/);
  });

  it('gives a draft back to whoever wrote it, and to nobody else', async () => {
    const one = await report('13911117007');
    await send(operator, 'PUT', `/api/cases/${one.id}/draft`, { baseVersion: one.version, fields: { citizenName: '举报人乙' } });
    for (const reader of [other, quality]) expect((await send(reader, 'GET', `/api/cases/${one.id}`)).body).toMatchObject({ draft: null });
    expect((await send(operator, 'GET', `/api/cases/${one.id}`)).body).toMatchObject({ draft: { fields: { citizenName: '举报人乙' } } });
  });

  it('asks for a reason that says something before it names the citizen', async () => {
    const one = await report('13911117008');
    for (const reason of ['', '      ', '. . . . .']) expect((await send(other, 'POST', `/api/cases/${one.id}/identity`, { reason })).status).toBe(400);
    expect((await send(other, 'POST', `/api/cases/${one.id}/identity`, { reason: '市民来电补充材料' })).body).toEqual({ number: '13911117008', name: '举报人甲', progressCode: expect.stringMatching(/^\d{6}$/) as string });
  });

  it('shows nobody anything when the look cannot be written down', async () => {
    const one = await report('13911117009');
    await city.pool.query(`alter table identity_looks add constraint test_full check (case_id is distinct from '${one.id}') not valid`);
    try {
      const refused = [await send(other, 'POST', `/api/cases/${one.id}/identity`, { reason: '市民来电补充材料' }), await send(operator, 'GET', `/api/cases/${one.id}`)];
      for (const answer of refused) expect([answer.status, /13911117009|举报人甲|test_full|audit/.test(answer.text)]).toEqual([500, false]);
    } finally {
      await city.pool.query('alter table identity_looks drop constraint test_full');
    }
  });

  it('is not found by number, and writes the search down although it found nothing', async () => {
    await report('13911117010');
    expect((await send(other, 'GET', '/api/cases?phone=13911117010')).body).toMatchObject({ items: [] });
    const looks = await query<{ details: object }>(city.pool, `select details from audit_log where user_id = $1 and action = 'identity.listed'`, [other?.id]);
    expect(looks.map((row) => row.details)).toEqual([{ byPhone: true, caseIds: [] }]);
    expect((await send(quality, 'GET', '/api/cases?phone=13911117010')).status).toBe(403);
  });

  it('is read-only once it is closed', async () => {
    const one = await report('13911117011');
    const closed = (await send(operator, 'POST', `/api/cases/${one.id}/actions/answer`, { version: one.version, answer: '已受理' })).body as CaseView;
    expect(closed).toMatchObject({ isEditable: false, allowedActions: [] });
    expect((await edit(operator, closed, { course: '改写' })).body).toMatchObject({ status: 409, code: 'action_not_allowed', action: 'edit' });
  });

  it('takes no spaces for an answer', async () => {
    const one = await report('13911117012');
    expect((await send(operator, 'POST', `/api/cases/${one.id}/actions/answer`, { version: one.version, answer: '   ' })).body).toMatchObject({ code: 'fields_missing', fields: ['answer'] });
  });

  it('takes one of two actions at the same moment', async () => {
    const one = await report('13911117013');
    const act = (action: string, body: object) => send(operator, 'POST', `/api/cases/${one.id}/actions/${action}`, { version: one.version, ...body });
    const answers = await Promise.all([act('answer', { answer: '已受理' }), act('hand_over', { handedTo: '110' })]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
  });
});

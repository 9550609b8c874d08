import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Person } from '../support/people.ts';
import { until } from '../support/until.ts';

type Desk = Awaited<ReturnType<ReturnType<typeof hotline>['seat']>>;
type Alert = { id: string; kind: string; state: string; callId: string | null; seatId: string | null; note: string; takenByName: string | null; resolvedBy: string | null };

describe('what a supervisor sees and does, and what is written down of it', () => {
  const city = hotline();
  const signedIn: Desk[] = [];
  let boss: Person;
  let nextCaller = 13_800_000_600;
  beforeAll(async () => {
    await city.pool.query(`update queues set ring_timeout_sec = 30, wrap_up_sec = 600; update numbers set greeting_prompts = '{}'`);
    boss = await enter(city.pool, ['supervisor']);
  });
  afterEach(async () => {
    await city.quiet();
    for (const one of signedIn.splice(0)) await one.api.send('POST', `/api/seats/${one.seatId}/actions/sign_out`); // refused where a test has signed it out
  });
  afterAll(() => city.close());

  const seat = async (...options: Parameters<typeof city.seat>): Promise<Desk> => {
    const one = await city.seat(...options);
    signedIn.push(one);
    return one;
  };
  const talk = async () => {
    const desk = await seat(0, 'seat-answers');
    const caller = String(nextCaller += 1);
    const phone = city.citizen('citizen-waits', caller);
    const { id: callId, caseId } = await city.callOf(caller, (call) => call.state === 'talking');
    return { desk, phone, caller, callId, caseId };
  };
  const asBoss = (method: string, path: string, body?: unknown) => ask(city.origin, method, path, { as: boss, body });
  const code = async (answer: Promise<{ body: Record<string, unknown> }>) => (await answer).body['code'];
  const auditOf = (entityId: string) => query<{ action: string; reason: string | null; userId: string; details: object }>(city.pool,
    'select action, reason, user_id, details from audit_log where entity_id = $1 order by id', [entityId]);
  const alerts = async (path = '/api/alerts') => (await asBoss('GET', path)).body['items'] as Alert[];

  it('forces a seat at once, and one with a call after it; who did it is told and written down', async () => {
    const rest = await seat(1, null);
    const screen = await city.listen(rest.api);
    expect(await asBoss('POST', `/api/seats/${rest.seatId}/force/not_ready`)).toMatchObject({ status: 200, body: { state: 'not_ready', notReadyReason: 'forced' } });
    const told = await until(() => screen.events.find((event) => event.type === 'seat.forced'), 'the screen tells who did it');
    expect(told).toMatchObject({ action: 'not_ready', byName: boss.login, isAfterCall: false });
    screen.close();
    expect(await asBoss('POST', `/api/seats/${rest.seatId}/force/ready`)).toMatchObject({ status: 200, body: { state: 'ready' } });
    expect(await code(asBoss('POST', `/api/seats/${rest.seatId}/force/not_ready`, { reason: 'nothing' }))).toBe('reference_unknown');
    expect(await asBoss('POST', `/api/seats/${rest.seatId}/force/sign_out`)).toMatchObject({ status: 200, body: { state: 'signed_out', operatorId: null } });
    expect(await code(asBoss('POST', `/api/seats/${rest.seatId}/force/ready`))).toBe('action_not_allowed');

    const one = await talk();
    expect(await asBoss('POST', `/api/seats/${one.desk.seatId}/force/sign_out`)).toMatchObject({ status: 200, body: { state: 'on_call', pendingState: 'signed_out', pendingBy: boss.id } });
    expect((await city.callOf(one.caller, () => true)).state).toBe('talking');
    await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
    await until(async () => (await one.desk.state()).state === 'signed_out', 'the seat is signed out after the call');
    const steps = await query(city.pool, 'select event, to_state, forced_by from seat_events where seat_id = $1 order by id desc limit 2', [one.desk.seatId]);
    expect(steps).toEqual([{ event: 'release', toState: 'signed_out', forcedBy: boss.id }, { event: 'force_later', toState: 'on_call', forcedBy: boss.id }]);
    expect((await auditOf(one.desk.seatId)).map(({ action, userId }) => [action, userId])).toEqual([['seat.forced_sign_out', boss.id]]);
    expect((await auditOf(rest.seatId)).map(({ action, reason }) => [action, reason])).toEqual(
      [['seat.forced_not_ready', 'forced'], ['seat.forced_ready', null], ['seat.forced_sign_out', null]]);
    expect((await one.desk.api.send('POST', `/api/seats/${rest.seatId}/force/ready`)).status).toBe(403);
  });

  it('hears a call for help at once, takes it, and need not clear it away when the call ends', async () => {
    const one = await talk();
    const other = await enter(city.pool, ['operator']);
    const [screen, own] = [await city.listen({ cookie: boss.cookie } as typeof one.desk.api), await city.listen({ cookie: other.cookie } as typeof one.desk.api)];
    const help = await one.desk.api.post<Alert>(`/api/seats/${one.desk.seatId}/help`, { note: '情绪激动' });
    expect(help).toMatchObject({ kind: 'help', state: 'open', callId: one.callId, seatId: one.desk.seatId });
    expect((await one.desk.api.post<Alert>(`/api/seats/${one.desk.seatId}/help`)).id).toBe(help.id); // pressed twice
    await until(() => screen.events.find((event) => event.type === 'alert.changed'), 'the supervisor’s screen tells it');
    expect(await code(ask(city.origin, 'POST', `/api/seats/${one.desk.seatId}/help`, { as: other }))).toBe('seat_not_signed_in');
    const second = await enter(city.pool, ['supervisor']);
    expect((await asBoss('POST', `/api/alerts/${help.id}/actions/take`)).body).toMatchObject({ state: 'taken', takenBy: boss.id });
    expect(await ask(city.origin, 'POST', `/api/alerts/${help.id}/actions/take`, { as: second })).toMatchObject({ status: 409, body: { code: 'alert_taken', takenByName: boss.login } });
    await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
    await until(async () => (await alerts()).find((alert) => alert.id === help.id)?.state === 'resolved', 'it ends with the call');
    expect((await alerts('/api/alerts?open=true')).map((alert) => alert.id)).not.toContain(help.id);
    expect(own.events.filter((event) => event.type === 'alert.changed')).toEqual([]);
    screen.close();
    own.close();
    const idle = await one.desk.api.post<Alert>(`/api/seats/${one.desk.seatId}/help`);
    expect(idle).toMatchObject({ callId: null, state: 'open' });
    expect((await alerts())[0]?.id).toBe(idle.id); // open ones first
    const page = (await asBoss('GET', '/api/alerts?limit=1')).body as { items: Alert[]; nextCursor: string };
    expect((await alerts(`/api/alerts?limit=1&cursor=${page.nextCursor}`))[0]?.id).toBe(help.id);
    await one.desk.act('sign_out');
    expect((await alerts()).find((alert) => alert.id === idle.id)).toMatchObject({ state: 'resolved', resolvedBy: null });
    expect((await auditOf(help.id)).map((line) => line.action)).toEqual(['help.asked', 'alert.taken']);
  });

  it('shows every seat with its day, every live call with its parties, and every queue', async () => {
    const one = await talk();
    await one.desk.api.post(`/api/calls/${one.callId}/actions/hold`);
    type Board = { seats: { id: string; answeredToday: number; talkSecToday: number; notReadySecToday: number; callId: string | null; operatorName: string | null }[];
      calls: { id: string; state: string; parties: { role: string; isHeld: boolean }[]; supervisorName: string | null }[]; queues: { queueId: string; waiting: number }[] };
    const board = async () => (await asBoss('GET', '/api/supervision/board')).body as unknown as Board;
    const mine = (await board()).seats.find((row) => row.id === one.desk.seatId);
    const operator = `(select operator_id from seats where id = '${one.desk.seatId}')`;
    const [rows] = await query<{ answered: number }>(city.pool, `select count(*)::int as answered from call_legs where role = 'operator' and answered_at is not null and operator_id = ${operator}`);
    const [talks] = await query<{ sec: number }>(city.pool, `select sum(extract(epoch from t.ended_at - t.started_at))::float8 as sec from call_talks t join call_legs l on l.id = any(t.leg_ids)
      where l.role = 'operator' and l.operator_id = ${operator}`); // held now, so that no talk is open
    expect(mine).toMatchObject({ callId: one.callId, operatorName: '话务员1', answeredToday: rows?.answered });
    expect(mine?.talkSecToday).toBeCloseTo(talks?.sec ?? -1, 3);
    expect(mine?.notReadySecToday).toBeGreaterThan(0); // signed in, then ready
    const call = (await board()).calls.find((row) => row.id === one.callId);
    expect(call).toMatchObject({ state: 'talking', supervisorName: null, parties: [{ role: 'citizen', isHeld: true }, { role: 'operator', isHeld: false }] });
    expect((await board()).queues).toContainEqual(expect.objectContaining({ queueId: '12345', waiting: 0 }));
    expect(JSON.stringify(await board())).not.toContain(one.caller);
    expect((await one.desk.api.send('GET', '/api/supervision/board')).status).toBe(403);
    await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
  });

  it('listens to a confidential case for a reason only, once a call, and never without a seat', async () => {
    const one = await talk();
    await city.pool.query('update cases set is_confidential = true where id = $1', [one.caseId]);
    const path = `/api/calls/${one.callId}/supervision`;
    expect(await code(asBoss('POST', path, { mode: 'listen' }))).toBe('fields_missing');
    expect(await code(asBoss('POST', path, { mode: 'listen', reason: '核查投诉' }))).toBe('bad_request'); // four letters are no reason
    expect(await code(asBoss('POST', path, { mode: 'listen', reason: '核查服务投诉' }))).toBe('seat_not_signed_in');
    expect(await code(asBoss('POST', `${path}/take-over`))).toBe('not_supervising');
    const chief = await seat(1, 'seat-answers');
    await chief.act('not_ready', { reason: 'meeting' });
    await city.pool.query(`update users set roles = '{operator,supervisor}' where login = $1`, [city.first.operators[1]?.login]);
    await chief.api.post(path, { mode: 'listen', reason: '核查服务投诉' });
    expect(await asBoss('POST', path, { mode: 'barge', reason: '核查服务投诉' })).toMatchObject({ status: 409, body: { code: 'already_supervised', supervisorName: '话务员2', mode: 'listen' } });
    expect((await one.desk.api.send('POST', path, { mode: 'listen' })).status).toBe(403);
    expect(await auditOf(one.callId)).toMatchObject([{ action: 'call.supervised', reason: '核查服务投诉', details: { mode: 'listen' } }]);
    await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
    await until(async () => (await chief.state()).state === 'not_ready', 'the supervisor is let go');
    expect((await query(city.pool, `select 1 from call_listens where call_id = $1 and ended_at is null`, [one.callId]))).toEqual([]);
  });

  it('hears of abuse; the citizen is warned, then told goodbye, the operator is free, and the number is blocked until a day', async () => {
    const one = await talk();
    const path = `/api/calls/${one.callId}/abuse`;
    expect(await code(one.desk.api.send('POST', `${path}/goodbye`).then(async (answer) => ({ body: (await answer.json()) as Record<string, unknown> })))).toBe('abuse_not_flagged');
    expect((await asBoss('POST', path)).status).toBe(403);
    await one.desk.api.post(path, { note: '辱骂话务员', isWarning: true });
    await until(async () => (await city.callOf(one.caller, () => true)).state === 'talking' && (await city.shownCall(one.desk.api, one.callId)).legs.every((leg) => !leg.isHeld), 'all are back together after the warning');
    await one.desk.api.post(`${path}/goodbye`);
    expect((await one.desk.state()).state).toBe('wrap_up');
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'operator' });
    expect(await one.phone.done).toBe(0);
    await one.desk.api.post(path, { note: 'flagged again after the call' });
    const mine = (await alerts()).filter((alert) => alert.callId === one.callId);
    expect(mine).toMatchObject([{ kind: 'abuse', state: 'open', note: '辱骂话务员' }]);
    const timeline = await query(city.pool, `select 1 from case_events where case_id = $1 and type = 'abuse_flagged'`, [one.caseId]);
    expect(timeline).toHaveLength(1);
    const endsAt = '2036-01-01T00:00:00.000Z';
    expect((await asBoss('POST', `/api/alerts/${mine[0]?.id ?? ''}/block`, { reason: '多次辱骂', endsAt })).status).toBe(204);
    expect(await query(city.pool, 'select treatment, reason, ends_at from caller_rules where number = $1', [one.caller])).toEqual([{ treatment: 'blocked', reason: '多次辱骂', endsAt: new Date(endsAt) }]);
    expect((await auditOf(one.callId)).map((line) => line.action)).toEqual(['call.abuse_flagged', 'call.ended_for_abuse', 'call.abuse_flagged']);
    await city.pool.query('update cases set is_confidential = true where id = $1', [one.caseId]);
    expect(await code(asBoss('POST', `/api/alerts/${mine[0]?.id ?? ''}/block`, { reason: '多次辱骂', endsAt }))).toBe('confidential_stays');
    // One whose number was sealed while the case was confidential is blocked all the same, once it is not any more.
    await city.pool.query('insert into calls_to_seal values ($1)', [one.callId]);
    await until(async () => (await query(city.pool, 'select 1 from calls where id = $1 and caller_number is null', [one.callId])).length === 1, 'the number is sealed');
    await city.pool.query('update cases set is_confidential = false where id = $1', [one.caseId]);
    await city.pool.query('delete from caller_rules where number = $1', [one.caller]);
    expect((await asBoss('POST', `/api/alerts/${mine[0]?.id ?? ''}/block`, { reason: '多次辱骂', endsAt })).status).toBe(204);
    expect(await query(city.pool, 'select treatment from caller_rules where number = $1', [one.caller])).toEqual([{ treatment: 'blocked' }]);
  });

  it('acts on a call and ends it for its operator, and both are in the audit', async () => {
    const { callId } = await talk();
    expect((await asBoss('POST', `/api/calls/${callId}/actions/hold`)).status).toBe(200);
    expect((await asBoss('POST', `/api/calls/${callId}/hang-up`)).status).toBe(204);
    expect(await city.endOf(callId)).toMatchObject({ outcome: 'answered', endedBy: 'supervisor' });
    expect((await auditOf(callId)).map((row) => [row.action, row.userId])).toEqual([['call.acted', boss.id], ['call.ended', boss.id]]);
  });

  it('gives a leader on their day the calls of those queues first, and tags the case', async () => {
    const [plain, leader] = [await seat(0, 'seat-answers'), await seat(2, 'seat-answers')];
    const { userId } = await leader.api.get<{ userId: string }>('/api/auth/me');
    const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    const admin = await enter(city.pool, ['admin']);
    const put = (body: object) => ask(city.origin, 'PUT', '/api/configuration/leader-days/mayor', { as: admin, body });
    expect((await put({ day, fromTime: '10:00', toTime: '09:00', userId, queueIds: ['12345'] })).status).toBe(422);
    expect((await put({ day, fromTime: '00:00', toTime: '24:00', userId, queueIds: ['12345'] })).status).toBeLessThan(300);
    const caller = String(nextCaller += 1);
    city.citizen('citizen-waits', caller);
    const { id, caseId, seatId } = await city.callOf(caller, (call) => call.state === 'talking');
    expect(seatId).toBe(leader.seatId); // although the other one has been idle longer
    const found = await leader.api.get<{ items: { id: string; isLeaderAnswered: boolean }[] }>('/api/cases?leaderAnswered=true');
    expect(found.items.map((one) => [one.id, one.isLeaderAnswered])).toEqual([[caseId, true]]);
    await leader.api.post(`/api/calls/${id}/hang-up`);
    await city.pool.query('delete from leader_days');
    const next = String(nextCaller += 1);
    await leader.act('ready');
    city.citizen('citizen-waits', next);
    const after = await city.callOf(next, (call) => call.state === 'talking');
    expect(after.seatId).toBe(plain.seatId);
    expect((await query(city.pool, 'select is_leader_answered from cases where id = $1', [after.caseId]))).toEqual([{ isLeaderAnswered: false }]);
    await plain.api.post(`/api/calls/${after.id}/hang-up`);
  });
});

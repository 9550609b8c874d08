import { describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { story } from '../support/story.ts';
import { until } from '../support/until.ts';

const callers = 40;

describe('the noise with 40 callers', () => {
  const { city, told, call, edit, act, hungUp, callsBack } = story();
  const said = { type: 'help', categoryCode: 'city-noise', districtCode: '330105', place: '古井路工地', cause: '夜间打桩噪声扰民' };

  it('is one matter: found while the operator types, merged, handled once, and each of the forty has the reply', async () => {
    const first = await call('13800041100');
    await edit(first.desk.api, first.caseId, said);
    await act(first.desk.api, first.caseId, 'actions/save_for_dispatch');
    await hungUp(first);
    const main = first.caseId;

    // The second caller: the operator sees the first one's case while typing.
    const second = await call('13800041101', 8);
    const { items } = await second.desk.api.post<{ items: { id: string; reasons: string[] }[] }>(`/api/cases/${second.caseId}/similar`, { place: '古井路工地', cause: '半夜打桩', categoryCode: 'city-noise', districtCode: '330105' });
    expect(items[0]).toMatchObject({ id: main });
    await edit(second.desk.api, second.caseId, said);
    await hungUp(second);

    // The others call all at once; six seats answer.
    await city.pool.query(`update queues set max_waiting = 100, wrap_up_sec = 0, announce_every_sec = 0`);
    const others = callers - 2;
    const seats = await Promise.all(Array.from({ length: 6 }, (_, index) => city.seat(index + 2, 'seat-hangs-up', { RING_MS: 20, TALK_MS: 200 }, { calls: others })));
    const phones = city.citizen('citizen-waits', '13800041102', {}, '12345', { calls: others, rate: 10 });
    const called = () => query<{ caseId: string }>(city.pool, `select case_id from calls where caller_number = '13800041102' and state = 'ended' and outcome = 'answered'`);
    await until(async () => (await called()).length === others, 'all have been answered', 900_000);
    expect(await phones.done).toBe(0);
    for (const seat of seats) await seat.act('sign_out');

    const { people, units } = told;
    for (const id of [second.caseId, ...(await called()).map((one) => one.caseId)]) expect(await told.done(people.dispatcher, id, 'merge', { intoId: main })).toMatchObject({ state: 'merged' });
    await told.done(people.dispatcher, main, 'dispatch', { leadUnitId: units.city });
    await told.done(people.city, main, 'sign');
    await told.done(people.city, main, 'hand-in', { outcome: 'solved', publicReply: '夜间打桩已责令停止。' });
    await told.done(people.dispatcher, main, 'accept-feedback');
    expect(await callsBack(main, 'close')).toMatchObject({ state: 'closed' });
    await told.done(people.dispatcher, main, 'archive');

    const ended = await query<{ state: string; publicReply: string; repliedAt: Date | null }>(city.pool, 'select state, public_reply, replied_at from cases where id = $1 or merged_into_id = $1', [main]);
    expect(ended).toHaveLength(callers);
    expect(new Set(ended.map((one) => `${one.state} ${one.publicReply} ${String(one.repliedAt !== null)}`))).toEqual(new Set(['archived 夜间打桩已责令停止。 true']));
    // One unit had one case to handle, not forty.
    expect(await query(city.pool, 'select 1 from case_units u join cases k on k.id = u.case_id where k.id = $1 or k.merged_into_id = $1', [main])).toHaveLength(1);
  });
});

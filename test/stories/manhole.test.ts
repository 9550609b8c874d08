import { describe, expect, it } from 'vitest';
import { story } from '../support/story.ts';

describe('the manhole nobody owns', () => {
  const { told, tells, callsBack, timeline } = story();

  it('is returned by both, decided by the manager, and then returned by nobody', async () => {
    const id = await tells('13800041003', { citizenName: '赵井', place: '城南路口', cause: '井盖缺失，无人认领', urgency: 'urgent' });
    const { people, units } = told;
    expect(await told.life(id)).toMatchObject({ isSupervised: true });
    const { dueAt } = await told.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.water });
    await told.done(people.water, id, 'request-return', { reason: '不是供水井', legalBasis: '供水条例第二条' });
    expect(await told.done(people.dispatcher, id, 'accept-return')).toMatchObject({ state: 'pending_dispatch', dueAt });
    await told.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.roads });
    await told.done(people.roads, id, 'sign');
    await told.done(people.roads, id, 'request-return', { reason: '井属弱电', legalBasis: '市政条例第五条' });
    expect(await told.done(people.dispatcher, id, 'accept-return')).toMatchObject({ state: 'disputed', dueAt });
    expect(await told.done(people.manager, id, 'assign', { leadUnitId: units.roads, reason: '先补井盖，权属另议' })).toMatchObject({ state: 'dispatched', dueAt });
    await told.done(people.roads, id, 'sign');
    expect((await told.act(people.roads, id, 'request-return', { reason: '仍不属我处', legalBasis: '市政条例第五条' })).body).toMatchObject({ code: 'returned_twice' });
    await told.done(people.roads, id, 'note-contact', { note: '已告知市民' });
    await told.done(people.roads, id, 'hand-in', { outcome: 'solved', publicReply: '井盖已补齐。' });
    await told.done(people.dispatcher, id, 'accept-feedback');
    expect(await callsBack(id, 'close')).toMatchObject({ state: 'closed' });
    expect(await told.done(people.dispatcher, id, 'archive')).toMatchObject({ state: 'archived' });
    expect((await told.life(id)).parts.map((part) => part.endedWhy)).toEqual(['returned', 'returned', 'closed']);
    expect((await timeline(id)).filter((type) => /return|assign$|dispatch$/.test(type))).toEqual(['save_for_dispatch', 'dispatch', 'request_return', 'accept_return', 'dispatch', 'request_return', 'accept_return', 'assign']);
  });
});

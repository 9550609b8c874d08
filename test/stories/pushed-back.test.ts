import { describe, expect, it } from 'vitest';
import { story } from '../support/story.ts';

describe('the case two units push back and forth', () => {
  const { told, tells, passes, rang, callsBack } = story();

  it('wins nobody any time: the deadline stays, the alarms ring, and after two returns the manager decides', async () => {
    const id = await tells('13800041004', { place: '南湖小区', cause: '路面渗水，不知是管道还是路基' });
    const { people, units } = told;
    const { dueAt } = await told.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.roads });
    await told.done(people.roads, id, 'request-return', { reason: '是管道漏水', legalBasis: '市政条例第五条' });
    await told.done(people.dispatcher, id, 'refuse-return', { note: '请先查勘' });
    await told.done(people.roads, id, 'sign');
    await told.done(people.roads, id, 'request-return', { reason: '查勘为管道漏水', legalBasis: '市政条例第五条' });
    expect(await told.done(people.dispatcher, id, 'accept-return')).toMatchObject({ dueAt });
    await told.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.water });
    await told.done(people.water, id, 'sign');
    await told.done(people.water, id, 'request-return', { reason: '管道无漏点', legalBasis: '供水条例第二条' });
    expect(await told.done(people.dispatcher, id, 'accept-return')).toMatchObject({ state: 'disputed', dueAt });
    // While nobody has it the citizen's clock runs on, and its lights come on.
    await passes(id, '30 days');
    expect(await rang(id)).toEqual(expect.arrayContaining(['yellow', 'red']));
    expect(await told.life(id)).toMatchObject({ light: 'red', isSupervised: true });
    const late = (await told.life(id)).dueAt;
    expect(await told.done(people.manager, id, 'assign', { leadUnitId: units.water, helperUnitIds: [units.roads] })).toMatchObject({ state: 'dispatched', dueAt: late });
    await told.done(people.water, id, 'sign');
    await told.done(people.roads, id, 'finish-part', { note: '路基无恙' });
    await told.done(people.water, id, 'hand-in', { outcome: 'solved', publicReply: '漏点已修复。' });
    await told.done(people.dispatcher, id, 'accept-feedback');
    // Not content: done once more, then content.
    expect(await callsBack(id, 'rework', { reason: '又渗水了' })).toMatchObject({ state: 'rework' });
    await told.done(people.water, id, 'hand-in', { outcome: 'solved', publicReply: '已更换整段管道。' });
    await told.done(people.dispatcher, id, 'accept-feedback');
    expect(await callsBack(id, 'close')).toMatchObject({ state: 'closed' });
    expect(await told.done(people.dispatcher, id, 'archive')).toMatchObject({ state: 'archived' });
    expect(await told.life(id)).toMatchObject({ returnCount: 2, outcome: 'solved', publicReply: '已更换整段管道。' });
  });
});

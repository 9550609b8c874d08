import { describe, expect, it } from 'vitest';
import { story } from '../support/story.ts';

describe('the pothole on Jinmai street that takes eight weeks', () => {
  const { told, tells, passes, rang, callsBack, timeline } = story();

  it('is signed, looked at, suspended, resumed when its review is due, mended, asked about by phone, and archived', async () => {
    const id = await tells('13800041002', { citizenName: '王锦麦', place: '锦麦街18号门前', cause: '锦麦街路面塌陷成坑' });
    const { people, units } = told;
    await told.done(people.dispatcher, id, 'propose', { proposal: '请现场查勘，先设围挡' });
    const { dueAt: first } = await told.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.roads, isComplex: true });
    await told.done(people.roads, id, 'sign');
    await told.done(people.roads, id, 'note-contact', { note: '已联系市民，约定现场查勘' });
    await told.done(people.roads, id, 'sub-dispatch', { unitIds: [units.street] });
    await told.done(people.street, id, 'sign');
    await told.done(people.street, id, 'note-progress', { note: '已设围挡，地下管线需先迁改' });

    const reviewAt = new Date(Date.now() + 49 * 86_400_000).toISOString();
    await told.done(people.roads, id, 'request-suspension', { reason: '管线迁改需八周', reviewAt });
    expect(await told.done(people.manager, id, 'suspend')).toMatchObject({ state: 'suspended' });
    // Seven weeks: the clock stands, nothing turns red, and the review comes up by itself.
    await passes(id, '50 days');
    expect((await rang(id)).filter((kind) => kind === 'red' || kind === 'yellow')).toEqual([]);
    expect(await rang(id)).toContain('review');
    expect(await told.life(id)).toMatchObject({ light: 'stopped', isSupervised: false });
    const { dueAt } = await told.done(people.roads, id, 'resume');
    // What the suspension took is added, not a day of it lost or won.
    const left = (new Date(dueAt ?? '').getTime() - Date.now()) / 86_400_000;
    const had = (new Date(first ?? '').getTime() - Date.now()) / 86_400_000;
    expect(Math.abs(left - had)).toBeLessThan(4); // in working days it is the same

    await told.done(people.street, id, 'finish-part', { note: '已修复路面' });
    await told.done(people.roads, id, 'hand-in', { outcome: 'solved', publicReply: '锦麦街路面已修复通行。' });
    await told.done(people.dispatcher, id, 'accept-feedback');
    expect(await callsBack(id, 'close')).toMatchObject({ state: 'closed' });
    expect(await told.done(people.dispatcher, id, 'archive')).toMatchObject({ state: 'archived' });
    expect((await timeline(id)).filter((type) => !type.startsWith('alarm_'))).toEqual(['opened', 'owner_assigned', 'edited', 'save_for_dispatch', 'talked', 'propose', 'dispatch', 'sign', 'note_contact', 'sub_dispatch',
      'sign', 'note_progress', 'request_suspension', 'suspend', 'resume', 'finish_part', 'hand_in', 'accept_feedback', 'close', 'talked', 'archive']);
    expect((await told.life(id)).feedbacks).toHaveLength(1);
  });
});

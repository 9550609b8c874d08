import { describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { story } from '../support/story.ts';

describe('the quick answer', () => {
  const { city, told, call, edit, act, hungUp, timeline } = story();

  it('is given in the call: no unit, no clock, and the archive has the whole of it', async () => {
    const one = await call('13800041001');
    await edit(one.desk.api, one.caseId, { type: 'inquiry', categoryCode: 'city-road', citizenName: '李小满', cause: '问社保卡在哪里补办' });
    expect(await act(one.desk.api, one.caseId, 'actions/answer', { answer: '任一社保服务网点均可补办，带身份证即可。' })).toMatchObject({ state: 'answered' });
    await hungUp(one);

    expect(await told.done(told.people.dispatcher, one.caseId, 'archive')).toMatchObject({ state: 'archived', allowedActions: [] });
    expect(await told.life(one.caseId)).toMatchObject({ parts: [], dueAt: null, leadUnitId: null });
    expect(await timeline(one.caseId)).toEqual(['opened', 'owner_assigned', 'edited', 'answer', 'talked', 'archive']);
    // One call, one case, one recording, and nothing that could still ring.
    expect(await query(city.pool, 'select id from calls where case_id = $1', [one.caseId])).toHaveLength(1);
    expect(await query(city.pool, 'select id from case_alarms where case_id = $1', [one.caseId])).toEqual([]);
    // Archived is read-only.
    await expect(edit(one.desk.api, one.caseId, { cause: '另一件事' })).rejects.toThrow();
  });
});

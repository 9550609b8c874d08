import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { tone, tonesIn } from '../support/heard.ts';
import { hotline } from '../support/hotline.ts';
import { pollDesk } from '../support/poll-desk.ts';
import { keys } from '../support/survey-desk.ts';
import { until } from '../support/until.ts';

const voiceHertz = 1_000;
/** The two answers, and # for nothing to say; should a key be taken for the echo of the one before, what follows makes up for it. */
const answers = (key: string) => `1 ${key} ${key} # ${key} # ${key} #`;

describe('a campaign, on the real Asterisk', () => {
  const city = hotline();
  let desk: Awaited<ReturnType<typeof pollDesk>>;
  beforeAll(async () => {
    desk = await pollDesk(city.pool, city.origin, 'ring');
    await city.pool.query(`update survey_rules set max_lines = 4, max_tries = 1, link_days = 0, windows = '[{"from": "00:00", "to": "24:00"}]'`);
  });
  afterEach(() => city.quiet());
  afterAll(async () => {
    await city.pool.query('update survey_rules set max_lines = 0');
    await city.close();
  });

  it('asks twelve citizens: some answer, one speaks, one refuses, one is busy, and no more of a cell than its quota', async () => {
    const { east, west } = desk.districts;
    for (const [index, last] of [0, 1, 2, 3, 4, 0, 1].entries()) await desk.closed({ phone: `1390006${index}00${last}`, district: east });
    for (const last of [5, 6, 7, 8, 9]) await desk.closed({ phone: `1390007000${last}`, district: west });
    await city.party('phones-poll', {}, { calls: 20, speech: tone(voiceHertz), pressesOf: {
      first: keys(answers('1'), 1_000), second: keys(answers('2'), 1_000), unwilling: keys('9', 1_000), speaks: keys('1 1 1 1 1', 1_000),
    } });
    const id = await desk.make({ maxLines: 3, quota: { by: 'district', most: 3, cells: { [west]: 100 } } });
    expect(await desk.done('POST', `/${id}/preview`)).toMatchObject({ citizens: 12, cells: [{ cell: east, citizens: 7, most: 3 }, { cell: west, citizens: 5, most: 100 }] });
    await desk.done('POST', `/${id}/start`);
    await desk.when(id, (one) => (one.progress['calling'] ?? 0) > 0, 'citizens are called');
    // While it rests, nobody is called; who talks goes on.
    await desk.done('POST', `/${id}/pause`);
    const rested = await desk.when(id, (one) => one.progress['calling'] === 0, 'calls are over');
    const placed = async () => (await query(city.pool, 'select 1 from calls c join surveys s on s.id = c.survey_id where s.campaign_id = $1', [id])).length;
    expect([rested.state, await placed()]).toEqual(['paused', 12 - (rested.progress['open'] ?? 0) - (rested.progress['quotaFull'] ?? 0)]);
    await desk.done('POST', `/${id}/resume`);
    const ended = await desk.when(id, (one) => one.state === 'ended', 'nobody is left to ask');
    expect(ended).toMatchObject({
      endedWhy: 'done', population: 12, progress: { sampled: 12, open: 0, calling: 0, answered: 6, refused: 1, unreachable: 1, quotaFull: 4, withdrawn: 0 },
      cells: [{ cell: east, drawn: 7, answered: 3, isFull: true }, { cell: west, drawn: 5, answered: 3, isFull: false }],
    });
    expect(await placed()).toBe(8);
    expect(await query(city.pool, 'select outcome, count(*)::integer from calls c join surveys s on s.id = c.survey_id where s.campaign_id = $1 group by 1 order by 1', [id])).toEqual([{ outcome: 'busy', count: 1 }, { outcome: 'refused', count: 1 }, { outcome: 'surveyed', count: 6 }]);
    const [atOnce] = await query<{ most: number }>(city.pool, `with own as (select c.id, c.offered_at, c.ended_at from calls c join surveys s on s.id = c.survey_id where s.campaign_id = $1)
      select max(n)::integer as most from (select count(*) as n from own a join own b on b.offered_at <= a.offered_at and b.ended_at > a.offered_at group by a.id) as at_once`, [id]);
    expect(atOnce?.most).toBeLessThanOrEqual(3);
    // No seat had any part in it.
    expect(await query(city.pool, 'select 1 from call_legs l join calls c on c.id = l.call_id join surveys s on s.id = c.survey_id where s.campaign_id = $1 and l.seat_id is not null', [id])).toEqual([]);

    expect(await desk.done('GET', `/${id}/results`)).toMatchObject({
      responseRate: { count: 6, of: 8, share: 0.75 }, brokenOff: 0,
      questions: [
        { code: 'known', answered: 6, options: [{ value: 'yes', count: 4, of: 6 }, { value: 'no', count: 2, of: 6 }] },
        { code: 'mark', answered: 6, options: [{ value: '1', count: 4 }, { value: '2', count: 2 }, { value: '0', count: 0 }, { value: '9', count: 0 }], mean: { mean: expect.closeTo(8 / 6, 9) as number, of: 6 } },
        { code: 'opinion' },
      ],
    });
    // Who speaks to the end of the time that there is; others pressed #.
    const opinions = (await desk.done('GET', `/${id}/answers?question=opinion`)).items as { id: string; spokenSec: number; cell: string; text: string | null }[];
    const spoken = opinions.find((one) => one.spokenSec >= 5);
    expect(spoken).toMatchObject({ cell: west, by: 'phone', text: null });
    const sec = spoken?.spokenSec ?? 0;
    const heard = await until(async () => {
      const answer = await fetch(`${city.origin}/api/campaigns/${id}/answers/${spoken?.id ?? ''}/audio`, { headers: { cookie: desk.people.supervisor.cookie } });
      return answer.status === 200 && Buffer.from(await answer.arrayBuffer());
    }, 'the voice is stored');
    expect(Math.abs((heard.length - 58) / 16_000 - sec)).toBeLessThan(0.2);
    expect(tonesIn(heard, 1_500, 3_500, [voiceHertz, 400])).toEqual({ left: [voiceHertz], right: [] });
    const listened = await query(city.pool, `select count(*)::integer from audit_log a join surveys s on s.call_id::text = a.entity_id where a.action = 'recording.listened' and s.campaign_id = $1 and a.user_id = $2`, [id, desk.people.supervisor.id]);
    expect(listened).toEqual([{ count: 1 }]);

    // Whoever refused is asked no more, by no campaign.
    const next = await desk.make({ quietDays: 0 });
    expect(await desk.done('POST', `/${next}/preview`)).toMatchObject({ citizens: 11 });
    await desk.done('POST', `/${next}/stop`);
  });
});

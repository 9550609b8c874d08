import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openCase } from '../../src/cases/open-case.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import { hotline } from '../support/hotline.ts';
import { serviceOn, startOwnStack } from '../support/own-stack.ts';
import { keys } from '../support/survey-desk.ts';
import { until } from '../support/until.ts';

const citizens = 500;
const number = (index: number): string => String(13_800_060_000 + index);

describe('five hundred citizens are each asked once, on the real Asterisk, whatever dies meanwhile', () => {
  let stack: Awaited<ReturnType<typeof startOwnStack>>;
  let city: ReturnType<typeof hotline>;
  let standBy: ReturnType<typeof serviceOn>;
  beforeAll(async () => {
    stack = await startOwnStack();
    city = hotline(stack.place);
    standBy = serviceOn(stack.place, { name: 'stand-by', settings: { HOTLINE_HTTP_PORT: stack.place.env['TEST_STAND_BY_PORT'] ?? '' } });
    await city.pool.query(`update survey_rules set max_lines = 40, link_days = 0, windows = '[{"from": "00:00", "to": "24:00"}]'; insert into survey_pace (id) values ('default') on conflict do nothing;
      update survey_pace set paused_at = now(), paused_by = (select id from users limit 1)`);
  });
  afterAll(async () => {
    await city.close();
    await standBy.part.stop();
    await stack.stop();
  });

  /** Results that were accepted: the last thing before the citizen is asked. */
  const openCases = async () => {
    const at = new Date();
    for (let index = 0; index < citizens; index += 1) await transaction(city.pool, (tx) => openCase(tx, { caseId: uuid(), channel: 'phone', phoneRaw: number(index), areaCode: '0571', at }));
    await city.pool.query(`update cases set state = 'callback', callback_reason = 'feedback', survey_round = 1, public_reply = '坑已填平'`);
  };
  const counts = async (): Promise<Record<string, number>> => Object.fromEntries((await query<{ state: string; count: number }>(city.pool, 'select state, count(*)::integer from surveys group by state')).map(({ state, count }) => [state, count]));
  const completed = (count: number) => until(async () => ((await counts())['completed'] ?? 0) >= count, `${count} citizens have answered`, 900_000);
  /** On a slow machine all may be over before somebody looks. */
  const surveying = () => until(async () => (await query(city.pool, `select 1 from calls where state = 'surveying' and script->'answers' <> '[]'`)).length > 0 || (await counts())['completed'] === citizens, 'a citizen is in the middle of the questions');
  const kill = (part: { readonly pid?: number | undefined; readonly isRunning: boolean } | undefined, what: string) => {
    if (!part?.pid) throw new Error(`${what} does not run`);
    process.kill(part.pid, 'SIGKILL');
    return until(() => !part.isRunning, `${what} is gone`);
  };

  it('Redis is wiped, and dies; the service and its stand-by are killed in the middle of calls; both work at once', async () => {
    await openCases();
    // A key that comes while no service is there is lost; more of them come.
    await city.party('phone-keys', { RING_MS: 50 }, { presses: keys('1 1 1 1 1 1 1 1', 600), calls: 5_000 });
    await until(async () => ((await counts())['due'] ?? 0) === citizens, 'every result has its survey');
    await standBy.start();
    await city.pool.query('update survey_pace set paused_at = null, paused_by = null');
    // What our own losses put off by minutes is due at once.
    const hurry = setInterval(() => void city.pool.query(`update surveys set next_try_at = now() where state = 'due' and next_try_at > now()`), 500);
    onTestFinished(() => clearInterval(hurry));

    await completed(40);
    const redis = new Redis(city.env['REDIS_URL'] ?? '');
    await redis.flushall();
    redis.disconnect();
    await completed(90);
    await surveying();
    await kill(stack.servers['service']?.part, 'the service');
    await completed(150);
    await stack.servers['service']?.start();
    await kill(stack.servers['redis']?.part, 'Redis');
    await pause(2_000);
    await stack.servers['redis']?.start();
    await completed(200);
    await surveying();
    await kill(standBy.part, 'the stand-by');
    await completed(citizens);
    await until(async () => (await query(city.pool, 'select 1 from surveys where settled_at is null')).length === 0, 'every case knows');
    await city.quiet();

    expect(await counts()).toEqual({ completed: citizens });
    expect(await query(city.pool, `select state, count(*)::integer from cases group by state`)).toEqual([{ state: 'closed', count: citizens }]);
    // Each has one call in which the questions were answered to the end, one end on the timeline, every answer, and no two calls at once.
    expect(await query(city.pool, `select s.id, count(c.id) from surveys s left join calls c on c.survey_id = s.id and c.outcome = 'surveyed' group by s.id having count(c.id) <> 1`)).toEqual([]);
    expect(await query(city.pool, `select case_id, count(*) from case_events where type = 'survey_completed' group by case_id having count(*) <> 1`)).toEqual([]);
    expect(await query(city.pool, `select survey_id, count(*) from survey_answers group by survey_id having count(*) <> 3`)).toEqual([]);
    expect(await query(city.pool, 'select count(*)::integer from survey_answers')).toEqual([{ count: 3 * citizens }]);
    expect(await query(city.pool, `select a.id from calls a join calls b on b.survey_id = a.survey_id and b.id > a.id and b.offered_at < a.ended_at`)).toEqual([]);
    // Nobody who was asked to the end was called again.
    expect(await query(city.pool, `select b.id from calls a join calls b on b.survey_id = a.survey_id and b.id > a.id where a.outcome = 'surveyed'`)).toEqual([]);
  });
});

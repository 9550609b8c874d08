import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Person } from '../support/people.ts';
import { until } from '../support/until.ts';

describe('alarms that were given up are seen', () => {
  const city = hotline();
  let [admin, operator, supervisor]: (Person | undefined)[] = [];
  const url = new URL(city.env['REDIS_URL'] ?? '');
  const queue = new Queue('ring-case-alarm', { prefix: 'hotline', connection: { host: url.hostname, port: Number(url.port), password: url.password } });
  beforeAll(async () => {
    [admin, operator, supervisor] = [await enter(city.pool, ['admin']), await enter(city.pool, ['operator']), await enter(city.pool, ['supervisor'])];
  });
  afterAll(async () => {
    await queue.close();
    await city.close();
  });
  const get = (path: string, as?: Person) => ask(city.origin, 'GET', path, as ? { as } : {});

  it('on a board behind the login, for admins alone', async () => {
    for (const path of ['/admin/jobs', '/admin/jobs/api/queues']) {
      expect((await get(path)).body).toMatchObject({ status: 401, code: 'not_authenticated' });
      expect((await get(path, operator)).body).toMatchObject({ status: 403, code: 'forbidden' });
    }
    const page = await fetch(`${city.origin}/admin/jobs`, { headers: { cookie: admin?.cookie ?? '' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const script = /src="([^"]+\.js)"/.exec(await page.text())?.[1] ?? '';
    expect((await fetch(new URL(script, `${city.origin}/admin/jobs/`), { headers: { cookie: admin?.cookie ?? '' } })).status).toBe(200);
  });

  it('with what went wrong, and in the metrics of their queue', async () => {
    const failed = async () => {
      const text = await (await fetch(`${city.origin}/metrics`, { headers: { cookie: supervisor?.cookie ?? '' } })).text();
      return Number(/hotline_jobs\{queue="ring-case-alarm",state="failed"\} (\d+)/.exec(text)?.[1]);
    };
    const before = await failed();
    const job = await queue.add('ring-case-alarm', { alarmId: 'no alarm' }, { attempts: 1 });
    await until(async () => (await failed()) === before + 1, 'the job is given up');
    const board = (await get('/admin/jobs/api/queues?activeQueue=ring-case-alarm&status=failed', admin)).body as { queues: { name: string; jobs: { id: string; failedReason: string }[] }[] };
    expect(board.queues.map((one) => one.name).sort()).toEqual(['call-survey', 'end-wrap-up', 'ring-case-alarm', 'send-sms', 'store-recordings']);
    expect(board.queues.find((one) => one.name === 'ring-case-alarm')?.jobs.find((one) => one.id === job.id)?.failedReason).toContain('uuid');
    await queue.remove(job.id ?? '');
    expect(await failed()).toBe(before);
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leadTelephony } from '../../src/telephony/leader.ts';
import { capturedLog } from '../support/captured-log.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { openResources, untilSocketsAre } from '../support/open-sockets.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { until } from '../support/until.ts';

describe('one process leads telephony', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  let sockets = 0;
  const running: { stop: () => unknown }[] = [];
  beforeAll(async () => { db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? ''); });
  afterAll(() => db.close());
  beforeEach(async () => {
    await db.pool.query('select 1');
    sockets = openResources('sockets');
  });
  afterEach(async () => {
    for (const one of running.splice(0).reverse()) await one.stop();
    await untilSocketsAre(sockets);
  });

  /** A process that may lead, behind a network of its own. */
  const candidate = async () => {
    const url = new URL(db.url);
    const proxy = await startFaultProxy({ port: Number(url.port) });
    url.port = String(proxy.port);
    const { log, lines } = capturedLog();
    const state = { isLeading: false, terms: 0, matches: 0, standsBy: false, isDatabaseAway: false, giveUp: (): void => undefined };
    const { stop, holds } = leadTelephony({ config: { DATABASE_URL: url.href } as Parameters<typeof leadTelephony>[0]['config'], log }, {
      prepare: () => Promise.resolve(),
      onStandBy: () => { state.standsBy = true; },
      onDatabaseAway: () => { state.isDatabaseAway = true; },
      onNotified: { match_wanted: () => { state.matches += 1; } },
      start: (giveUp) => { Object.assign(state, { isLeading: true, terms: state.terms + 1, giveUp }); },
      stop: () => { state.isLeading = false; return Promise.resolve(); },
    }, { beatMs: 100, silentMs: 1_000, askMs: 100 });
    running.push(proxy, { stop });
    return { proxy, state, stop, holds, lines, leads: (terms = 1) => until(() => state.isLeading && state.terms >= terms, `term ${terms}`) };
  };
  const holders = async (): Promise<number> =>
    (await db.pool.query(`select 1 from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`)).rowCount ?? 0;

  it('hears who asks for a match', async () => {
    const one = await candidate();
    await one.leads();
    await db.pool.query(`select pg_notify('match_wanted', '')`);
    await until(() => one.state.matches === 1, 'the match');
    expect(await holders()).toBe(1);
  });

  it('a stand-by takes over when the leader stops', async () => {
    const [one, two] = [await candidate(), await candidate()];
    await until(() => one.state.isLeading || two.state.isLeading, 'somebody leads');
    const [leader, other] = one.state.isLeading ? [one, two] : [two, one];
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(other.state.terms).toBe(0);
    await leader.stop();
    await other.leads();
    expect([leader.state.isLeading, await holders()]).toEqual([false, 1]);
  });

  it('gives the role up when its database goes silent without a word, and takes it again when it is back', async () => {
    const one = await candidate();
    await one.leads();
    one.proxy.freeze();
    await until(() => !one.state.isLeading, 'the role is given up');
    // The database itself still holds the old session; it ends it when the network tells, here at once.
    await db.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()', ['hotline12345-leader']);
    await one.proxy.pass();
    await one.leads(2);
    expect(await holders()).toBe(1);
  });

  it('a leader that stands still loses the role to a stand-by, and knows it before it acts', async () => {
    const one = await candidate();
    await one.leads();
    const two = await candidate();
    await until(() => two.state.standsBy, 'the other stands by');
    expect(one.holds()).toBe(true);
    // Both ends still stand: the connection is there, and the lock with it, but nothing is asked any more.
    one.proxy.freeze();
    await two.leads();
    expect([one.holds(), two.holds(), await holders()]).toEqual([false, true, 1]);
    expect(two.lines.filter((line) => line.msg.includes('has been silent'))).toHaveLength(1);
    await until(() => one.state.isDatabaseAway, 'the first knows that it cannot ask');
  });

  it.each(['reset', 'end'] as const)('gives the role up when its connection meets: %s, and takes it again', async (fault) => {
    const one = await candidate();
    await one.leads();
    one.proxy[fault]();
    await one.leads(2);
    expect(one.lines.filter((line) => line.msg.startsWith('The telephony role was lost'))).toHaveLength(1);
  });

  it('whose application another took lets the stand-by lead, and waits before it asks again', async () => {
    const one = await candidate();
    await one.leads();
    const two = await candidate();
    one.state.giveUp();
    await two.leads();
    await two.stop();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect([one.state.terms, await holders()]).toEqual([1, 0]);
  });

  it('stops at once and wholly: leading, as a stand-by, while the database refuses, and while it says nothing', async () => {
    const timers = openResources('timers');
    const leader = await candidate();
    await leader.leads();
    const standBy = await candidate();
    await standBy.stop();
    for (const prepare of ['refuse', 'freeze'] as const) {
      const one = await candidate();
      one.proxy[prepare]();
      await until(() => one.proxy.accepted() > 0 || prepare === 'refuse', 'it has tried');
      await one.stop();
      expect(one.state.terms).toBe(0);
    }
    await leader.stop();
    expect(leader.state.isLeading).toBe(false);
    await until(async () => (await holders()) === 0, 'the role is free');
    await until(() => openResources('timers') <= timers, 'no timer is left');
  });
});

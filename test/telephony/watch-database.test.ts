import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createPool } from '../../src/db/pool.ts';
import { transaction } from '../../src/db/transaction.ts';
import { watchDatabase } from '../../src/db/watch-database.ts';
import { buildApp } from '../../src/http/app.ts';
import type { Deps } from '../../src/deps.ts';
import { capturedLog } from '../support/captured-log.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { until } from '../support/until.ts';

describe('a database that says nothing any more', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  const running: (() => unknown)[] = [];
  beforeAll(async () => { db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? ''); });
  afterEach(async () => { for (const stop of running.splice(0).reverse()) await stop(); });
  afterAll(() => db.close());

  const behindProxy = async () => {
    const url = new URL(db.url);
    const proxy = await startFaultProxy({ port: Number(url.port) });
    url.port = String(proxy.port);
    const { log, lines } = capturedLog();
    const pool = createPool(url.href, log);
    const watch = watchDatabase({ pool, databaseUrl: url.href, log }, { beatMs: 100, silentMs: 1_000 });
    running.push(proxy.stop, () => pool.end(), () => watch.stop());
    await until(async () => (await pool.query('select 1')).rowCount, 'it answers');
    const said = (start: string): number => lines.filter((line) => line.level >= 30 && line.msg.startsWith(start)).length;
    return { proxy, pool, log, said };
  };
  /** What becomes of it, soon: nothing waits longer than the watch. */
  const outcome = (work: Promise<unknown>): Promise<string> => work.then(() => 'answered', () => 'refused');

  it('keeps no query and no transaction waiting, is told of once, and is used again when it is back', async () => {
    const { proxy, pool, said } = await behindProxy();
    const frozen = new Promise<void>((resolve) => {
      running.push(() => resolve());
      setTimeout(() => { proxy.freeze(); resolve(); }, 200);
    });
    const waiting = [outcome(pool.query('select pg_sleep(0.5)')), outcome(transaction(pool, (tx) => tx.query('select pg_sleep(0.5)')))];
    await frozen;
    expect(await Promise.all(waiting)).toEqual(['refused', 'refused']);
    await until(() => said('The database cannot be reached') === 1, 'it is said');
    await proxy.pass();
    await until(() => said('The database answers again') === 1, 'it is back');
    expect(await outcome(pool.query('select 1'))).toBe('answered');
    expect(said('The database cannot be reached')).toBe(1);
  });

  it('lost between two statements of a transaction, fails the transaction and not the process', async () => {
    const { proxy, pool } = await behindProxy();
    const lost = transaction(pool, async (tx) => {
      proxy.reset();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await tx.query('select 1');
    });
    expect(await outcome(lost)).toBe('refused');
    expect(await outcome(pool.query('select 1'))).toBe('answered');
  });

  it('a long statement is no silence', async () => {
    const { pool, said } = await behindProxy();
    expect(await outcome(pool.query('select pg_sleep(2)'))).toBe('answered');
    expect(said('The database cannot be reached')).toBe(0);
  });

  it('a burst waits for a free connection longer than a server may take to give a new one: late, not lost', async () => {
    const pool = createPool(db.url, capturedLog().log, 1);
    running.push(() => pool.end());
    const holder = await pool.connect();
    const waiting = Promise.all(Array.from({ length: 50 }, () => outcome(pool.query('select 1'))));
    setTimeout(() => holder.release(), 6_000);
    expect(new Set(await waiting)).toEqual(new Set(['answered']));
  });

  it('the API answers 503 as a problem, and does not log each request', async () => {
    const { proxy, pool, log, said } = await behindProxy();
    const deps = { config: { HOTLINE_TRUSTED_PROXIES: '', HOTLINE_REQUESTS_PER_MINUTE: 1_000 }, log, pool, now: () => new Date() } as unknown as Deps;
    const app = await buildApp(deps, { checks: [], routes: [(routes) => {
      routes.get('/api/looks', { config: { permission: 'public' }, schema: { summary: 'Looks', tags: ['test'] } }, async () => (await pool.query('select 1')).rowCount);
    }] });
    running.push(() => app.close());
    proxy.freeze();
    const answers = await Promise.all([1, 2, 3].map(() => app.inject('/api/looks')));
    for (const answer of answers) expect([answer.statusCode, answer.headers['content-type'], answer.json<{ code: string }>().code]).toEqual([503, 'application/problem+json; charset=utf-8', 'unavailable']);
    await proxy.pass();
    await until(async () => (await app.inject('/api/looks')).statusCode === 200, 'it works again');
    expect([said('The database cannot be reached'), said('A request failed unexpectedly')]).toEqual([1, 0]);
  });
});

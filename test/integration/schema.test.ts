import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCase } from '../../src/cases/open-case.ts';
import { dayInShanghai } from '../../src/cases/case-number-rules.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';

describe('the database guards its own rows', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  beforeAll(async () => { db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? ''); });
  afterAll(() => db.close());
  const open = async (at: Date, phoneRaw = '13911118001') => transaction(db.pool, (tx) => openCase(tx, { caseId: uuid(), channel: 'phone', phoneRaw, areaCode: '0571', at }));

  it.each([
    ['an unknown state', `update cases set state = 'lost' where id = $1`],
    ['a callback without its reason', `update cases set state = 'callback' where id = $1`],
    ['an answered case without an answer', `update cases set state = 'answered', closed_at = now() where id = $1`],
    ['an answered case that is still open', `update cases set state = 'answered', answer = 'x' where id = $1`],
    ['an open case with an end', `update cases set closed_at = now() where id = $1`],
    ['a report that is not confidential', `update cases set type = 'report' where id = $1`],
    ['an unknown category', `update cases set category_code = 'nothing' where id = $1`],
    ['an owner who does not exist', `update cases set owner_id = gen_random_uuid() where id = $1`],
    ['a number of another form', `update cases set number = '2026-1' where id = $1`],
    ['a mobile with too few digits', `update case_identities set phone = '139' where case_id = $1`],
    ['a withheld caller with a number', `update case_identities set phone_kind = 'withheld' where case_id = $1`],
    ['an event to nowhere', `insert into case_events (case_id, at, type, from_state, to_state) values ($1, now(), 'moved', 'draft', 'nowhere')`],
    ['an event out of nowhere', `insert into case_events (case_id, at, type, to_state) values ($1, now(), 'moved', 'draft')`],
    ['a draft that is no form', `insert into case_drafts (case_id, user_id, base_version, fields, saved_at) values ($1, gen_random_uuid(), 1, '[]', now())`],
    ['a case gone while its events stay', 'delete from cases where id = $1'],
  ])('refuses %s', async (_what, statement) => {
    const { id } = await open(new Date());
    await expect(db.pool.query(statement, [id])).rejects.toThrow(/violates (check|foreign key) constraint/);
  });

  it('starts the numbers of a day at midnight in China', async () => {
    const numbers = [];
    for (const at of ['2031-05-01T15:59:59.999Z', '2031-05-01T16:00:00Z', '2031-05-01T15:59:59.999Z']) numbers.push((await open(new Date(at))).number);
    expect(numbers).toEqual(['20310501-000001', '20310502-000001', '20310501-000002']);
  });

  it('opens no case past the last number of a day, rather than one with a wrong number', async () => {
    const at = new Date('2031-06-01T04:00:00Z');
    await db.pool.query('insert into case_counters (day, last) values ($1, 999998)', [dayInShanghai(at)]);
    expect((await open(at)).number).toBe('20310601-999999');
    await expect(open(at)).rejects.toThrow('case_counters');
  });

  it('goes back to the schema before and forth again, migration by migration', async () => {
    const own = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    const shape = async () => query(own.pool, `select conrelid::regclass::text as "table", conname from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2`);
    const columns = async () => query(own.pool, `select table_name, column_name, is_nullable from information_schema.columns where table_schema = 'public' order by 1, 2`);
    const migrate = (direction: 'up' | 'down', count: number) => runner({
      databaseUrl: own.url, dir: fileURLToPath(new URL('../../migrations', import.meta.url)), migrationsTable: 'migrations', direction, count, log: () => undefined,
    });
    try {
      const [before, names] = [await shape(), await columns()];
      const all = await query(own.pool, 'select name from migrations');
      for (const _ of all) await migrate('down', 1);
      expect((await columns()).filter((row) => (row as { tableName: string }).tableName !== 'migrations')).toEqual([]);
      await migrate('up', all.length);
      expect([await shape(), await columns()]).toEqual([before, names]);
    } finally {
      await own.close();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute, query } from '../../src/db/query.ts';
import { atOnce, sendAlong, transaction } from '../../src/db/transaction.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';

describe('a transaction whose statements share round trips', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  beforeAll(async () => {
    db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    await db.pool.query('create table notes (id integer primary key)');
  });
  afterAll(() => db.close());
  const ids = async () => (await query<{ id: number }>(db.pool, 'select id from notes order by id')).map((row) => row.id);
  const insert = 'insert into notes (id) values ($1)';

  it('commits what was sent along, in the order in which it was given', async () => {
    const seen = await transaction(db.pool, async (tx) => {
      sendAlong(tx, execute(tx, insert, [1]), undefined, execute(tx, 'update notes set id = 2 where id = 1'));
      return query<{ id: number }>(tx, 'select id from notes');
    });
    expect(seen).toEqual([{ id: 2 }]);
    expect(await ids()).toEqual([2]);
  });

  it('commits nothing when what was sent along failed, and says why, although nobody waited for it', async () => {
    const work = transaction(db.pool, async (tx) => { sendAlong(tx, execute(tx, insert, [3]), execute(tx, insert, [2])); await Promise.resolve(); });
    await expect(work).rejects.toThrow(/duplicate key/);
    // Not that a later statement met an aborted transaction.
    const later = transaction(db.pool, async (tx) => { sendAlong(tx, execute(tx, insert, [2])); await query(tx, 'select 1'); });
    await expect(later).rejects.toThrow(/duplicate key/);
    expect(await ids()).toEqual([2]);
  });

  it('commits nothing when the work throws, or swallows a failure', async () => {
    await expect(transaction(db.pool, async (tx) => { sendAlong(tx, execute(tx, insert, [4])); await Promise.reject(new Error('no')); })).rejects.toThrow('no');
    await expect(transaction(db.pool, async (tx) => { await execute(tx, insert, [5]); await execute(tx, insert, [2]).catch(() => undefined); })).rejects.toThrow(/failed/);
    expect(await ids()).toEqual([2]);
  });

  it('lets nothing write after the rollback, and refuses what comes after the end', async () => {
    const late = transaction(db.pool, (tx) => atOnce(
      (async () => { await query(tx, 'select 1'); await execute(tx, insert, [6]); })(),
      execute(tx, insert, [2]),
    ));
    await expect(late).rejects.toThrow(/duplicate key|aborted/);
    const left = await transaction(db.pool, async (tx) => Promise.resolve(tx));
    expect(() => sendAlong(left, undefined)).toThrow(/over/);
    expect(await ids()).toEqual([2]);
  });
});

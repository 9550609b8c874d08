import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { UserActor } from '../../src/auth/actor.ts';
import { permissionsOf } from '../../src/auth/permissions.ts';
import { findPage } from '../../src/cases/lists/find-page.ts';
import type { ListFilter } from '../../src/cases/lists/list-filter.ts';
import { readerOf, type Reader } from '../../src/cases/lists/reader.ts';
import { retagCases } from '../../src/cases/lists/retag-cases.ts';
import { findRetag, noteMoves } from '../../src/cases/lists/retag-queries.ts';
import { wordsOf } from '../../src/cases/lists/words-rules.ts';
import { openCase } from '../../src/cases/open-case.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import { createLogger } from '../../src/log.ts';
import { moveUnit } from '../../src/units/change-unit.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { growUnit } from '../support/unit-tree.ts';
import { until } from '../support/until.ts';

describe('what a search is limited to stands among the words', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  let [old, young, highest, moved, below] = ['', '', '', '', ''];
  beforeAll(async () => { db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? ''); });
  afterAll(() => db.close());
  beforeEach(async () => {
    [old, young, highest] = [await growUnit(db.pool, '旧区'), await growUnit(db.pool, '新区'), await growUnit(db.pool, '市')];
    moved = await growUnit(db.pool, '街道', old);
    below = await growUnit(db.pool, '社区', moved);
  });

  const deps = (): Deps => ({ pool: db.pool, log: createLogger('silent'), now: () => new Date() }) as unknown as Deps;
  const retag = (): Promise<void> => retagCases(deps(), new AbortController().signal);
  /** Other databases of the server have transactions that are waited for, too. */
  const workOff = (): Promise<boolean> => until(async () => { await retag(); return (await waiting()).length === 0; }, 'all moves to be worked off');
  const make = async (): Promise<string> => {
    const id = uuid();
    await transaction(db.pool, (tx) => openCase(tx, { caseId: id, channel: 'visit', phoneRaw: '13811112222', areaCode: '0571', at: new Date() }));
    await db.pool.query(`update cases set state = 'pending_dispatch', type = 'help', category_code = 'city', district_code = '330102', cause = '路灯不亮' where id = $1`, [id]);
    await db.pool.query('insert into case_words (case_id, words) values ($1, $2::text[] || case_tags($1))', [id, wordsOf(id, ['路灯不亮'], null)]);
    return id;
  };
  const give = (client: pg.Pool | pg.PoolClient, caseId: string, unitId: string) =>
    client.query(`insert into case_units (id, case_id, unit_id, role, arrived_at, sign_due_at, due_at) values ($1, $2, $3, 'lead', now(), now(), now())`, [uuid(), caseId, unitId]);
  const given = async (unitId: string): Promise<string> => {
    const id = await make();
    await give(db.pool, id, unitId);
    return id;
  };
  const move = async (unitId: string, parentId: string): Promise<void> => {
    const [unit] = await query<{ version: number }>(db.pool, 'select version from units where id = $1', [unitId]);
    await transaction(db.pool, (tx) => moveUnit(tx, unitId, unit?.version ?? 0, parentId));
  };
  const of = (unitId: string): Reader => readerOf({ kind: 'user', userId: uuid(), unitId, permissions: permissionsOf(['unit_handler']) } as unknown as UserActor);
  const hotline = readerOf({ kind: 'user', userId: uuid(), unitId: null, permissions: permissionsOf(['dispatcher']) } as unknown as UserActor);
  const find = async (reader: Reader, more: ListFilter = {}): Promise<string[]> => {
    const [newest, due] = await Promise.all((['newest', 'due'] as const).map((sort) => findPage(db.pool, { filter: { q: '路灯', ...more }, reader, sort, after: null, limit: 100, now: new Date() })));
    const ids = (newest ?? []).map((key) => key.id).sort();
    expect((due ?? []).map((key) => key.id).sort()).toEqual(ids);
    return ids;
  };
  const hasTag = async (caseId: string, tag: string): Promise<boolean> => (await query(db.pool, 'select from case_words where case_id = $1 and words @> array[$2]', [caseId, tag])).length > 0;
  const waiting = (): Promise<{ unitId: string | null }[]> => query(db.pool, 'select unit_id from unit_retags');
  const tagsAreRight = async (caseId: string): Promise<void> =>
    expect(await query(db.pool, `select array(select word from unnest(words) word where left(word, 1) = any('{#,=,!,^}') order by word) = array(select unnest(case_tags(case_id)) order by 1) as is_right from case_words where case_id = $1`, [caseId])).toEqual([{ isRight: true }]);

  it('changes with the case, whoever changes it, and is entered once a transaction', async () => {
    const id = await make();
    for (const change of [`type = 'complaint'`, `district_code = '330103'`, `state = 'closed', closed_at = now(), public_reply = 'x'`, `state = 'archived'`, `state = 'pending_dispatch', closed_at = null`]) {
      await db.pool.query(`update cases set ${change} where id = $1`, [id]);
      await tagsAreRight(id);
    }
    const written = async (): Promise<string | undefined> => (await query<{ at: string }>(db.pool, 'select xmin::text || ctid::text as at from case_words where case_id = $1', [id]))[0]?.at;
    const before = await written();
    await db.pool.query(`update cases set state = 'disputed', updated_at = now() where id = $1`, [id]);
    expect(await written()).toBe(before);
  });

  it('finds a unit’s cases in its new place from the moment it moves, and no more in the old one', async () => {
    const [inMoved, inBelow] = [await given(moved), await given(below)];
    const both = [inMoved, inBelow].sort();
    expect([await find(of(old)), await find(of(young))]).toEqual([both, []]);
    await move(moved, young);
    expect([await hasTag(inBelow, `#${young}`), await waiting()]).toEqual([false, [{ unitId: moved }]]);
    expect([await find(of(old)), await find(of(young)), await find(of(below))]).toEqual([[], both, [inBelow]]);
    expect([await find(hotline, { unitId: old }), await find(hotline, { unitId: young })]).toEqual([[], both]);
    // Before anything was tagged anew the new place moves as well, and the unit below goes elsewhere.
    await move(young, highest);
    await move(below, old);
    const places = async (): Promise<string[][]> => [await find(of(highest)), await find(of(young)), await find(of(old))];
    expect(await places()).toEqual([[inMoved], [inMoved], [inBelow]]);
    await workOff();
    expect(await places()).toEqual([[inMoved], [inMoved], [inBelow]]);
    for (const id of both) await tagsAreRight(id);
  });

  it('waits for a transaction that saw the tree before', async () => {
    const id = await make();
    const client = await db.pool.connect();
    try {
      await client.query('begin');
      await client.query('select id from cases where id = $1 for update', [id]);
      await give(client, id, below);
      await client.query('set constraints all immediate');
      await move(moved, young);
      await retag();
      expect(await waiting()).toEqual([{ unitId: moved }]);
      await client.query('commit');
    } finally {
      client.release();
    }
    expect(await find(of(young))).toEqual([id]);
    await workOff();
    await tagsAreRight(id);
    expect(await find(of(young))).toEqual([id]);
  });

  it('waits for a case that somebody holds, and holds no other meanwhile', async () => {
    const ids = [await given(below), await given(below), await given(below)].sort();
    await move(moved, young);
    await noteMoves(db.pool);
    await until(() => findRetag(db.pool), 'those who began before the move to be done');
    const client = await db.pool.connect();
    let working: Promise<void> | undefined;
    try {
      await client.query('begin');
      await client.query('select id from cases where id = $1 for update', [ids[1]]);
      working = retag();
      await until(async () => await hasTag(ids[0] ?? '', `#${young}`) && hasTag(ids[2] ?? '', `#${young}`), 'the free ones to be tagged');
      expect(await hasTag(ids[1] ?? '', `#${young}`)).toBe(false);
      await client.query('select id from cases where id = any($1) for update nowait', [ids]);
      await client.query('commit');
    } finally {
      client.release();
    }
    await working;
    await workOff();
    for (const id of ids) await tagsAreRight(id);
  });

  it('finds cases of before the tags by their rows until all have them', async () => {
    const id = await given(below);
    await db.pool.query(`update case_words set words = array(select word from unnest(words) word where left(word, 1) <> all ('{#,=,!,^}'))`);
    await db.pool.query('insert into unit_retags (unit_id) values (null)');
    expect([await find(of(old)), (await find(hotline, { type: ['help'], district: '330102', state: ['pending_dispatch'] })).includes(id)]).toEqual([[id], true]);
    await workOff();
    await tagsAreRight(id);
    expect([await find(of(old)), await find(hotline, { type: ['praise'] })]).toEqual([[id], []]);
  });
});

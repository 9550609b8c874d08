import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserActor } from '../../src/auth/actor.ts';
import { permissionsOf, type Role } from '../../src/auth/permissions.ts';
import { backfillWords } from '../../src/cases/lists/backfill-words.ts';
import { boxesOf } from '../../src/cases/lists/boxes.ts';
import { countBoxes } from '../../src/cases/lists/count-boxes.ts';
import { findPage } from '../../src/cases/lists/find-page.ts';
import type { ListFilter } from '../../src/cases/lists/list-filter.ts';
import { loadRows } from '../../src/cases/lists/load-rows.ts';
import type { Sort } from '../../src/cases/lists/page-of-cases.ts';
import { readerOf, type Reader } from '../../src/cases/lists/reader.ts';
import { query, type Db } from '../../src/db/query.ts';
import type { Deps } from '../../src/deps.ts';
import { createLogger } from '../../src/log.ts';
import { searches } from '../bench/case-texts.ts';
import { fillCases } from '../bench/fill-cases.ts';
import { fillUnits, unitNumbers } from '../bench/fill-units.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { ownDatabase } from '../support/own-database.ts';

type Plan = { readonly 'Node Type': string; readonly 'Relation Name'?: string; readonly Plans?: readonly Plan[] };
/** Tables with a row and more for each case: none of them is ever read from one end to the other. */
const large = ['cases', 'case_words', 'case_identities', 'case_units', 'case_events'];

function wholeReads(plan: Plan): string[] {
  const own = plan['Node Type'].includes('Seq Scan') && large.includes(plan['Relation Name'] ?? '') ? [plan['Relation Name'] ?? ''] : [];
  return [...own, ...(plan.Plans ?? []).flatMap(wholeReads)];
}

describe('lists among 50,000 cases', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  const readers: Record<string, Reader> = {};
  beforeAll(async () => {
    db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    await fillUnits(db.pool);
    await fillCases(db.url, { cases: 50_000, say: () => undefined });
    const reader = async (role: Role, login: string): Promise<Reader> => {
      const [row] = await query<{ id: string; unitId: string | null }>(db.pool, 'select id, unit_id from users where login = $1', [login]);
      return readerOf({ kind: 'user', userId: row?.id ?? '', unitId: row?.unitId ?? null, permissions: permissionsOf([role]) } as UserActor);
    };
    for (const role of ['operator', 'dispatcher', 'supervisor', 'callback'] as const) readers[role] = await reader(role, `bench-${role}-1`);
    for (const [name, n] of Object.entries(unitNumbers)) readers[name] = await reader('unit_handler', `bench-staff-${n}`);
  });
  afterAll(() => db.close());

  /** The database, which also tells what each statement given to it would read whole. */
  const watched = (reads: string[]): Db => ({
    query: async (given: string | pg.QueryConfig, values?: unknown[]) => {
      const [text, list] = typeof given === 'string' ? [given, values ?? []] : [given.text, given.values ?? []];
      const { rows } = await db.pool.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(`explain (format json) ${text}`, list as unknown[]);
      reads.push(...rows.flatMap((row) => row['QUERY PLAN']).flatMap(({ Plan }) => wholeReads(Plan)).map((table) => `${table}: ${text}`));
      return db.pool.query({ text, values: list as unknown[], rowMode: 'array' });
    },
  }) as unknown as Db;
  /** The database, which also tells how many finds each statement given to it gathered. */
  const counted = (hits: number[]): Db => ({
    query: async (given: pg.QueryArrayConfig) => {
      const result = await db.pool.query<unknown[]>(given);
      const place = result.fields.findIndex(({ name }) => name === 'hits');
      if (place >= 0) hits.push(Number(result.rows[0]?.[place]));
      return result;
    },
  }) as unknown as Db;
  const page = async (reader: Reader, filter: ListFilter, sort: Sort = 'newest'): Promise<string[]> => {
    const reads: string[] = [];
    const keys = await findPage(watched(reads), { filter, reader, sort, after: null, limit: 51, now: new Date() });
    await loadRows(watched(reads), keys.map((key) => key.id), reader);
    return reads;
  };
  const everyone = ['operator', 'dispatcher', 'supervisor', 'callback', 'city', 'department', 'district', 'street', 'community'];
  const of = (name: string): Reader => readers[name] ?? readers['operator'] as Reader;

  it.each(everyone)('counts and lists the boxes of %s by an index', async (name) => {
    const reader = of(name);
    const reads: string[] = [];
    await countBoxes(watched(reads), reader, new Date());
    for (const box of boxesOf(reader)) for (const light of [undefined, 'yellow', 'red'] as const) reads.push(...await page(reader, { box, light }, 'due'));
    expect(reads).toEqual([]);
  });

  it.each(everyone)('searches for %s by an index, for what is common, rare or nowhere', async (name) => {
    for (const words of Object.values(searches)) for (const q of words.slice(0, 3)) for (const sort of ['newest', 'due'] as const) expect(await page(of(name), { q }, sort)).toEqual([]);
    expect(await page(of(name), { q: '20260101' })).toEqual([]);
  });

  it.each(everyone)('lists for %s by an index, whatever the list is limited to', async (name) => {
    const { unitId } = of('district');
    const filters: ListFilter[] = [{}, { category: 'city', district: '330103', type: ['complaint'] }, { unitId: unitId ?? undefined, type: ['help'] }, { overdue: true }, { supervised: true },
      { state: ['in_progress'] }, { state: ['archived'], to: new Date(Date.now() - 400 * 86_400_000).toISOString() }, { channel: ['province'] }, { urgency: ['life_danger'] }, { phone: '13900007919' }, { number: '20260101-000001' }];
    for (const filter of filters) expect([filter, await page(of(name), filter)]).toEqual([filter, []]);
  });

  it('are filled with the tags that the service gives', async () => {
    expect(await query(db.pool, `select case_id from case_words where not words @> case_tags(case_id) or cardinality(array(select word from unnest(words) word where left(word, 1) = any('{#,=,!,^}'))) <> cardinality(case_tags(case_id)) limit 3`)).toEqual([]);
  });

  it('gives the same, whichever way it takes', async () => {
    // Among so few cases in a window of time all ways can be compared with the plain one.
    for (const [name, q] of [['dispatcher', '噪声'], ['dispatcher', '鸬鹚'], ['district', '噪声'], ['department', '路灯 扰民'], ['street', '水']] as const) {
      const reader = of(name);
      const keys = await findPage(db.pool, { filter: { q }, reader, sort: 'newest', after: null, limit: 1_000, now: new Date() });
      const letters = q.split(' ');
      const plain = await query<{ id: string }>(db.pool, `select k.id from cases k where ${letters.map((word) => `k.place || '，' || k.cause || '，' || k.course like '%${word}%'`).join(' and ')}
        and ($1::uuid is null or k.id in (select p.case_id from case_units p join unit_ancestors a on a.unit_id = p.unit_id where a.ancestor_id = $1)) and not exists (select from unit_ancestors o where o.unit_id = $1 and o.ancestor_id = k.about_unit_id)
        order by k.id desc limit 1000`, [reader.unitId]);
      expect(plain.length).toBeGreaterThan(0);
      expect(keys.map((key) => key.id)).toEqual(plain.map((row) => row.id));
    }
  });

  it.each([['now', 'now()'], ['when a day has just begun', `date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' + interval '1 day'`], ['after a quiet week', `now() + interval '7 days'`]])('gathers few of the finds of a common word, %s', async (_, at) => {
    // One case that has not the word is the newest; it is gone again afterwards.
    const id = `(lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid`;
    const [newest] = await query<{ id: string }>(db.pool, `insert into cases (id, number, state, channel, type, cause, opened_at, updated_at) values (${id}, '20990101-000001', 'draft', 'web', 'help', '路灯', ${at}, ${at}) returning id`);
    try {
      for (const q of ['噪声', '物业']) {
        const hits: number[] = [];
        const wanted = { filter: { q }, reader: of('dispatcher'), sort: 'newest', after: null, now: new Date() } as const;
        expect((await findPage(counted(hits), { ...wanted, limit: 51 })).length).toBe(51);
        expect(hits.reduce((sum, one) => sum + one, 0)).toBeLessThan((await findPage(db.pool, { ...wanted, limit: 100_000 })).length / 3);
      }
    } finally {
      await db.pool.query('delete from cases where id = $1', [newest?.id]);
    }
  });

  it('lists a case that was written down days after its call by when it was opened', async () => {
    const [late] = await query<{ id: string; openedAt: Date }>(db.pool, `update cases set opened_at = opened_at - interval '2 days', place = '金麦路', cause = '噪声', course = '扰民'
      where id = (select id from cases where type <> 'report' order by id desc offset 20000 limit 1) returning id, opened_at`);
    if (!late) throw new Error('no case is filled');
    await db.pool.query(`update case_words set words = words || '{噪声}' where case_id = $1`, [late.id]);
    const [from, to] = [-3_600_000, 60_000].map((ms) => new Date(late.openedAt.getTime() + ms).toISOString()) as [string, string];
    for (const q of [undefined, '噪声']) {
      const filter = { from, to, q };
      const keys = await findPage(db.pool, { filter, reader: of('dispatcher'), sort: 'newest', after: null, limit: 1_000, now: new Date() });
      const plain = await query<{ id: string }>(db.pool, `select k.id from cases k join case_words w on w.case_id = k.id where opened_at >= $1 and opened_at < $2 and ($3::text is null or w.words @> array[$3]) order by k.id desc`, [from, to, q]);
      expect(keys.map((key) => key.id)).toEqual(plain.map((row) => row.id));
      expect(keys[0]?.id).toBe(late.id);
      expect(await page(of('dispatcher'), filter)).toEqual([]);
    }
  });

  it('gives old cases their words once, in batches, and leaves those that were saved meanwhile', async () => {
    const before = await query<{ caseId: string; words: string[] }>(db.pool, 'select case_id, words from case_words order by case_id desc limit 700');
    await db.pool.query('delete from case_words where case_id = any($1)', [before.slice(1).map((row) => row.caseId)]);
    await db.pool.query('update backfills set after_id = $1, done_at = null', [before.at(-1)?.caseId]);
    const deps = { pool: db.pool, log: createLogger('silent'), now: () => new Date() } as unknown as Deps;
    await Promise.all([backfillWords(deps, new AbortController().signal), backfillWords(deps, new AbortController().signal)]);
    const after = await query<{ caseId: string; words: string[] }>(db.pool, 'select case_id, words from case_words order by case_id desc limit 699');
    const found = new Map(after.map((row) => [row.caseId, new Set(row.words)]));
    // What was answered is a text, too, and has words of its own.
    for (const { caseId, words } of before.slice(0, 699)) expect(words.filter((word) => !found.get(caseId)?.has(word))).toEqual([]);
    expect((await query(db.pool, 'select 1 from backfills where done_at is not null')).length).toBe(1);
  });
});

import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserActor } from '../../src/auth/actor.ts';
import { changeConfiguration, undoChange, type Author } from '../../src/configuration/change-configuration.ts';
import { checkConfiguration } from '../../src/configuration/configuration-rules.ts';
import type { Configuration, Item, Kind } from '../../src/configuration/kind.ts';
import { configurationKinds } from '../../src/configuration/kinds.ts';
import { listChanges, loadConfiguration, lockConfiguration } from '../../src/configuration/queries.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import { AppError } from '../../src/errors.ts';
import { createLogger } from '../../src/log.ts';
import { syncSpokenPrompts } from '../../src/prompts/spoken-prompts.ts';
import { createUser } from '../../src/users/create-user.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';

describe('changes of the configuration, one after the other', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  let deps: Deps;
  let author: Author;
  beforeAll(async () => {
    db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    deps = { pool: db.pool, log: createLogger('silent'), now: () => new Date() } as Deps;
    const { id } = await transaction(db.pool, (tx) => createUser(tx, { login: 'admin', displayName: 'a', roles: ['admin'], endsAt: null, mustChangePassword: false }, new Date()));
    await transaction(db.pool, syncSpokenPrompts);
    author = { actor: { kind: 'user', userId: id } as UserActor, trace: { id: uuid(), ip: '127.0.0.1' } };
  });
  afterAll(() => db.close());

  const load = (): Promise<Configuration> => transaction(db.pool, async (tx) => {
    await lockConfiguration(tx);
    return loadConfiguration(tx);
  });
  /** What is configured, without versions, which only grow. */
  const contents = async () => [...await load()].map(([kind, rows]) => [kind, [...rows].map(([key, row]) => [key, row.item]).sort()] as const);
  const kindOf = (name: string): Kind => configurationKinds.find((kind) => kind.name === name) ?? (() => { throw new Error(name); })();
  const put = async (kind: string, key: string, item: Item | null) =>
    changeConfiguration(deps, author, { kind: kindOf(kind), key, item, version: (await load()).get(kind)?.get(key)?.version });

  const queueIds = ['12345', 'q1', 'q2', 'q3'];
  const code = fc.constantFrom(...queueIds);
  const nullable = fc.option(code);
  const queue = fc.record({ name: fc.constantFrom('A', 'B'), overflowQueueId: nullable, wrapUpSec: fc.constantFrom(0, 30), hoursCode: fc.option(fc.constantFrom('day', 'night')) })
    .map((one) => ({ ...{ maxWaiting: 5, ringTimeoutSec: 20, announceEverySec: 30, musicClass: 'default', strategy: 'longest_idle', skills: [], overflowAfterSec: null,
      nightQueueId: null, callbackOfferAfterSec: null, repeatWithinMin: 0 }, ...one, overflowWaiting: one.overflowQueueId ? 3 : null }));
  const hours = fc.constantFrom('08:00', '21:00').map((from) => ({ nameZh: '日', nameEn: 'Day', workday: [{ from, to: '20:00' }], restday: [] }));
  const number = code.map((queueId) => ({ queueId, greetingPrompts: [], priority: 0 }));
  const step = fc.oneof(
    fc.tuple(fc.constant('queue'), code, fc.oneof(queue, fc.constant(null))),
    fc.tuple(fc.constant('opening-hours'), fc.constantFrom('day', 'night'), fc.oneof(hours, fc.constant(null))),
    fc.tuple(fc.constant('number'), fc.constantFrom('12345', '96666'), fc.oneof(number, fc.constant(null))),
    fc.tuple(fc.constant('caller-rule'), fc.constantFrom('13800001111', '110'),
      fc.oneof(fc.record({ treatment: fc.constantFrom('blocked', 'urgent'), reason: fc.constant('x'), endsAt: fc.constantFrom(null, '2027-01-01T00:00:00+08:00') }), fc.constant(null))));

  it('leave the configuration sound, and undone in reverse give what was before', async () => {
    let [made, refused] = [0, 0];
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const states = [await contents()];
      const changes: number[] = [];
      for (const [kind, key, item] of steps) {
        const changed = await put(kind, key, item).catch((error: unknown) => {
          if (error instanceof AppError && ['configuration_invalid', 'in_use', 'not_found'].includes(error.code)) return null;
          throw error;
        });
        expect(checkConfiguration(configurationKinds, await load())).toEqual([]);
        if (!changed) expect(await contents()).toEqual(states.at(-1));
        if (!changed?.changeId) { refused += 1; continue; }
        made += 1;
        changes.push(changed.changeId);
        states.push(await contents());
      }
      for (const changeId of changes.reverse()) {
        expect(await contents()).toEqual(states.pop());
        await undoChange(deps, author, changeId);
      }
      expect(await contents()).toEqual(states.pop());
    }), { numRuns: 25 });
    expect(Math.min(made, refused)).toBeGreaterThan(10);
  });

  it('undone out of turn are refused by the name of the change in between; an undo can be undone', async () => {
    const day = (nameEn: string) => ({ nameZh: '日', nameEn, workday: [], restday: [] });
    const first = await put('opening-hours', 'turn', day('one'));
    const second = await put('opening-hours', 'turn', day('two'));
    await expect(undoChange(deps, author, first.changeId ?? 0)).rejects.toMatchObject({ code: 'changed_since', details: { change: { id: second.changeId, login: 'admin' } } });
    const undone = await undoChange(deps, author, second.changeId ?? 0);
    expect(undone.row).toMatchObject({ version: 3, item: { nameEn: 'one' } });
    await expect(undoChange(deps, author, second.changeId ?? 0)).rejects.toMatchObject({ code: 'changed_since', details: { change: { undoes: second.changeId } } });
    expect((await undoChange(deps, author, undone.changeId ?? 0)).row?.item).toMatchObject({ nameEn: 'two' });
    expect((await listChanges(db.pool, { kind: 'opening-hours', key: 'turn' }, 1e9, 9)).map((change) => [change.version, change.undoes !== null]))
      .toEqual([[4, true], [3, true], [2, false], [1, false]]);
  });

  it('go on counting versions when a row is made anew, and many at once take turns', async () => {
    const skill = (nameEn: string) => ({ nameZh: '法', nameEn, position: 0 });
    await put('skill', 'law', skill('Law'));
    await put('skill', 'law', null);
    expect((await put('skill', 'law', skill('Law'))).row?.version).toBe(3);
    const ends = await Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => changeConfiguration(deps, author, { kind: kindOf('skill'), key: 'law', item: skill(name), version: 3 })));
    expect(ends.map((end) => end.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
  });

  it('are written for good', async () => {
    await expect(db.pool.query('delete from configuration_changes')).rejects.toThrow('append-only');
    await expect(db.pool.query(`update configuration_changes set key = 'x'`)).rejects.toThrow('append-only');
  });

  it('a configuration that is wrong already is mended step by step', async () => {
    await put('queue', 'q8', { name: '8' });
    await put('queue', 'q9', { name: '9', overflowQueueId: 'q8', overflowWaiting: 1 });
    await db.pool.query(`update queues set overflow_queue_id = 'q9', overflow_waiting = 1 where id = 'q8'`);
    await put('skill', 'other', { nameZh: '其', nameEn: 'x', position: 0 });
    await put('queue', 'q8', { name: '8', overflowQueueId: null, overflowWaiting: null });
    expect(checkConfiguration(configurationKinds, await load())).toEqual([]);
  });
});

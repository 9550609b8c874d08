import { tmpdir } from 'node:os';
import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newCall } from '../../src/calls/call.ts';
import { answerLeg, newLeg } from '../../src/calls/leg.ts';
import { insertCall, listLiveCalls, saveLeg } from '../../src/calls/queries.ts';
import { openCase } from '../../src/cases/open-case.ts';
import { write } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import type { Deps } from '../../src/deps.ts';
import type { AriConnection } from '../../src/telephony/ari-connection.ts';
import { createLookAgain } from '../../src/telephony/look-again.ts';
import { reconcile } from '../../src/telephony/reconcile.ts';
import { Talks } from '../../src/telephony/talks.ts';
import { capturedLog } from '../support/captured-log.ts';
import { fakeTelephony } from '../support/fake-telephony.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';

type Channel = { id: string; name: string; state: string; caller: { number: string; name: string }; dialplan: { app_name: string; app_data: string } };
type Bridge = { id: string; name: string; creator: string; channels: string[] };

describe('the rows held against an Asterisk with many calls', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  const asterisk = { channels: new Map<string, Channel>(), bridges: new Map<string, Bridge>() };
  beforeEach(async () => {
    db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    asterisk.channels.clear();
    asterisk.bridges.clear();
  });
  afterEach(() => db.close());

  /** So many calls that talk, in the rows and in Asterisk. */
  const talks = async (count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, () => uuid());
    const at = new Date(Date.now() - 60_000);
    await transaction(db.pool, async (tx) => {
      for (const id of ids) {
        const legs = (['citizen', 'operator'] as const).map((role) => answerLeg(newLeg({ id: `${role} ${id}`, role }, at), at));
        const caseId = uuid();
        await openCase(tx, { caseId, channel: 'phone', phoneRaw: '13800000401', areaCode: '0571', at });
        await write(tx, insertCall({ ...newCall({ id, direction: 'inbound', calledNumber: '12345', callerRaw: '13800000401', callerNumber: '13800000401', callerKind: 'mobile', legs }, at), caseId, state: 'talking', connectedAt: at }));
        await write(tx, ...legs.map((leg) => saveLeg(id, leg)));
        await tx.query('insert into recordings (call_id, path, started_at, is_raw_left) values ($1, $2, $3, true)', [id, `2026-11-25/${id}.wav`, at]);
        for (const leg of legs) {
          asterisk.channels.set(leg.id, { id: leg.id, name: 'PJSIP/x', state: 'Up', caller: { number: '', name: '' }, dialplan: { app_name: 'Stasis', app_data: leg.role === 'citizen' ? 'hotline,inbound,12345' : `hotline,operator,${id}` } });
        }
        asterisk.bridges.set(id, { id, name: id, creator: 'Stasis', channels: legs.map((leg) => leg.id) });
      }
    });
    return ids;
  };
  const service = () => {
    const telephony = fakeTelephony({ tell: () => undefined, onDialed: () => undefined });
    const { log, lines } = capturedLog();
    const command = vi.fn((_method: string, path: string) => Promise.resolve(path === '/channels' ? [...asterisk.channels.values()] : path === '/bridges' ? [...asterisk.bridges.values()] : undefined));
    const deps: Deps = { config: { HOTLINE_RECORDINGS_DIR: tmpdir() } as Deps['config'], log, pool: db.pool, telephony, jobs: { wake: () => Promise.resolve() }, now: () => new Date() };
    const known = new Talks();
    const comparing = { deps, ari: { command } as unknown as AriConnection, talks: known };
    return { comparing, command, telephony, lines, known };
  };

  it('costs nothing for a call that is as its rows say: two lists and a few queries, however many there are', async () => {
    await talks(200);
    const one = service();
    const queries = vi.spyOn(db.pool, 'query');
    await reconcile(one.comparing);
    const { look } = createLookAgain(one.comparing);
    await look();
    await look();
    expect(one.command.mock.calls.map(([, path]) => path)).toEqual(['/channels', '/bridges', '/bridges', '/channels', '/bridges', '/channels']);
    expect(queries.mock.calls.length).toBeLessThan(20);
    queries.mockRestore();
    expect([one.known.list().length, one.known.list()[0]?.partyIds.length]).toEqual([200, 2]);
  });

  it('ends a leg only when it was missed twice, with the time at which its end was seen', async () => {
    const [id = ''] = await talks(2);
    const one = service();
    const seenAt = new Date(Date.now() - 20_000);
    one.known.noteEnd(`citizen ${id}`, seenAt);
    asterisk.channels.delete(`operator ${id}`);
    asterisk.channels.delete(`citizen ${id}`);
    const { look, forget } = createLookAgain(one.comparing);
    await look();
    forget();
    await look();
    expect((await listLiveCalls(db.pool)).length).toBe(2);
    await look();
    const { rows } = await db.pool.query<{ endedAt: Date }>('select ended_at as "endedAt" from calls where id = $1', [id]);
    expect(rows).toEqual([{ endedAt: seenAt }]);
    expect([(await listLiveCalls(db.pool)).length, one.lines.filter((line) => line.level === 40).length]).toEqual([1, 1]);
  });

  it('puts those who should hear each other into their bridge again, and takes bridges away that nobody has', async () => {
    const [id = ''] = await talks(2);
    const one = service();
    const [bridge, destroy] = [vi.spyOn(one.telephony, 'bridge'), vi.spyOn(one.telephony, 'destroyBridge')];
    asterisk.bridges.set(id, { id, name: id, creator: 'Stasis', channels: [`citizen ${id}`] });
    const orphan = uuid();
    asterisk.bridges.set(orphan, { id: orphan, name: orphan, creator: 'Stasis', channels: [] });
    const { look } = createLookAgain(one.comparing);
    await look();
    expect([bridge.mock.calls, destroy.mock.calls]).toEqual([[], []]);
    await look();
    expect(bridge.mock.calls.map(([callId, ids]) => [callId, ...ids]).sort()).toEqual([[id, `citizen ${id}`], [id, `operator ${id}`]]);
    expect(destroy.mock.calls).toEqual([[orphan]]);
  });

  it('dials a party outside that the service before wrote down and did not come to dial; once', async () => {
    const [id, at] = [uuid(), new Date(Date.now() - 100)];
    const operator = answerLeg(newLeg({ id: `operator ${id}`, role: 'operator' }, at), at);
    const party = newLeg({ id: `party ${id}`, role: 'citizen', number: '13800000402' }, at);
    const caseId = uuid();
    await transaction(db.pool, async (tx) => {
      await openCase(tx, { caseId, channel: 'visit', phoneRaw: '13800000402', areaCode: '0571', at });
      await write(tx, insertCall({ ...newCall({ id, direction: 'outbound', calledNumber: '13800000402', callerRaw: '', callerNumber: null, callerKind: 'unknown', legs: [operator, party] }, at), caseId, state: 'dialing_party', deadlineAt: new Date(Date.now() + 30_000) }));
      await write(tx, saveLeg(id, operator), saveLeg(id, party));
    });
    asterisk.channels.set(operator.id, { id: operator.id, name: 'PJSIP/x', state: 'Up', caller: { number: '', name: '' }, dialplan: { app_name: 'Stasis', app_data: `hotline,operator,${id}` } });
    const one = service();
    const dial = vi.spyOn(one.telephony, 'dialNumber');
    await reconcile(one.comparing);
    expect(dial.mock.calls.map(([asked]) => [asked.channelId, asked.number])).toEqual([[party.id, '13800000402']]);
    expect(dial.mock.calls[0]?.[0].timeoutSec).toBeLessThanOrEqual(30);
    // It gave no sign for some seconds: that is the party's own doing now.
    await reconcile({ ...one.comparing, deps: { ...one.comparing.deps, now: () => new Date(Date.now() + 3_000) } });
    expect(dial).toHaveBeenCalledTimes(1);
    expect((await listLiveCalls(db.pool)).flatMap((call) => call.legs.map((leg) => leg.id))).not.toContain(party.id);
  });
});

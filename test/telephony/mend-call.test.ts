import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { applyCallEvent } from '../../src/calls/apply-call-event.ts';
import { listLiveCalls } from '../../src/calls/queries.ts';
import { offerCall } from '../../src/calls/inbound/offer-call.ts';
import type { Deps } from '../../src/deps.ts';
import type { AriConnection } from '../../src/telephony/ari-connection.ts';
import { mendCall } from '../../src/telephony/mend-call.ts';
import { capturedLog } from '../support/captured-log.ts';
import { fakeTelephony } from '../support/fake-telephony.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';

describe('a call that went on since the comparison with Asterisk read it', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  beforeAll(async () => { db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? ''); });
  afterAll(() => db.close());

  it.each(['waiting', 'talking'] as const)('is given neither music nor a bridge for its old state: %s', async (state) => {
    const telephony = fakeTelephony({ tell: () => undefined, onDialed: () => undefined });
    const [startMusic, bridge] = [vi.spyOn(telephony, 'startMusic'), vi.spyOn(telephony, 'bridge')];
    const { log } = capturedLog();
    const deps: Deps = { config: { HOTLINE_AREA_CODE: '0571', HOTLINE_RECORDINGS_DIR: tmpdir() } as Deps['config'], log, pool: db.pool, telephony, jobs: { wake: () => Promise.resolve() }, now: () => new Date() };
    const channelId = `channel-${state}`;
    telephony.arrive(channelId);
    await offerCall(deps, { channelId, calledNumber: '12345', callerRaw: '13800000301' });
    const read = (await listLiveCalls(db.pool))[0];
    if (!read) throw new Error('no call was offered');
    startMusic.mockClear();
    await applyCallEvent(deps, read.id, { type: 'leg_ended', legId: channelId, cause: 16 });
    // No prompt plays, so Asterisk is not asked.
    await mendCall(deps, {} as AriConnection, { ...read, state, playbackId: null });
    expect([startMusic.mock.calls, bridge.mock.calls, await listLiveCalls(db.pool)]).toEqual([[], [], []]);
  });
});

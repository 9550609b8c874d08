import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { query } from '../../src/db/query.ts';
import type { Deps } from '../../src/deps.ts';
import { createLogger } from '../../src/log.ts';
import { startRecording } from '../../src/recordings/start-recording.ts';
import { storeRecording } from '../../src/recordings/store-recording.ts';
import { fakeTelephony } from '../support/fake-telephony.ts';
import { ownDatabase } from '../support/own-database.ts';
import { ask, enter, type Person } from '../support/people.ts';
import { hotline } from '../support/hotline.ts';
import { until } from '../support/until.ts';

const reason = '市民投诉复核';

describe('recordings are heard, kept and deleted by rules', () => {
  const city = hotline();
  const people: Record<string, Person> = {};
  beforeAll(async () => {
    for (const role of ['operator', 'supervisor', 'quality', 'leader', 'admin', 'auditor'] as const) people[role] = await enter(city.pool, [role]);
    people['other'] = await enter(city.pool, ['operator']);
  });
  afterAll(() => city.close());
  const send = (as: string, method: string, path: string, more: { body?: unknown; headers?: Record<string, string> } = {}) => ask(city.origin, method, path, { as: people[as], ...more });
  const act = (as: string, callId: string, action: string, body: object = { reason }) => send(as, 'POST', `/api/recordings/${callId}/actions/${action}`, { body });
  const audio = async (as: string, callId: string, headers: Record<string, string> = {}, search = '', method = 'GET') => {
    const answer = await fetch(`${city.origin}/api/recordings/${callId}/audio${search}`, { method, headers: { cookie: people[as]?.cookie ?? '', ...headers } });
    return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  const audits = (callId: string, action: string) => query<{ userId: string; reason: string | null }>(city.pool, 'select user_id, reason from audit_log where entity_id = $1 and action = $2 order by id', [callId, action]);

  /** A call of the operator, some days ago, with its recording in the folder. */
  const recorded = async ({ daysAgo = 1, type = null as string | null, isConfidential = false } = {}) => {
    const opened = await send('operator', 'POST', '/api/cases', { body: { channel: 'visit', phone: '13911117099' } });
    const [callId, caseId, at] = [uuid(), String(opened.body['id']), new Date(Date.now() - daysAgo * 86_400_000)];
    await city.pool.query('update cases set type = $2, is_confidential = $3 where id = $1', [caseId, type, isConfidential]);
    await city.pool.query(`insert into calls (id, direction, state, called_number, caller_kind, case_id, operator_id, offered_at, connected_at, ended_at, outcome, ended_by)
      values ($1, 'inbound', 'ended', '12345', 'withheld', $2, $3, $4, $4, $4, 'answered', 'citizen')`, [callId, caseId, people['operator']?.id, at]);
    await city.pool.query(`insert into call_legs (id, call_id, role, operator_id, state, started_at, answered_at, ended_at, outcome)
      values ($1, $2, 'operator', $3, 'ended', $4, $4, $4, 'answered'),
      ('c' || $1, $2, 'citizen', null, 'ended', $4, $4, $4, 'answered'), ('o' || $1, $2, 'operator', $5, 'ended', $4, $4, $4, 'answered')`,
    [`leg-${callId}`, callId, people['operator']?.id, at, people['other']?.id]);
    // The citizen talks with the operator; the other, who was only consulted, never heard the citizen.
    await city.pool.query(`insert into call_talks (call_id, leg_ids, started_at, ended_at) values ($2, array[$1, 'c' || $1], $3, $3), ($2, array[$1, 'o' || $1], $3, $3)`, [`leg-${callId}`, callId, at]);
    const [path, bytes] = [`${at.toISOString().slice(0, 10)}/${callId}.wav`, randomBytes(5_000)];
    const file = join(city.env['HOTLINE_RECORDINGS_DIR'] ?? '', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    const sha256 = createHash('sha256').update(bytes).digest();
    await city.pool.query(`insert into recordings (call_id, path, started_at, stored_at, checked_at, bytes, sha256, duration_ms) values ($1, $2, $3, $3, $3, 5000, $4, 300)`, [callId, path, at, sha256]);
    return { callId, caseId, file, bytes, etag: `"${sha256.toString('hex')}"` };
  };

  it('are sent whole or in part, and one listening is one line of the audit', async () => {
    const { callId, bytes, etag } = await recorded();
    const whole = await audio('quality', callId);
    expect([whole.status, whole.bytes.equals(bytes), whole.headers.get('etag'), whole.headers.get('accept-ranges'), whole.headers.get('content-type')])
      .toEqual([200, true, etag, 'bytes', 'audio/wav']);
    expect(whole.headers.get('content-disposition')).toBe(`inline; filename="${callId}.wav"`);
    const part = await audio('quality', callId, { range: 'bytes=100-199', 'if-range': etag });
    expect([part.status, part.bytes.equals(bytes.subarray(100, 200)), part.headers.get('content-range'), part.headers.get('content-length')]).toEqual([206, true, 'bytes 100-199/5000', '100']);
    expect((await audio('quality', callId, { range: 'bytes=0-1', 'if-range': '"other"' })).bytes.length).toBe(5_000);
    const beyond = await audio('quality', callId, { range: 'bytes=5000-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */5000']);
    const head = await audio('supervisor', callId, {}, '', 'HEAD');
    expect([head.status, head.headers.get('content-length'), head.bytes.length]).toEqual([200, '5000', 0]);
    expect(await audits(callId, 'recording.listened')).toEqual([{ userId: people['quality']?.id, reason: null }]);
    await city.pool.query(`update recording_listens set began_at = began_at - interval '1 hour' where call_id = $1`, [callId]);
    await audio('quality', callId);
    expect((await audits(callId, 'recording.listened')).length).toBe(2);
    await audio('quality', callId, {}, `?reason=${encodeURIComponent(reason)}`);
    expect((await audits(callId, 'recording.listened')).map((row) => row.reason)).toEqual([null, null, reason]);
  });

  it('are heard by their own operator for a time, by no other operator, and each refusal is written down', async () => {
    const [fresh, old] = [await recorded(), await recorded({ daysAgo: 31 })];
    expect([(await audio('operator', fresh.callId)).status, (await audio('operator', old.callId)).status, (await audio('supervisor', old.callId)).status]).toEqual([200, 403, 200]);
    for (const as of ['other', 'leader', 'admin', 'auditor']) expect([as, (await audio(as, fresh.callId)).status]).toEqual([as, 403]);
    expect((await audits(fresh.callId, 'recording.refused')).map((row) => row.userId)).toEqual(['other', 'leader', 'admin', 'auditor'].map((as) => people[as]?.id));
    expect((await ask(city.origin, 'GET', `/api/recordings/${fresh.callId}/audio`)).status).toBe(401);
  });

  it('of a confidential case need a reason and the right to know who it was', async () => {
    const { callId } = await recorded({ type: 'report', isConfidential: true });
    expect([(await audio('supervisor', callId)).status, (await audio('quality', callId, {}, `?reason=${encodeURIComponent(reason)}`)).status]).toEqual([422, 403]);
    expect((await audio('supervisor', callId, {}, `?reason=${encodeURIComponent(reason)}`)).status).toBe(200);
    expect(await audits(callId, 'recording.listened')).toEqual([{ userId: people['supervisor']?.id, reason }]);
  });

  it('are kept by the class of their case as it is now, or as a person says', async () => {
    const { callId, caseId } = await recorded();
    const shown = async () => (await send('leader', 'GET', `/api/calls/${callId}/recording`)).body as { classCode: string; keepUntil: string; startedAt: string; holdReason: string | null };
    const keptDays = async () => { const one = await shown(); return [one.classCode, Math.round((Date.parse(one.keepUntil) - Date.parse(one.startedAt)) / 86_400_000)]; };
    expect(await keptDays()).toEqual(['ordinary', 180]);
    await city.pool.query(`update cases set type = 'complaint' where id = $1`, [caseId]);
    expect(await keptDays()).toEqual(['complaint', 730]);
    await city.pool.query('update cases set is_confidential = true where id = $1', [caseId]);
    expect(await keptDays()).toEqual(['report', 1_095]);
    expect((await act('supervisor', callId, 'classify', { reason, classCode: 'nothing' })).body).toMatchObject({ code: 'reference_unknown' });
    expect((await act('supervisor', callId, 'classify', { reason, classCode: 'ordinary' })).body).toMatchObject({ classCode: 'ordinary', isClassGiven: true });
    expect(await keptDays()).toEqual(['ordinary', 180]);
    expect((await act('supervisor', callId, 'hold')).body).toMatchObject({ holdReason: reason });
    expect((await shown()).holdReason).toBeNull();
    expect([(await audits(callId, 'recording.classify')).length, (await audits(callId, 'recording.hold')).length]).toEqual([1, 1]);
    for (const as of ['operator', 'quality', 'leader', 'admin', 'auditor']) expect([as, (await act(as, callId, 'release')).status]).toEqual([as, 403]);
  });

  it('go when their time is over, but not under legal hold, and what went is proven', async () => {
    const [due, held, kept] = [await recorded({ daysAgo: 181 }), await recorded({ daysAgo: 100 }), await recorded({ daysAgo: 181, type: 'complaint' })];
    expect((await act('supervisor', held.callId, 'hold')).status).toBe(200);
    await city.pool.query(`update recordings set started_at = started_at - interval '100 days' where call_id = $1`, [held.callId]);
    await until(async () => (await query(city.pool, 'select 1 from recordings where call_id = $1 and deleted_at is not null', [due.callId])).length, 'it is deleted');
    expect(existsSync(due.file)).toBe(false);
    expect((await send('admin', 'GET', `/api/calls/${due.callId}/recording`)).body).toMatchObject({ deletedBy: null, sha256: due.etag.slice(1, -1) });
    expect([existsSync(held.file), existsSync(kept.file)]).toEqual([true, true]);
    expect((await act('supervisor', held.callId, 'delete')).body).toMatchObject({ status: 409, code: 'recording_held' });
    expect((await act('supervisor', kept.callId, 'delete')).body).toMatchObject({ deletedBy: people['supervisor']?.id, deletionReason: reason });
    expect(existsSync(kept.file)).toBe(false);
    expect((await act('supervisor', kept.callId, 'delete')).body).toMatchObject({ status: 404, code: 'recording_not_there', reason: 'deleted' });
    expect((await audio('supervisor', kept.callId)).status).toBe(404);
    const list = (await send('auditor', 'GET', '/api/recordings/deletions?limit=2')).body as { items: { callId: string; deletedBy: string | null; sha256: string }[]; isChainWhole: boolean };
    expect(list.isChainWhole).toBe(true);
    expect(list.items).toMatchObject([{ callId: kept.callId, deletedBy: people['supervisor']?.id, sha256: kept.etag.slice(1, -1) }, { callId: due.callId, deletedBy: null }]);
    expect((await send('supervisor', 'GET', '/api/recordings/deletions')).status).toBe(403);
    await expect(city.pool.query('delete from recording_deletions')).rejects.toThrow('append-only');
    await city.pool.query('alter table recording_deletions disable trigger recording_deletions_append_only');
    await city.pool.query('update recording_deletions set bytes = bytes + 1 where call_id = $1', [due.callId]);
    expect((await send('auditor', 'GET', '/api/recordings/deletions')).body['isChainWhole']).toBe(false);
    await city.pool.query('update recording_deletions set bytes = bytes - 1 where call_id = $1', [due.callId]);
    await city.pool.query('alter table recording_deletions enable trigger recording_deletions_append_only');
    expect((await send('auditor', 'GET', '/api/recordings/deletions')).body['isChainWhole']).toBe(true);
  });

  it('that are missing or were changed are found, once', async () => {
    await city.pool.query('update recordings set checked_at = now()');
    const [sound, spoilt] = [await recorded({ daysAgo: 41 }), await recorded({ daysAgo: 40 })];
    writeFileSync(spoilt.file, 'x');
    await until(async () => (await query(city.pool, 'select 1 from recordings where call_id = $1 and damaged_at is not null', [spoilt.callId])).length, 'it is found');
    expect((await send('admin', 'GET', `/api/calls/${sound.callId}/recording`)).body['damagedAt']).toBeNull();
    const metrics = await send('supervisor', 'GET', '/metrics');
    expect(metrics.text).toMatch(/hotline_recordings_failed_total\{reason="damaged"\} [1-9]/);
  });

  describe('while a call lasts', () => {
    // A database of its own, for the running service would look for these files elsewhere.
    let db: Awaited<ReturnType<typeof ownDatabase>>;
    beforeAll(async () => { db = await ownDatabase(city.env['DATABASE_URL'] ?? ''); });
    afterAll(() => db.close());
    const starting = async (folder: string) => {
      const callId = uuid();
      await db.pool.query(`insert into calls (id, direction, state, called_number, caller_kind, offered_at, ended_at, outcome, ended_by)
        values ($1, 'inbound', 'ended', '12345', 'withheld', now() - interval '1 day', now() - interval '1 day', 'number_unknown', 'system')`, [callId]);
      const started: string[] = [];
      const telephony = { ...fakeTelephony({ tell: () => undefined, onDialed: () => undefined }), startRecording: async (_: string, path: string) => { started.push(path); } };
      const jobs = { wake: () => Promise.resolve() };
      const config = { ...loadConfig({ ...city.env, HOTLINE_RECORDINGS_DIR: folder }) };
      const deps: Deps = { config, log: createLogger('silent'), pool: db.pool, jobs, telephony, now: () => new Date() };
      return { callId, deps, started, start: () => startRecording(deps, callId, 'channel'),
        row: async () => (await query<{ failure: string | null; bytes: number | null; isRawLeft: boolean }>(db.pool, 'select * from recordings where call_id = $1', [callId]))[0] };
    };

    it('starts one recorder, however often it is asked to', async () => {
      const call = await starting(mkdtempSync(join(tmpdir(), 'recordings-')));
      await Promise.all([call.start(), call.start(), call.start()]);
      expect(call.started.length).toBe(1);
    });

    it('goes on unrecorded where nothing can be written, says why, and records again once it can', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'recordings-'));
      writeFileSync(join(folder, 'file'), '');
      const call = await starting(join(folder, 'file'));
      await call.start();
      expect([call.started, (await call.row())?.failure]).toEqual([[], 'disk_full']);
      await startRecording({ ...call.deps, config: { ...call.deps.config, HOTLINE_RECORDINGS_DIR: folder } }, call.callId, 'channel');
      expect([call.started.length, (await call.row())?.failure]).toEqual([1, null]);
    });

    it('is stored once what Asterisk wrote is quiet, and again after a crash in between; without a file the row says so', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'recordings-'));
      const call = await starting(folder);
      await call.start();
      const raw = join(folder, call.started[0] ?? '');
      await expect(storeRecording(call.deps, call.callId)).resolves.toBeUndefined(); // its call ended a day ago: none will come
      expect((await call.row())?.failure).toBe('no_file');
      await db.pool.query('update recordings set failure = null where call_id = $1', [call.callId]);
      mkdirSync(dirname(raw), { recursive: true });
      writeFileSync(raw, randomBytes(32_003));
      await expect(storeRecording(call.deps, call.callId)).rejects.toThrow('not finished');
      utimesSync(raw, new Date(0), new Date(0));
      await storeRecording(call.deps, call.callId);
      expect([await call.row(), existsSync(raw)]).toMatchObject([{ bytes: 58 + 16_000, isRawLeft: false, durationMs: 1_000 }, false]);
      writeFileSync(raw, 'x');
      await db.pool.query('update recordings set is_raw_left = true where call_id = $1', [call.callId]);
      await storeRecording(call.deps, call.callId);
      expect([(await call.row())?.bytes, existsSync(raw), readdirSync(dirname(raw))]).toEqual([16_058, false, [`${call.callId}.wav`]]);
    });
  });
});

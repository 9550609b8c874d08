import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rewrapEvidence } from '../../src/cases/evidence/sealed-files.ts';
import { openVault } from '../../src/cases/identity/vault.ts';
import { query } from '../../src/db/query.ts';
import { capturedLog } from '../support/captured-log.ts';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { testIdentityKeys } from '../support/identity-key.ts';
import { ask, type Person } from '../support/people.ts';

describe('evidence', () => {
  const city = hotline();
  const { pool, origin } = city;
  let desk: Awaited<ReturnType<typeof caseDesk>>;
  beforeAll(async () => { desk = await caseDesk(pool, origin); });
  afterAll(() => city.close());
  const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(2_000, 5)]);
  const put = async (id: string, as: Person, content: Buffer, name = '修复后.png', type = 'application/octet-stream') => {
    const answer = await fetch(`${origin}/api/cases/${id}/evidence?name=${encodeURIComponent(name)}`, { method: 'POST', body: new Uint8Array(content), headers: { 'content-type': type, cookie: as.cookie } });
    return { status: answer.status, body: JSON.parse(await answer.text()) as { id?: string; code?: string } };
  };
  const list = async (id: string, as: Person) => (await ask(origin, 'GET', `/api/cases/${id}/evidence`, { as })).body['items'] as { id: string; name: string; mediaType: string; bytes: number }[] | undefined;
  const atWork = async () => {
    const id = await desk.saved();
    await desk.done(desk.people.dispatcher, id, 'dispatch', { leadUnitId: desk.units.street });
    await desk.done(desk.people.street, id, 'sign');
    return id;
  };

  it('is put to the case by its unit, kept byte by byte, and read by those who see the case', async () => {
    const { people } = desk;
    const id = await atWork();
    const { status, body } = await put(id, people.street, png);
    expect(status).toBe(201);
    for (const who of [people.street, people.roads, people.dispatcher]) expect(await list(id, who)).toMatchObject([{ name: '修复后.png', mediaType: 'image/png', bytes: png.length }]);
    expect(await list(id, people.water)).toBeUndefined();
    const download = await fetch(`${origin}/api/cases/${id}/evidence/${body.id ?? ''}`, { headers: { cookie: people.dispatcher.cookie } });
    expect(Buffer.from(await download.arrayBuffer()).equals(png)).toBe(true);
    expect([download.headers.get('content-disposition')?.startsWith('attachment'), download.headers.get('x-content-type-options')]).toEqual([true, 'nosniff']);
    expect((await fetch(`${origin}/api/cases/${id}/evidence/${body.id ?? ''}`, { headers: { cookie: people.water.cookie } })).status).toBe(404);
  });

  const fetched = (id: string, evidenceId: string) => fetch(`${origin}/api/cases/${id}/evidence/${evidenceId}`, { headers: { cookie: desk.people.dispatcher.cookie } });
  const pathOf = async (evidenceId: string): Promise<string> => join(city.dataDir, 'evidence', (await query<{ path: string }>(pool, 'select path from case_evidence where id = $1', [evidenceId]))[0]?.path ?? '');

  it('lies sealed on the disk, each file with a key of its own; one from before, as it was given, is still read', async () => {
    const id = await atWork();
    const [one, other] = [(await put(id, desk.people.street, png)).body.id ?? '', (await put(id, desk.people.street, png)).body.id ?? ''];
    const [sealed, sealedToo] = [readFileSync(await pathOf(one)), readFileSync(await pathOf(other))];
    expect([sealed.includes('PNG'), sealed.includes(Buffer.alloc(16, 5)), sealed.equals(sealedToo)]).toEqual([false, false, false]);
    // As an earlier service left it.
    writeFileSync(await pathOf(other), png);
    await pool.query('update case_evidence set sealed_key = null, key_id = null where id = $1', [other]);
    for (const evidenceId of [one, other]) expect(Buffer.from(await (await fetched(id, evidenceId)).arrayBuffer()).equals(png)).toBe(true);
    // What was changed on the disk is not given to anybody for what it was.
    sealed.writeUInt8(sealed.readUInt8(40) ^ 1, 40);
    writeFileSync(await pathOf(one), sealed);
    expect(await fetched(id, one).then(async (answer) => (answer.status === 200 ? (await answer.arrayBuffer()).byteLength : 'refused'), () => 'cut off').catch(() => 'cut off')).not.toBe(png.length);
  });

  it('keeps its bytes when the vault gets a new key: only the keys of the files are sealed anew', async () => {
    const id = await atWork();
    const evidenceId = (await put(id, desk.people.street, png)).body.id ?? '';
    const before = readFileSync(await pathOf(evidenceId));
    const keyIds = () => query(pool, 'select distinct key_id from case_evidence where key_id is not null and removed_at is null');
    try {
      openVault(`second:${Buffer.alloc(32, 9).toString('base64')},${testIdentityKeys}`);
      await rewrapEvidence({ pool, log: capturedLog().log }, new AbortController().signal);
      expect(await keyIds()).toEqual([{ keyId: 'second' }]);
    } finally {
      // Back again, for the service that runs has the one key.
      openVault(`${testIdentityKeys},second:${Buffer.alloc(32, 9).toString('base64')}`);
      await rewrapEvidence({ pool, log: capturedLog().log }, new AbortController().signal);
      openVault(testIdentityKeys);
    }
    expect(await keyIds()).toEqual([{ keyId: 'test' }]);
    expect(readFileSync(await pathOf(evidenceId)).equals(before)).toBe(true);
    expect(Buffer.from(await (await fetched(id, evidenceId)).arrayBuffer()).equals(png)).toBe(true);
  });

  it('is only what its bytes say, not too large, not too many, and of units that work on the case', async () => {
    const { people } = desk;
    const id = await atWork();
    expect((await put(id, people.street, Buffer.from('<script>alert(1)</script>'), '照片.png')).body).toMatchObject({ code: 'file_unusable' });
    expect((await put(id, people.street, Buffer.from('PK\u0003\u0004zip'), '压缩.zip')).body).toMatchObject({ code: 'file_unusable' });
    // The answer may come before all of it is sent, and the connection end under it.
    expect([413, 'cut off']).toContain(await put(id, people.street, Buffer.concat([png, Buffer.alloc(21 << 20)])).then((answer) => answer.status, () => 'cut off'));
    expect((await put(id, people.street, png, '../x.png')).status).toBe(400);
    expect((await put(id, people.street, png, 'x.png', 'text/html')).status).toBe(415);
    expect((await put(id, people.roads, png)).status).toBe(403);
    expect((await put(id, people.water, png)).status).toBe(404);
    for (let count = 0; count < 10; count += 1) expect((await put(id, people.street, png)).status).toBe(201);
    expect((await put(id, people.street, png)).body).toMatchObject({ code: 'too_many' });
    // What was refused left no bytes behind.
    const rows = await query<{ count: number }>(pool, 'select count(*)::int as count from case_evidence where case_id = $1', [id]);
    expect(rows[0]?.count).toBe(10);
  });

  it('is taken away by its unit, but not once it was handed in', async () => {
    const { people } = desk;
    const id = await atWork();
    const [first, second] = [(await put(id, people.street, png)).body.id ?? '', (await put(id, people.street, png)).body.id ?? ''];
    const remove = (evidenceId: string, as: Person) => ask(origin, 'DELETE', `/api/cases/${id}/evidence/${evidenceId}`, { as });
    expect((await remove(first, people.dispatcher)).status).toBe(403);
    expect((await remove(first, people.street)).status).toBe(204);
    expect((await remove(first, people.street)).status).toBe(404);
    const [row] = await query<{ path: string; removedBy: string }>(pool, 'select path, removed_by from case_evidence where id = $1', [first]);
    expect([row?.removedBy, existsSync(join(city.dataDir, 'evidence', row?.path ?? ''))]).toEqual([people.street.id, false]);
    await desk.done(people.street, id, 'hand-in', { outcome: 'solved', publicReply: '已修复' });
    expect((await remove(second, people.street)).body).toMatchObject({ code: 'action_not_allowed' });
    expect(await list(id, people.dispatcher)).toHaveLength(1);
  });
});

import { pino } from 'pino';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findIdentity, saveCitizenName } from '../../src/cases/identity/queries.ts';
import { checkKeys, sealIdentities } from '../../src/cases/identity/seal-identities.ts';
import { openVault, Vault } from '../../src/cases/identity/vault.ts';
import { openCase } from '../../src/cases/open-case.ts';
import { findHistory } from '../../src/cases/queries.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import { testIdentityKeys } from '../support/identity-key.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';

const key = (id: string, fill: number): string => `${id}:${Buffer.alloc(32, fill).toString('base64')}`;

describe('names and numbers of citizens, sealed', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  const deps = () => ({ pool: db.pool, log: pino({ level: 'silent' }), now: () => new Date() });
  const life = new AbortController();
  beforeAll(async () => { db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? ''); });
  afterEach(() => { openVault(testIdentityKeys); });
  afterAll(() => db.close());
  const open = async (phoneRaw = '13877770001'): Promise<string> => {
    const caseId = uuid();
    await transaction(db.pool, async (tx) => {
      await openCase(tx, { caseId, channel: 'visit', phoneRaw, areaCode: '0571', at: new Date() });
      await saveCitizenName(tx, caseId, '欧阳雪松');
    });
    return caseId;
  };
  /** As somebody with the database alone sees it. */
  const dump = async (): Promise<string> => {
    const rows = await query<{ line: string; sealed: Buffer | null }>(db.pool, 'select i::text as line, i.sealed from case_identities i');
    return rows.map(({ line, sealed }) => `${line} ${sealed?.toString('utf8') ?? ''} ${sealed?.toString('latin1') ?? ''}`).join('\n');
  };

  it('stand nowhere in the table, are opened with the key, and found by the number', async () => {
    const [one, other] = [await open(), await open()];
    expect(await findIdentity(db.pool, one)).toMatchObject({ phone: '13877770001', phoneRaw: '13877770001', citizenName: '欧阳雪松', phoneKind: 'mobile' });
    expect((await findHistory(db.pool, one)).map((row) => row.id)).toEqual([other]);
    expect(await dump()).not.toMatch(/13877770001|欧阳|雪松/);
    // Two of one number look different, but for the keyed hash.
    const sealed = await query<{ sealed: Buffer; phoneIndex: Buffer }>(db.pool, 'select sealed, phone_index from case_identities where case_id = any($1)', [[one, other]]);
    expect([sealed[0]?.sealed.equals(sealed[1]?.sealed ?? Buffer.alloc(0)), sealed[0]?.phoneIndex.equals(sealed[1]?.phoneIndex ?? Buffer.alloc(0))]).toEqual([false, true]);
  });

  it('cannot be moved to another case, nor changed', async () => {
    const [one, other] = [await open(), await open('13877770002')];
    await db.pool.query('update case_identities t set sealed = s.sealed from case_identities s where t.case_id = $1 and s.case_id = $2', [one, other]);
    await expect(findIdentity(db.pool, one)).rejects.toThrow();
    await db.pool.query('update case_identities set sealed = set_byte(sealed, 14, (get_byte(sealed, 14) + 1) % 256) where case_id = $1', [other]);
    await expect(findIdentity(db.pool, other)).rejects.toThrow();
    await db.pool.query('delete from case_identities where case_id = any($1)', [[one, other]]);
  });

  it('get a new key while the old one still opens; then the old one may go', async () => {
    const one = await open();
    await checkKeys(deps(), openVault(testIdentityKeys));
    await checkKeys(deps(), openVault(`${key('second', 9)},${testIdentityKeys}`));
    const late = await open();
    // Both are found before everything is sealed anew.
    expect((await findHistory(db.pool, late)).map((row) => row.id)).toContain(one);
    await expect(checkKeys(deps(), new Vault(key('second', 9)))).rejects.toThrow('HOTLINE_IDENTITY_KEYS lacks the key test');
    await Promise.all([sealIdentities(deps(), life.signal), sealIdentities(deps(), life.signal)]);
    expect(await query(db.pool, `select 1 from case_identities where key_id <> 'second'`)).toEqual([]);
    await checkKeys(deps(), openVault(key('second', 9)));
    expect(await findIdentity(db.pool, one)).toMatchObject({ citizenName: '欧阳雪松' });
    await expect(checkKeys(deps(), new Vault(key('second', 8)))).rejects.toThrow('another key as second');
  });

  it('of before the sealing are read, and sealed by the service', async () => {
    openVault(key('second', 9));
    const one = await open();
    await db.pool.query(`update case_identities set sealed = null, key_id = null, phone_index = null, phone = '13877770003', phone_raw = '013877770003', citizen_name = '旧名' where case_id = $1`, [one]);
    expect(await findIdentity(db.pool, one)).toMatchObject({ phone: '13877770003', citizenName: '旧名' });
    await sealIdentities(deps(), life.signal);
    expect(await dump()).not.toMatch(/13877770003|旧名/);
    expect(await findIdentity(db.pool, one)).toMatchObject({ phone: '13877770003', phoneRaw: '013877770003', citizenName: '旧名' });
  });

  it.each(['', 'nokey', 'a:short', `${key('a', 1)},${key('a', 2)}`])('are not sealed with keys such as %j', (text) => {
    expect(() => new Vault(text)).toThrow('HOTLINE_IDENTITY_KEYS');
  });
});
